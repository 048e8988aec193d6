/**
 * Characters that a reader does not see, or that change what others look like: control characters with the escape of
 * terminals among them (Cc), format characters such as bidirectional overrides and zero-width ones (Cf), lone
 * surrogates (Cs), and every space and line break but the plain ones (Z).
 */
const hidden = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/gu;

/** Writes a character as JSON does, so that JSON stays JSON. */
function escaped(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/**
 * A text as it is printed: what it hides is shown, so that nothing which somebody wrote into a file can colour, move or
 * reorder what a terminal or a web page shows. Its lines stay lines.
 *
 * @example printable("a\u001b[31mb") // "a\\u001b[31mb"
 */
export function printable(text: string): string {
  return text.replace(hidden, (character) => (character === "\n" ? character : escaped(character)));
}

/** The same for what must stay on one line: a value, a key, a file's name, a cell of a table. */
export function oneLine(text: string): string {
  return printable(text.replaceAll("\n", "\\n"));
}

/** True where a text holds nothing that {@link printable} would show otherwise. */
export function isPlain(text: string): boolean {
  return oneLine(text) === text;
}
