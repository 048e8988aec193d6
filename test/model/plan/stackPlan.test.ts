import { describe, expect, test } from "vitest";
import { tenantHeading } from "../../../cli/plan/phrases.ts";
import { type Side, stackPlan } from "../../../model/plan/stackPlan.ts";
import { plain } from "../../../model/plan/words.ts";
import type { Principal } from "../../../model/tenant/principals.ts";
import { type Files, prices, sideOf } from "../../support/pages.ts";

const planOf = (before: Side, after: Side) => stackPlan({ stack: "test", before, after, failures: [] });
const user = (id: string): Principal => ({ type: "User", id: `${id}@contoso.com` });
const access = (admins: Principal[], developers: Principal[] = []) => ({ admins, developers, viewers: [] });

/** What is told of the fields of tenant a. */
function fields(before: Files, after: Files) {
  const [tenant] = planOf(sideOf(before), sideOf(after)).tenants;
  return tenant?.fields.map(({ path, from, to, consequences }) => [path, from, to, ...consequences.map(plain)]);
}

describe("the fields of a tenant that differ", () => {
  test("have who comes to a list and who leaves it, whatever else is told of them", () => {
    const [dev, dora] = [user("dev"), user("dora")];
    const lists = (admins: Principal[], developers: Principal[]): Files => ({
      a: { expose: "internal", access: access(admins, developers) },
    });
    expect(fields(lists([dev], []), lists([dora], [dev]))).toEqual([
      ["access.admins", undefined, undefined, "added: user dora@contoso.com", "removed: user dev@contoso.com"],
      ["access.developers", undefined, undefined, "added: user dev@contoso.com"],
    ]);
  });

  test("have a new owner to the end: a long address could be taken for another's", () => {
    const owner = `ann@contoso.com.${"x".repeat(150)}.example`;
    const [tenant] = planOf(sideOf({ a: {} }), sideOf({ a: { owner } })).tenants;
    expect(tenant?.fields[0]?.consequences).toEqual([
      [{ value: owner, whole: true }, " gets its virtual cluster, its data and its Secrets"],
    ]);
    if (tenant !== undefined) expect(tenantHeading(tenant)).toContainEqual({ value: owner, whole: true });
  });

  test("have ranges once, where they are written, and each of them where the value would be cut", () => {
    const open = (count: number): Files => ({
      a: { expose: "public", allowedCidrs: Array.from({ length: count }, (_, i) => `10.0.${i}.0/24`) },
    });
    const told = (before: Files, after: Files, path: string) =>
      fields(before, after)?.find(([field]) => field === path);
    expect(told({ a: {} }, open(1), "expose")).toEqual([
      ...["expose", "none", "public", "a public address, for allowedCidrs alone"],
      "its address changes: kubeconfigs have to be fetched again",
    ]);
    expect(told({ a: {} }, open(1), "allowedCidrs")).toEqual(["allowedCidrs", "none", "10.0.0.0/24"]);
    expect(told({ a: {} }, open(7), "allowedCidrs")?.slice(3)).toEqual([
      "added: 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24 and 10.0.6.0/24",
    ]);
    const internal: Files = { a: { ...open(1).a, expose: "internal" } };
    expect(told(internal, open(1), "expose")?.[3]).toBe("a public address, for 10.0.0.0/24");
  });
});

describe("the first line", () => {
  const first = (before: Side, after: Side) => plain(planOf(before, after).headline);

  test("counts who gets into a new tenant that gives them a role on the host: nobody who cannot reach it", () => {
    const leads: Principal = { type: "Group", id: "leads" };
    const made = (hostRole: "none" | "reader" | "admin") =>
      first(
        sideOf({}),
        sideOf({ a: { hostRole, access: { ...access([user("ada")], [leads]), viewers: [user("eve")] } } }),
      );
    const [start, end] = ["1 tenant created (a), 0 changed, 0 untouched; ", "nothing restarts"];
    expect(made("none")).toBe(`${start}${end}`);
    expect(made("reader")).toBe(`${start}1 person and 1 group with access, 2 as reader on the host (a); ${end}`);
    expect(made("admin")).toBe(`${start}1 person and 1 group with access, 2 as admin on the host (a); ${end}`);
  });

  test("has no cost for a resize, whose disk stays, and one for a new tenant", () => {
    const side = (files: Files) => sideOf(files, { prices });
    expect(first(side({ a: {} }), side({ a: { size: "medium" } }))).toBe(
      "1 tenant changed (a), 0 untouched; nothing restarts",
    );
    expect(first(side({}), side({ a: { size: "medium" } }))).toBe(
      "1 tenant created (a), 0 changed, 0 untouched; +US$1 a month; nothing restarts",
    );
  });

  test("has what was changed of settings that rules refuse", () => {
    const { settings, ...rest } = sideOf({});
    if (settings === undefined) throw new Error("settings are needed");
    const plan = planOf({ ...rest, settings }, { ...rest, written: { ...settings, protect: false } });
    expect(plain(plan.headline)).toBe(
      "PROTECTION OFF; 0 tenants changed, 0 untouched; 1 setting changed; nothing restarts",
    );
    expect(plan.settings.map(({ path, from, to }) => [path, from, to])).toEqual([["protect", "true", "false"]]);
    expect(planOf({ ...rest, settings }, rest).settings).toEqual([]);
  });
});

test("administrators of the cluster who come are told to the end, however many there are", () => {
  const { settings, ...rest } = sideOf({});
  if (settings?.azure === undefined) throw new Error("a stack of Azure is needed");
  const { azure } = settings;
  const side = (clusterAdmins: Principal[]) => ({
    ...rest,
    settings: { ...settings, azure: { ...azure, clusterAdmins } },
  });
  const many = Array.from({ length: 9 }, (_, i) => user(`admin${i}`));
  const [change] = planOf(side(many), side([...many.slice(1), user("eve")])).settings;
  expect(change?.consequences.map(plain)).toEqual(["added: user eve@contoso.com", "removed: user admin0@contoso.com"]);
});
