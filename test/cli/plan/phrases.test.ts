import { expect, test } from "vitest";
import { billWords } from "../../../cli/plan/amounts.ts";
import { beyondLines } from "../../../cli/plan/phrases.ts";
import { plain } from "../../../model/plan/words.ts";

const bill = (before: number, after: number) =>
  plain(
    billWords({
      currency: "EUR",
      source: "an invented list",
      date: "2026-11-01",
      before: { amount: before, atLeast: false },
      after: { amount: after, atLeast: true },
      unknown: [],
    }),
  );

test("a bill that changes by cents alone is told with them, and any other without", () => {
  const end = "; prices of 2026-11-01 from an invented list";
  const start = "an estimate, without what workloads store or send: ";
  expect(bill(1133, 1133.4)).toBe(`${start}€1,133.00 -> at least €1,133.40 a month (+€0.40)${end}`);
  expect(bill(1133, 1134.4)).toBe(`${start}€1,133 -> at least €1,134 a month (+€1.40)${end}`);
  expect(bill(1133.4, 1133.4)).toBe(`${start}at least €1,133 a month, as before${end}`);
});

test("a role that a deployment gives beyond its plan is told with whose it is", () => {
  const change = { op: "create", kind: "RoleAssignment", name: "ml-host-role-1111", values: [] } as const;
  const meaning = ["Azure Kubernetes Service RBAC Admin"];
  expect(beyondLines([{ tenant: "ml", change: { ...change, meaning } }]).map(plain)).toEqual([
    "tenant ml: + RoleAssignment ml-host-role-1111: Azure Kubernetes Service RBAC Admin",
  ]);
});
