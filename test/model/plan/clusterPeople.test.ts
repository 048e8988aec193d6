import { describe, expect, test } from "vitest";
import { clusterPeopleLines } from "../../../cli/plan/clusterPeople.ts";
import { clusterGrantName, clusterGrantOf } from "../../../model/access/roles.ts";
import { clusterPeople, isPersonal } from "../../../model/plan/clusterPeople.ts";
import type { Side } from "../../../model/plan/stackPlan.ts";
import type { Op, Step } from "../../../model/plan/steps.ts";
import { plain } from "../../../model/plan/words.ts";
import type { Principal, PrincipalType } from "../../../model/tenant/principals.ts";
import { sideOf } from "../../support/pages.ts";

const [one, two, three] = [1, 2, 3].map((i) => `${i}`.repeat(8).concat("-2222-4333-8444-555555555555")) as [
  string,
  string,
  string,
];
const person = (id: string, type: PrincipalType = "User"): Principal => ({ type, id });

const root = person("root@contoso.com");

/** A stack with a tenant that lets some people onto the host, and some administrators of it. */
function side(admins: Principal[], clusterAdmins: Principal[] = [root]): Side {
  const { settings, ...rest } = sideOf({ a: { hostRole: "reader", access: { admins, developers: [], viewers: [] } } });
  if (settings?.azure === undefined) throw new Error("a stack of Azure is needed");
  return { ...rest, settings: { ...settings, azure: { ...settings.azure, clusterAdmins } } };
}

function grant(op: Op, objectId: string, role: "user" | "admin" = "user", type: PrincipalType = "User"): Step {
  const name = `platform-access-${role}-${objectId}`;
  const resource = {
    urn: name,
    type: "azure-native:authorization:RoleAssignment",
    name,
    protect: false,
    retain: false,
    inputs: { principalId: objectId, principalType: type },
  };
  return { op, ...(op !== "create" && { before: resource }), ...(op !== "delete" && { after: resource }) };
}

const lines = (steps: readonly Step[], before: Side, after: Side, labels = new Map()) =>
  clusterPeopleLines(clusterPeople(steps, { before, after, labels })).map(plain);

describe("people whose role at the whole cluster changes", () => {
  test("are named as the files name who comes and who goes", () => {
    const [before, after] = [
      side([person("ada@contoso.com")]),
      side([person("pia@contoso.com"), person("leads", "Group")]),
    ];
    const steps = [grant("delete", one), grant("create", two), grant("create", three, "user", "Group")];
    expect(lines(steps, before, after)).toEqual([
      "- user ada@contoso.com: may no longer get the host's kubeconfig",
      "+ user pia@contoso.com and group leads: may get the host's kubeconfig",
    ]);
  });

  test("are named by their ids and what a file calls them, where it names them so", () => {
    const after = side([person(one), person("pia@contoso.com")]);
    expect(lines([grant("create", one), grant("create", two)], side([]), after, new Map([[one, "ann"]]))).toEqual([
      `+ user ${one} ("ann" in a file) and user pia@contoso.com: may get the host's kubeconfig`,
    ]);
  });

  test("are told by ids alone where the files do not say who it is", () => {
    const after = side([person("ada@contoso.com"), person("pia@contoso.com")]);
    expect(lines([grant("create", one)], side([]), after)).toEqual([`+ user ${one}: may get the host's kubeconfig`]);
    expect(lines([grant("delete", one)], after, after)).toEqual([
      `- user ${one}: may no longer get the host's kubeconfig`,
    ]);
  });

  test("are its administrators, too, and nobody whose role stays", () => {
    const [before, after] = [side([]), side([], [root, person("eve@contoso.com")])];
    expect(lines([grant("same", one, "admin"), grant("create", two, "admin")], before, after)).toEqual([
      "+ user eve@contoso.com: administrator of the whole cluster",
    ]);
    expect(lines([grant("replace", one, "admin")], before, before)).toEqual([
      "± user root@contoso.com: administrator of the whole cluster, by a new role assignment",
    ]);
  });
});

test("what is one person's is known by what it is called, and nothing else is taken for it", () => {
  const principal = { type: "User", objectId: one } as const;
  for (const role of ["clusterAdmin", "clusterUser"] as const) {
    expect(clusterGrantOf(clusterGrantName("platform-access", { role, principal }))).toEqual({ role, objectId: one });
  }
  expect(clusterGrantOf("ml-host-role-11111111-2222-4333-8444-555555555555")).toBeUndefined();
  expect(isPersonal({ kind: "RoleAssignment", name: `platform-access-user-${one}` })).toBe(true);
  expect(isPersonal({ kind: "RoleAssignment", name: "platform-host-subnet" })).toBe(false);
});
