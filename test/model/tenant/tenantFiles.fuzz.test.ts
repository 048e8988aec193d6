import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { sizes } from "../../../model/tenant/sizes.ts";
import { parseTenant } from "../../../model/tenant/tenantFiles.ts";
import { type Path, parseYaml } from "../../../model/text/yamlSource.ts";

const defaults = { size: "small", kubernetes: "1.35", expose: "internal", sizes } as const;
const parse = (text: string | Uint8Array) =>
  parseTenant("tenants/test/ml.yaml", typeof text === "string" ? new TextEncoder().encode(text) : text, defaults);

/** Words that mean something to the loader, so that arbitrary files come near to real ones. */
const words = [
  "owner",
  "purpose",
  "size",
  "small",
  "access",
  "admins",
  "user",
  "dev@contoso.com",
  "kubernetes",
  "1.36",
  "expose",
  "__proto__",
];
const punctuation = [
  ": ",
  "- ",
  "\n",
  "\n  ",
  "[",
  "]",
  "{",
  "}",
  ",",
  "'",
  '"',
  "#",
  "&a",
  "*a",
  "!!set",
  "? ",
  "|",
  ">",
  "---",
  "\t",
  "<<",
];

describe("whatever the bytes of a tenant file are", () => {
  /** There is a tenant, or there is a problem; and every problem stands somewhere and says something. */
  const holds = (bytes: Uint8Array | string) => {
    const { tenant, problems } = parse(bytes);
    expect(tenant !== undefined || problems.length > 0).toBe(true);
    for (const { location, message } of problems) {
      expect(location.line >= 1 && location.column >= 1).toBe(true);
      expect(message).not.toMatch(/Error:|undefined|\bat .*\.(ts|js):/);
    }
  };

  test("the loader neither crashes nor stays silent", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), holds), { numRuns: 500 });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), holds), { numRuns: 500 });
  });

  test("so it is with text that looks like YAML, and with any YAML value", () => {
    const pieces = fc
      .array(fc.constantFrom(...words, ...punctuation), { maxLength: 60 })
      .map((parts) => parts.join(""));
    fc.assert(fc.property(pieces, holds), { numRuns: 1000 });
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        holds(stringify({ owner: "team@contoso.com", purpose: "a test", access: value })),
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ["16,000 brackets", "[".repeat(16_000)],
    ["4,000 mappings in one another", "{a: ".repeat(4_000)],
    ["1,900 keys", Array.from({ length: 1_900 }, (_, i) => `k${i}: 1`).join("\n")],
    [
      "aliases that would grow without end",
      `a: &a [x,x]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*a,*a]`).join("\n")}`,
    ],
    ["a file of 10 MB", "a".repeat(10_000_000)],
  ])("%s are refused without much ado: in seconds of the processor, however busy it is otherwise", (_, text) => {
    const began = process.cpuUsage();
    expect(parse(text).problems.length).toBeGreaterThan(0);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
  });
});

test.each([
  [
    "a byte order mark",
    [0xef, 0xbb, 0xbf, 0x61],
    "the file begins with a byte order mark; save it as UTF-8 without one",
  ],
  ["bytes that are not UTF-8", [0x61, 0xff, 0xfe], "the file is not UTF-8 text; save it in that encoding"],
])("a file with %s is refused", (_, bytes, message) => {
  expect(parse(new Uint8Array(bytes)).problems).toEqual([
    { location: { file: "tenants/test/ml.yaml", line: 1, column: 1 }, message },
  ]);
});

test("a file with an anchor or an alias is refused once, with the lines of all of them", () => {
  const { problems } = parse("owner: &o team@contoso.com\npurpose: *o\n");
  expect(problems.map(({ location, message }) => [location.line, location.column, message])).toEqual([
    [
      1,
      11,
      "anchors (&) and aliases (*) are not used here; write the value out where it is needed (here, and in line 2)",
    ],
  ]);
});

test("every part of a YAML document is found where it was written", () => {
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.integer(),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("node"), { maxKeys: 3 }),
      fc.array(tie("node"), { maxLength: 3 }),
    ),
  })).node;
  function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
    if (typeof value !== "object" || value === null) return yield path;
    for (const [key, child] of Object.entries(value))
      yield* pathsOf(child, [...path, Array.isArray(value) ? Number(key) : key]);
  }
  fc.assert(
    fc.property(tree, (value) => {
      const text = stringify({ root: value });
      const source = parseYaml("f", text);
      for (const path of pathsOf({ root: value })) {
        const { line, column } = source.locate(path);
        const expected = path.reduce<unknown>((part, step) => (part as Record<string | number, unknown>)[step], {
          root: value,
        });
        expect(text.split("\n")[line - 1]?.slice(column - 1)).toMatch(new RegExp(`^${String(expected)}`));
      }
    }),
    { numRuns: 200 },
  );
});
