import { isPlain } from "./printable.ts";

/** What every shell takes as it is. */
const safe = /^[\w@%+=:,./-]+$/;

/**
 * A command to copy into a shell: each word that is not plain stands in single quotes, inside which a shell expands
 * nothing. A word with hidden characters is written out as `$'…'`, which bash and zsh turn back into them.
 *
 * @example shellCommand(["az", "ad", "group", "show", "--group", "ml $(id)"]) // "az ad group show --group 'ml $(id)'"
 */
export function shellCommand(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  if (safe.test(word)) return word;
  if (isPlain(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const bytes = [...Buffer.from(word, "utf8")];
  return `$'${bytes.map((byte) => (/[\w@%+=:,./ -]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`)).join("")}'`;
}
