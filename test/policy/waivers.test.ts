import { describe, expect, test } from "vitest";
import { withGates } from "../../model/plan/gates.ts";
import { noStack } from "../../model/plan/stackPlan.ts";
import { ours, plain } from "../../model/plan/words.ts";
import { formatProblem } from "../../model/text/problems.ts";
import { applyWaivers, readWaivers } from "../../policy/waivers.ts";

const read = (...lines: readonly string[]) => {
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const { waivers, problems } = readWaivers("waivers/dev.yaml", bytes, {
    today: "2026-12-01",
    rules: ["data-lost", "cost"],
  });
  return { waivers, problems: problems.map(formatProblem) };
};
const good = [
  "- rule: data-lost",
  "  target: tenant shop",
  "  who: platform@contoso.com",
  "  why: the shop has closed",
  "  until: 2026-12-01",
];

describe("waivers", () => {
  test("hold to the end of their last day", () => {
    expect(read(...good)).toEqual({
      waivers: [
        {
          rule: "data-lost",
          target: "tenant shop",
          who: "platform@contoso.com",
          why: "the shop has closed",
          until: "2026-12-01",
        },
      ],
      problems: [],
    });
  });

  test("need not be there, nor anything in their file", () => {
    expect(readWaivers("waivers/dev.yaml", undefined, { today: "2026-12-01", rules: [] })).toEqual({
      waivers: [],
      problems: [],
    });
    expect(read("# none at the moment")).toEqual({ waivers: [], problems: [] });
  });

  test("that hold no more, or name no rule, are errors at their place, and the others hold", () => {
    const old = good.map((line) => line.replace("2026-12-01", "2026-11-30").replace("tenant shop", "tenant old"));
    const odd = good.map((line) => line.replace("data-lost", "data-loss"));
    const { waivers, problems } = read(...old, ...odd, ...good);
    expect(waivers).toHaveLength(1);
    expect(problems).toEqual([
      "waivers/dev.yaml:5:10: 'until' is 2026-11-30, and today is 2026-12-01: the waiver holds no more. Remove it, or set another day",
      "waivers/dev.yaml:6:9: no rule is called 'data-loss', did you mean 'data-lost'? there are data-lost, cost (docs/gates.md)",
    ]);
  });

  test("must say who lets it through and why: the lines that a plan proposes are not enough", () => {
    expect(
      read("- rule: cost", "  target: stack", '  who: ""', '  why: ""', "  until: soon", "  for: ever").problems,
    ).toEqual([
      "waivers/dev.yaml:3:8: 'who' is '': an e-mail address is needed: whoever lets it through",
      "waivers/dev.yaml:4:8: 'why' is '': at least 10 characters",
      "waivers/dev.yaml:5:10: 'until' is 'soon': write a date as 2027-03-31",
      "waivers/dev.yaml:6:3: unknown key 'for'; allowed: rule, target, who, why, until",
    ]);
  });

  test("stand once for a rule and a target", () => {
    expect(read(...good, ...good).problems).toEqual([
      "waivers/dev.yaml:6:3: the waiver of line 1 has the same rule and target: remove one",
    ]);
  });

  test("are a list", () => {
    expect(read("rule: cost").problems).toEqual([
      "waivers/dev.yaml:1:1: the file is not a list of waivers: begin each with '- rule: '",
    ]);
  });
});

describe("what a change does to waivers", () => {
  const gatesOf = (base: readonly string[], head: readonly string[]) => {
    const known = { today: "2026-12-01", rules: ["data-lost"] };
    const [before, after] = [base, head].map((lines) => readWaivers("w.yaml", Buffer.from(lines.join("\n")), known));
    if (before === undefined || after === undefined) throw new Error("two sides are needed");
    return applyWaivers({ stack: "dev", findings: [], base: before, head: after, today: known.today });
  };
  const expired = [...good.slice(0, -1), "  until: 2026-11-30"];
  const unknown = ["- rule: no-such", ...good.slice(1)];
  const first = (base: readonly string[], head: readonly string[]) => {
    const { headline, changes } = withGates(
      { ...noStack("dev"), headline: ours("0 tenants changed") },
      gatesOf(base, head),
    );
    return [plain(headline), changes];
  };

  test("is said where it takes away what held no more, or was wrong, too", () => {
    expect(first([...expired, ...unknown], unknown)).toEqual([
      "WAIVERS TO MEND; 1 problem of waivers gone; 0 tenants changed",
      true,
    ]);
    expect(first([...expired, ...unknown], [])).toEqual(["2 problems of waivers gone; 0 tenants changed", true]);
    expect(first(["not: a list"], good)).toEqual([
      "A WAIVER FOR LATER CHANGES (data-lost: tenant shop); 1 problem of waivers gone; 0 tenants changed",
      true,
    ]);
    expect(first(good, [])).toEqual(["1 waiver removed (data-lost: tenant shop); 0 tenants changed", true]);
  });

  test("is nothing where the same stands there, be it wrong or in other lines", () => {
    expect(gatesOf([...good, ...unknown], [...unknown, ...good]).waivers).toEqual({
      added: [],
      removed: [],
      mended: [],
    });
  });
});
