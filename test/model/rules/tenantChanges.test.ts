import { expect, test } from "vitest";
import { changeProblems } from "../../../model/rules/tenantChanges.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";

const after = (kubernetes: string) => ({ name: "ml", kubernetes }) as Tenant;
const judgement = { stack: "dev", handover: {}, locate: () => ({ file: "ml.yaml", line: 3, column: 13 }) };
const messages = (before: string, kubernetes: string) =>
  changeProblems({ kubernetes: before }, after(kubernetes), judgement).map(({ message }) => message);

test.each([
  ["1.34", "1.35"],
  ["1.35", "1.35"],
  ["1.36", "1.37"],
])("a tenant of %s may run %s", (before, kubernetes) => {
  expect(messages(before, kubernetes)).toEqual([]);
});

test.each([
  ["1.35", "1.34", 'a Kubernetes version cannot go down. Write "1.35"'],
  ["1.37", "1.34", 'a Kubernetes version cannot go down. Write "1.37"'],
  ["1.37", "1.36", 'a Kubernetes version cannot go down. Write "1.37"'],
  ["2.0", "1.36", 'a Kubernetes version cannot go down. Write "2.0"'],
  ["1.34", "1.36", 'one minor at a time, "1.35" first'],
  ["1.30", "1.34", 'one minor at a time, "1.31" first, with an earlier release of this program, which knows it'],
  ["1.9", "1.34", 'one minor at a time, "1.10" first, with an earlier release of this program, which knows it'],
])("a tenant of %s may not run %s, whichever of the two this program knows", (before, kubernetes, message) => {
  expect(messages(before, kubernetes)).toEqual([expect.stringContaining(message)]);
});
