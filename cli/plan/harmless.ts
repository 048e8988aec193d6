import type { Value } from "../../model/plan/words.ts";
import { oneLine } from "../../model/text/printable.ts";

/** Most characters of a value in a plan, and of one that is to be read to its end; of a longer one, how long it is. */
const longest = { value: 120, whole: 2000 };

/**
 * A value that somebody wrote, as it can stand anywhere in what is printed: one line, not too long, nothing hidden in it, and
 * nothing that a CI service takes for a command. Source of the last: GitHub's runner takes lines that begin with "::" and
 * "##[" anywhere in a line, Azure Pipelines' agent "##vso[" and "##[".
 */
export function harmless({ value: text, whole = false }: Value): string {
  const most = whole ? longest.whole : longest.value;
  const characters = [...text.slice(0, 4 * most)];
  const cut = characters.length < text.length || characters.length > most;
  const shown = cut ? characters.slice(0, most).join("") : text;
  const inert = oneLine(shown).replaceAll("::", ":\\u003a").replaceAll("##", "#\\u0023");
  return cut ? `${inert}… (${text.length} characters)` : inert;
}
