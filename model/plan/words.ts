/** A part of a sentence: ours as it is, or a value that somebody wrote, which every printer has to make harmless. */
export type Part = string | Value;

/** A value that somebody wrote. */
export interface Value {
  readonly value: string;
  /** True for what must be read to its end, such as an error; other values are cut where they are long. */
  readonly whole?: boolean;
}

/** A sentence, with what people wrote in it kept apart from what this program says. */
export type Words = readonly Part[];

/**
 * Makes a sentence. A text that is put in is a value, which somebody may have written; numbers and other sentences are ours.
 *
 * @example say`${"payments"} is created` // [{ value: "payments" }, " is created"]
 */
export function say(strings: TemplateStringsArray, ...parts: readonly (string | number | Words)[]): Words {
  return strings.flatMap((text, i): Words => {
    const part = parts[i];
    const said: Words =
      part === undefined
        ? []
        : typeof part === "number"
          ? [String(part)]
          : typeof part === "string"
            ? [{ value: part }]
            : part;
    return text === "" ? said : [text, ...said];
  });
}

/** A sentence of ours, in which nothing is anybody else's. */
export function ours(text: string): Words {
  return text === "" ? [] : [text];
}

/** Something that is read to its end: cut, it could be taken for another. */
export function toTheEnd(text: string): Words {
  return [{ value: text, whole: true }];
}

/** Sentences one after the other. */
export function join(sentences: readonly Words[], between: string): Words {
  return sentences.flatMap((words, i) => (i === 0 ? words : [between, ...words]));
}

/** Values as a list: "a, b and c"; of many only the first, and how many more there are. */
export function list(values: readonly (string | Value)[], most = 5): Words {
  const shown = values.length <= most ? values : values.slice(0, most - 1);
  const more = values.length - shown.length;
  const items: Words[] = [
    ...shown.map((value): Words => [typeof value === "string" ? { value } : value]),
    ...(more > 0 ? [ours(`${more} more`)] : []),
  ];
  const last = items.length - 1;
  return items.flatMap((words, i) => (i === 0 ? words : [i === last ? " and " : ", ", ...words]));
}

/** "1 tenant", "2 tenants", "2 policies". */
export function counted(count: number, one: string, many = pluralOf(one)): string {
  return `${count} ${count === 1 ? one : many}`;
}

function pluralOf(one: string): string {
  return /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;
}

/** A sentence as plain text; whoever prints it must still make it harmless. */
export function plain(words: Words): string {
  return words.map((part) => (typeof part === "string" ? part : part.value)).join("");
}
