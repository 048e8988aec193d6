import { describe, expect, test } from "vitest";
import { harmless } from "../../../cli/plan/harmless.ts";
import { listPeople, personText } from "../../../model/plan/people.ts";
import type { Principal } from "../../../model/tenant/principals.ts";
import { isObjectId, principalSchema } from "../../../model/tenant/principals.ts";

const [ann, eve] = ["2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02", "11111111-2222-4333-8444-555555555556"];
const named = (label: string, principal: Principal = { type: "User", id: eve }) =>
  personText(principal, new Map([[eve, label]]));
const printed = (people: readonly string[]) =>
  listPeople(people)
    .map((part) => (typeof part === "string" ? part : harmless(part)))
    .join("");

describe("somebody in a plan", () => {
  test("is their object id first, and what a file calls them is told as its word", () => {
    expect(named("ml-leads", { type: "Group", id: eve })).toBe(
      'group 11111111-2222-4333-8444-555555555556 ("ml-leads" in a file)',
    );
    expect(named("x", { type: "User", id: "dev@contoso.com" })).toBe("user dev@contoso.com");
  });

  test("is not taken for somebody else, whatever a file calls them", () => {
    const label = `ann@acme.example (${ann})`;
    expect(printed([named(label)])).toBe(
      'user 11111111-2222-4333-8444-555555555556 ("ann@acme.example (2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02)" in a file)',
    );
    expect(printed([named(`" in a file), user ${ann} ("ann`)])).toBe(
      'user 11111111-2222-4333-8444-555555555556 ("\\" in a file), user 2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02 (\\"ann" in a file)',
    );
  });

  test("is told to the end, and quoted where their name could be read as more than a name", () => {
    const group = (id: string) => personText({ type: "Group", id }, new Map());
    expect(group(`${ann} ("ann" in a file)`)).toBe(
      'group "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02 (\\"ann\\" in a file)"',
    );
    expect(group("a, user b")).toBe('group "a, user b"');
    expect(printed([group(`leads${" ".repeat(200)}x`)])).toBe(`group "leads${" ".repeat(200)}x"`);
  });

  test("is named among fifty, and of more there is how many", () => {
    const many = (count: number) => printed(Array.from({ length: count }, (_, i) => `user u${i}`));
    expect(many(50)).toMatch(/^user u0, .*, user u48 and user u49$/);
    expect(many(51)).toMatch(/user u48 and 2 more$/);
  });
});

describe("what a file calls somebody", () => {
  const problems = (name: string) => principalSchema.safeParse({ user: eve, name }).error?.issues ?? [];

  test("is one short line", () => {
    expect(isObjectId(eve)).toBe(true);
    expect(problems("x".repeat(60))).toEqual([]);
    expect(problems(` ${"x".repeat(60)} `)).toEqual([]);
    expect(problems("x".repeat(61))).toHaveLength(1);
    expect(problems("a\nb")).toHaveLength(1);
    expect(problems("a\u001b[2Jb")).toHaveLength(1);
    expect(problems("  ")).toHaveLength(1);
  });
});
