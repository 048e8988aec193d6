import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { Location, Problem } from "./problems.ts";
import { type SyntaxProblem, syntaxProblem } from "./yamlSyntax.ts";

/** A path into a YAML document: keys of mappings and indexes of sequences. */
export type Path = readonly (string | number)[];

/** A parsed YAML text that remembers where everything stands in it. */
export interface YamlSource {
  readonly file: string;
  /** The plain value, or undefined where the text could not be parsed. */
  readonly value: unknown;
  /** The first syntax error, in the words of this program. */
  readonly problems: readonly Problem[];
  /** True where something is written at `path`. */
  has(path: Path): boolean;
  /** The position of the value at `path`, or of the nearest ancestor that is there. */
  locate(path: Path): Location;
  /** The position of the key itself: what an unknown or misplaced key is reported at. */
  locateKey(path: Path): Location;
}

/** Most bytes that a file may have: far more than anyone writes, and parsed in no time. */
export const maxBytes = 16 * 1024;

/**
 * Reads a file's bytes as one YAML 1.2 document with unique keys. Whatever is wrong becomes a problem with its position,
 * never an exception: bytes that are not UTF-8, a byte order mark, a file too large, a syntax error, an anchor or alias.
 */
export function readYaml(file: string, bytes: Uint8Array, limit = maxBytes): YamlSource {
  const text = decode(bytes, limit);
  return "refusal" in text ? failed(file, [text.refusal]) : parseYaml(file, text.text);
}

function decode(bytes: Uint8Array, limit: number): { text: string } | { refusal: string } {
  if (bytes.length > limit) return { refusal: `the file has ${bytes.length} bytes; at most ${limit} are read` };
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { refusal: "the file begins with a byte order mark; save it as UTF-8 without one" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { refusal: "the file is not UTF-8 text; save it in that encoding" };
  }
}

/** Parses YAML 1.2 with unique keys; a syntax error becomes a problem with its position, never an exception. */
export function parseYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: "error",
    });
    return sourceOf(file, text, document, lines);
  } catch (error) {
    // The parser walks nested brackets by recursion.
    if (error instanceof RangeError) return failed(file, ["not valid YAML: it is nested too deeply"]);
    throw error;
  }
}

function failed(file: string, messages: readonly string[]): YamlSource {
  const start = { file, line: 1, column: 1 };
  const problems = messages.map((message) => ({ location: start, message }));
  return { file, value: undefined, problems, has: () => false, locate: () => start, locateKey: () => start };
}

function sourceOf(file: string, text: string, document: Document, lines: LineCounter): YamlSource {
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = syntaxProblem(text, lines, document);
  const found = syntax === undefined ? sharedNodes(document, (offset) => at(offset).line) : [syntax];
  const problems = found.map(({ offset, message }) => ({ location: at(offset), message }));
  return {
    file,
    value: problems.length === 0 ? document.toJS() : undefined,
    problems,
    has: (path) => document.hasIn(path),
    locate: (path) => at(offsetOf(document, path, false)),
    locateKey: (path) => at(offsetOf(document, path, true)),
  };
}

const noSharing = "anchors (&) and aliases (*) are not used here; write the value out where it is needed";
const noMerging = "merge keys (<<) are not used here; write the values out where they are needed";

/** Where the document names a part to use it again, or uses one: the first of each kind, with the lines of all. */
function sharedNodes(document: Document, lineOf: (offset: number) => number): SyntaxProblem[] {
  const found = new Map<string, number[]>();
  const note = (message: string, offset: number) => found.set(message, [...(found.get(message) ?? []), offset]);
  visit(document, {
    Node: (key, node) => {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node) || (node as { anchor?: string }).anchor !== undefined) note(noSharing, offset);
      if (key === "key" && isScalar(node) && node.value === "<<") note(noMerging, offset);
    },
  });
  return [...found].map(([message, [offset = 0, ...others]]) => {
    const lines = [...new Set(others.map(lineOf))].filter((line) => line !== lineOf(offset));
    const also = lines.length === 0 ? "" : ` (here, and in line ${listed(lines)})`;
    return { offset, message: `${message}${also}` };
  });
}

/** "4, 5, 6 and 58 more" */
function listed(lines: readonly number[]): string {
  const more = lines.length > 5 ? ` and ${lines.length - 5} more` : "";
  return `${lines.slice(0, 5).join(", ")}${more}`;
}

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
