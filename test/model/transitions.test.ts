import { describe, expect, test } from "vitest";
import { InputError } from "../../model/problems.ts";
import type { Tenant } from "../../model/tenantSchema.ts";
import { checkTransitions, type DeployedTenants } from "../../model/transitions.ts";

const tenant = (name: string, namespace = name) => ({ name, namespace, lifecycle: "active" }) as Tenant;

function problems(deployed: DeployedTenants, tenants: readonly Tenant[]): string[] {
  try {
    checkTransitions("dev", deployed, tenants);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ location, message }) => `${location.file} ${message.split("\n")[0]}`);
  }
}

describe("a change of tenants", () => {
  test("may add one, keep one, and let one go that is offboarding", () => {
    const deployed = {
      kept: { namespace: "kept", lifecycle: "active" },
      gone: { namespace: "gone", lifecycle: "offboarding" },
    } as const;
    expect(problems(deployed, [tenant("kept"), tenant("new")])).toEqual([]);
    expect(problems({}, [tenant("new")])).toEqual([]);
  });

  test("may not lose active tenants, nor move one to another namespace: all such changes are told at once", () => {
    const deployed = {
      a: { namespace: "a", lifecycle: "active" },
      b: { namespace: "b", lifecycle: "active" },
      c: { namespace: "c", lifecycle: "active" },
    } as const;
    expect(problems(deployed, [tenant("b", "elsewhere")])).toEqual([
      "tenants/dev/a.yaml the file is gone, but tenant 'a' is deployed and active (namespace 'a'). Offboarding takes two merged changes:",
      "tenants/dev/b.yaml namespace is 'elsewhere', but the tenant is deployed in 'b': a namespace cannot change. Put the old one back, or offboard this tenant and add another under a new name",
      "tenants/dev/c.yaml the file is gone, but tenant 'c' is deployed and active (namespace 'c'). Offboarding takes two merged changes:",
    ]);
  });
});
