import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { Location, Problem } from "./problems.ts";

/** A path into a YAML document: keys of mappings and indexes of sequences. */
export type Path = readonly (string | number)[];

/** A parsed YAML text that remembers where everything stands in it. */
export interface YamlSource {
  readonly file: string;
  /** The plain value, or undefined where the text could not be parsed. */
  readonly value: unknown;
  /** The first syntax error, in the words of this program. */
  readonly problems: readonly Problem[];
  /** The position of the value at `path`, or of the nearest ancestor that is there. */
  locate(path: Path): Location;
  /** The position of the key itself: what an unknown or misplaced key is reported at. */
  locateKey(path: Path): Location;
}

/** Parses YAML 1.2 with unique keys; a syntax error becomes a problem with its position, never an exception. */
export function parseYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // The parser goes on after an error, and then mostly finds its consequences: the first one is the cause.
  const problems = document.errors.slice(0, 1).map((error) => ({
    location: at(error.pos[0]),
    message: `not valid YAML: ${syntaxMessages[error.code] ?? "it cannot be parsed here; check quotes, colons and indentation"}`,
  }));
  const locate = (path: Path, key: boolean): Location => at(offsetOf(document, path, key));
  return {
    file,
    value: problems.length === 0 ? document.toJS() : undefined,
    problems,
    locate: (path) => locate(path, false),
    locateKey: (path) => locate(path, true),
  };
}

/** The parser's error codes in words for the person who wrote the file. */
const syntaxMessages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands twice; remove one",
  TAB_AS_INDENT: "a tab is used for indentation; use spaces",
  MULTIPLE_DOCS: "a second document begins here; one file is one document",
  BAD_INDENT: "the indentation does not fit the lines above",
  MISSING_CHAR: "a quote, bracket or comma is missing",
  BLOCK_AS_IMPLICIT_KEY: "a mapping cannot begin here; put it on a line of its own",
  BAD_ALIAS: "an alias stands here that names no anchor",
};

function offsetOf(document: Document, path: Path, key: boolean): number {
  let node: Node | null = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return offset;
      const last = index === path.length - 1;
      const keyOffset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
      offset = last && key ? keyOffset : (node?.range?.[0] ?? keyOffset);
    } else if (node !== null && "items" in node) {
      node = (node.items as (Node | null)[])[Number(step)] ?? null;
      offset = node?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
