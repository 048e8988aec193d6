import { type Document, isScalar, type LineCounter, visit, type YAMLError } from "yaml";
import { oneLine } from "./printable.ts";

/** What is wrong with a text that is no YAML, and where in it. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

interface Text {
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document;
}

/**
 * The first syntax error in the words of this program, at the place where the mistake is: the parser goes on after an
 * error, and then mostly finds its consequences.
 */
export function syntaxProblem(text: string, lines: LineCounter, document: Document): SyntaxProblem | undefined {
  const [error, next] = [...document.errors, ...document.warnings];
  if (error === undefined) return undefined;
  const { offset, message } =
    oddSpaceNear(error, text, lines) ?? explain(error, next, { text, lines, document }) ?? plain(error);
  return { offset, message: `not valid YAML: ${message}` };
}

/** The parser's error codes in words for the person who wrote the file. */
const messages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab is used for indentation; use spaces",
  MULTIPLE_DOCS: "a second document begins here; one file is one document",
  BLOCK_AS_IMPLICIT_KEY: "a mapping or list cannot begin here; put it on a line of its own",
  MISSING_CHAR: "a quote, bracket or comma is missing",
  TAG_RESOLVE_FAILED: "tags (!) are not used here; write the plain value",
  BAD_ALIAS: "an alias stands here that names no anchor",
};

const badIndent = "the indentation does not fit the lines above";

function plain({ code, pos }: YAMLError): SyntaxProblem {
  const message = messages[code] ?? "it cannot be parsed here; check quotes, colons and indentation";
  return { offset: pos[0], message };
}

/** What more can be said of some errors than their code does. */
function explain(error: YAMLError, next: YAMLError | undefined, source: Text): SyntaxProblem | undefined {
  const { text, lines } = source;
  const [offset] = error.pos;
  switch (error.code) {
    case "DUPLICATE_KEY": {
      const [key = ""] = /^[^:\r\n]*/.exec(text.slice(offset)) ?? [];
      return { offset, message: `the key '${oneLine(key.trim())}' stands twice; remove one` };
    }
    case "BLOCK_AS_IMPLICIT_KEY": {
      // The line below was taken for a part of this one's value.
      if (next?.code === "MULTILINE_IMPLICIT_KEY" && next.pos[0] === offset) {
        return { offset: indentation(next.pos[1], text, lines), message: badIndent };
      }
      if (error.message.includes("sequence")) return { offset: indentation(offset, text, lines), message: badIndent };
      return error.message.includes("compact mappings") ? unquoted(offset, text) : undefined;
    }
    case "BAD_INDENT": {
      const [, bracket] = /end with a (.)/.exec(error.message) ?? [];
      if (bracket === undefined) return { offset: indentation(offset, text, lines), message: badIndent };
      return { offset, message: `a bracket that was opened before is not closed here: '${bracket}' is missing` };
    }
    case "MULTILINE_IMPLICIT_KEY":
      return noKey(offset, text);
    case "MISSING_CHAR":
      if (error.message.includes("followed by map values")) return noKey(offset, text);
      if (error.message.includes("indicator")) return { offset: indentation(offset, text, lines), message: badIndent };
      return error.message.includes("closing") ? openQuote(offset, source) : undefined;
    case "BAD_SCALAR_START":
      return {
        offset,
        message: `a value cannot begin with '${oneLine(text.slice(offset, offset + 1))}' unless it is in quotes`,
      };
    default:
      return undefined;
  }
}

function noKey(offset: number, text: string): SyntaxProblem {
  const entry = text.startsWith("-", offset);
  const message = entry
    ? "an entry of a list stands where a key should be"
    : "a key needs a colon and a space after it";
  return { offset, message };
}

/** A value with ": " in it, which YAML takes for a mapping. */
function unquoted(offset: number, text: string): SyntaxProblem | undefined {
  const [value = ""] = /^[^\r\n]*/.exec(text.slice(offset)) ?? [];
  const quote = value.includes('"') ? "'" : '"';
  if (!value.includes(": ") || value.includes("'")) return undefined;
  const shown = value.trim().length > 60 ? "" : `: ${quote}${oneLine(value.trim())}${quote}`;
  return { offset, message: `a value with ': ' in it must stand in quotes${shown}` };
}

/** Where a quoted value begins that does not end. */
function openQuote(end: number, { document }: Text): SyntaxProblem | undefined {
  let begin: number | undefined;
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && node.type?.startsWith("QUOTE") && (node.range?.[1] ?? -1) >= end) begin = node.range?.[0];
    },
  });
  return begin === undefined ? undefined : { offset: begin, message: "the quote that begins here does not end" };
}

/** Where the first character of a line stands that is no space. */
function indentation(offset: number, text: string, lines: LineCounter): number {
  const begin = offset - lines.linePos(offset).col + 1;
  return begin + (/^ */.exec(text.slice(begin))?.[0].length ?? 0);
}

/** Spaces that look like one and are none to YAML, or are not seen at all. */
const oddSpace = /(?![ \n\r\t])[\p{Z}\p{Cf}]/u;

/** "a no-break space (U+00A0)" where there is one in a text, or another space that is none. */
export function nameOddSpace(text: string): string | undefined {
  const [character] = oddSpace.exec(text) ?? [];
  if (character === undefined) return undefined;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const name = code === "00A0" ? "a no-break space" : "an unusual space or invisible character";
  return `${name} (U+${code})`;
}

/** Such a space in the lines that an error is about: it is the cause then. */
function oddSpaceNear({ pos }: YAMLError, text: string, lines: LineCounter): SyntaxProblem | undefined {
  const begin = pos[0] - lines.linePos(pos[0]).col + 1;
  const [line = ""] = /^[^\r\n]*/.exec(text.slice(begin)) ?? [];
  const at = line.search(oddSpace);
  if (at < 0) return undefined;
  return { offset: begin + at, message: `${nameOddSpace(line)} stands here; write a plain space` };
}
