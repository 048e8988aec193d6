import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneLine, printable } from "../../../model/text/printable.ts";
import { formatProblem } from "../../../model/text/problems.ts";
import { shellCommand } from "../../../model/text/shell.ts";

describe("a text that is printed", () => {
  test.each([
    ["an escape sequence of a terminal", "\u001b[31mred", "\\u001b[31mred"],
    ["one of eight bits", "\u009b31m", "\\u009b31m"],
    ["a deletion and a return", "a\u007f\r", "a\\u007f\\u000d"],
    ["text that runs backwards", "a\u202eb\u2066", "a\\u202eb\\u2066"],
    ["what has no width", "a\u200b\ufeff\u00ad", "a\\u200b\\ufeff\\u00ad"],
    ["half a character", "a\ud83d", "a\\ud83d"],
    ["a character of two halves that is not seen", "\u{e0041}", "\\udb40\\udc41"],
    ["spaces and line breaks of other kinds", "a\u00a0\u2028\u3000", "a\\u00a0\\u2028\\u3000"],
  ])("shows %s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("is as it is, where it hides nothing: other scripts, signs, two lines", () => {
    expect(printable("Müller 東京 👍\n'x'")).toBe("Müller 東京 👍\n'x'");
    expect(oneLine("a\nb")).toBe("a\\nb");
  });

  test("is still JSON, and means the same, where it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
      }),
    );
  });

  test("is what stands in a problem, its file's name on one line", () => {
    const location = { file: "a\nb\u001b.yaml", line: 1, column: 2 };
    expect(formatProblem({ location, message: "'\u202e'\nnext" })).toBe("a\\nb\\u001b.yaml:1:2: '\\u202e'\nnext");
  });
});

describe("a command to copy into a shell", () => {
  test("has no more quotes than it needs", () => {
    expect(shellCommand(["az", "ad", "user", "show", "--id", "ada@contoso.com"])).toBe(
      "az ad user show --id ada@contoso.com",
    );
    expect(shellCommand(["az", "--group", "ml's $(touch /tmp/x)"])).toBe("az --group 'ml'\\''s $(touch /tmp/x)'");
  });

  test("gives a program just the words that are meant, whatever they are", () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "'", '"', "$", "`", "\\", " ", "\n", "!", "é", "\u001b", "\u202e"),
    });
    const words = fc.array(word, { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(words, (all) => {
        const printed = execFileSync("bash", ["-c", `printf '%s\\0' ${shellCommand(all)}`], { encoding: "utf8" });
        expect(printed.split("\0").slice(0, -1)).toEqual(all);
      }),
      { numRuns: 20 },
    );
  });
});
