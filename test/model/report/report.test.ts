import { describe, expect, test } from "vitest";
import type { Side } from "../../../model/plan/stackPlan.ts";
import { plain } from "../../../model/plan/words.ts";
import { barGroups } from "../../../model/report/bars.ts";
import { stackReport } from "../../../model/report/stackReport.ts";
import { prices, reportOf, sideOf, today } from "../../support/pages.ts";

const user = (id: string) => ({ type: "User" as const, id });
const access = (lists: object) => ({ admins: [], developers: [], viewers: [], ...lists });

describe("the room of a stack", () => {
  const bars = (...args: Parameters<typeof sideOf>) =>
    barGroups(reportOf(sideOf(...args)).room).flatMap(({ whose, bars: some }) =>
      some.map((bar) => ({ name: `${bar.what} ${whose}`, ...bar })),
    );
  const bar = (name: string, ...args: Parameters<typeof sideOf>) => bars(...args).find((one) => one.name === name);

  test("is what the nodes bring: what the system keeps, what each tenant takes, and what is left", () => {
    expect(bar("CPU for all that tenants may request", { a: {}, b: { size: "large" } })).toEqual({
      name: "CPU for all that tenants may request",
      what: "CPU",
      unit: "m",
      capacity: 24_000,
      end: 24_000,
      left: 12_880,
      soft: true,
      segments: [
        { kind: "reserved", from: 0, to: 1380 },
        { kind: "tenant", tenant: "a", from: 1380, to: 3100 },
        { kind: "tenant", tenant: "b", from: 3100, to: 11_120 },
        { kind: "left", from: 11_120, to: 24_000 },
      ],
    });
  });

  test("ends behind what there is where more is promised", () => {
    const many = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { size: "large" }]));
    const { capacity, end, left, soft, segments } = bar("CPU for all that tenants may request", many) ?? {};
    expect({ capacity, end, left, soft, last: segments?.at(-1)?.tenant }).toEqual({
      capacity: 24_000,
      end: 33_460,
      left: -9460,
      soft: true,
      last: "d",
    });
  });

  test("has what is nobody's, such as the nodes' own addresses and the administrators' roles", () => {
    const one = { a: { hostRole: "writer" as const, access: access({ admins: [user("ada@contoso.com")] }) } };
    expect(bar("role assignments in Azure", one)?.segments).toEqual([
      { kind: "shared", from: 0, to: 2 },
      { kind: "tenant", tenant: "a", from: 2, to: 3 },
      { kind: "left", from: 3, to: 4000 },
    ]);
  });

  test("is not told where a tenant's file is not right, or the nodes are not known", () => {
    expect(stackReport({ stack: "test", side: { ...sideOf({}), unread: ["b"] }, errors: [], today }).room).toEqual([]);
    expect(bars({}, { azure: undefined, existingCluster: { name: "kind" } })).toEqual([]);
  });
});

describe("what is told of a tenant", () => {
  const tenant = (...[fields, settings]: [object, object?]) => {
    const [one] = reportOf(sideOf({ a: fields }, { ...settings })).tenants;
    if (one === undefined) throw new Error("no tenant");
    return one;
  };

  test("is what the disk costs that it began with, where it has another size now", () => {
    const side = (size: "small" | "medium") => sideOf({ a: { size } }, { prices });
    const told = (before?: Side) => {
      const { bill, tenants } = stackReport({ stack: "test", side: side("medium"), before, errors: [], today });
      return [bill?.sum.amount, tenants[0]?.cost?.own.amount];
    };
    expect(told()).toEqual([1009.4, 1]);
    expect(told(side("small"))).toEqual([1008.9, 0.5]);
  });

  test("is who can really do what, by the name that a file gives", () => {
    const id = "6f0c2d1e-5b7a-4c0e-9a61-2f1d9b3c7e01";
    const lists = access({
      admins: [{ type: "Group", id }],
      developers: [user("dev@contoso.com"), { type: "Group", id }],
      viewers: [user("eve@contoso.com")],
    });
    expect(tenant({ hostRole: "writer", access: lists }, { labels: { [id]: "ml-leads" } }).people).toEqual([
      {
        who: `group ${id} ("ml-leads" in a file)`,
        list: "admins",
        inside: "cluster-admin by hostRole writer",
        host: "Azure Kubernetes Service RBAC Writer",
        more: false,
      },
      {
        who: "user dev@contoso.com",
        list: "developers",
        inside: "cluster-admin by hostRole writer",
        host: "Azure Kubernetes Service RBAC Writer",
        more: true,
      },
      { who: "user eve@contoso.com", list: "viewers", inside: "none (unreachable)", host: "none", more: false },
    ]);
  });

  test.each([
    ["1.34", "1.34.0", "supported", "fixes until 2026-10-27"],
    ["1.36", "1.36.0", "supported", "fixes until 2027-06-28"],
  ])("is Kubernetes %s with the end of its fixes", (kubernetes, version, standing, words) => {
    const told = tenant({ kubernetes }).kubernetes;
    expect({ ...told, words: plain(told.words) }).toEqual({ version, standing, words });
  });

  test.each([
    ["2026-08-20", "ended"],
    ["2026-08-21", "ending"],
    ["2026-09-20", "ending"],
    ["2026-09-21", "supported"],
  ])("is that it expires on %s: %s", (expires, standing) => {
    expect(tenant({ expires }).expiry).toEqual({ date: expires, standing });
  });

  test("is what it costs, and of prices that are not set nothing", () => {
    expect(tenant({}).cost).toBeUndefined();
    expect(tenant({ expose: "public", allowedCidrs: ["203.0.113.0/24"] }, { prices }).cost?.own).toEqual({
      amount: 0.5,
      atLeast: true,
    });
    const { bill } = reportOf(sideOf({ a: {} }, { prices }));
    expect(bill).toEqual({
      currency: "USD",
      source: "an invented list",
      date: "2026-08-01",
      sum: { amount: 1008.9, atLeast: false },
      unknown: [],
    });
  });

  test("is what is said of its file, and of no other", () => {
    const at = (name: string) => ({
      location: { file: `tenants/test/${name}.yaml`, line: 1, column: 1 },
      message: name,
    });
    const side = { ...sideOf({ a: {}, b: {} }), warnings: [at("a"), at("b"), at("ab")] };
    const { tenants } = stackReport({ stack: "test", side, errors: [], today });
    expect(tenants.map(({ problems }) => problems.map(({ message }) => message))).toEqual([["a"], ["b"]]);
  });
});

test("the host says where each of its versions stands", () => {
  const { host } = stackReport({ stack: "test", side: sideOf({}), errors: [], today: "2027-02-01" });
  const versions = host?.facts.filter(({ standing }) => standing !== undefined);
  expect(versions?.map(({ what, words, standing }) => [what, plain(words), standing])).toEqual([
    ["Kubernetes", "1.35: support of AKS until 2027-03-31", "ending"],
    [
      "vCluster chart",
      "0.36.1: fixes of line 0.36 ended on 2026-10-22; critical security fixes ended on 2027-01-22",
      "ended",
    ],
  ]);
});
