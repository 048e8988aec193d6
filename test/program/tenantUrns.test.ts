import { expect, test } from "vitest";
import { tenantUrns } from "../../model/deploy/tenantUrns.ts";
import { headOf } from "../../model/plan/changedHead.ts";
import { changedOnly } from "../../model/plan/changedOnly.ts";
import { readProject } from "../../model/settings/project.ts";
import { stackReferenceType, stackType } from "../../sandbox/engine/urn.ts";
import { type Host, textsOf } from "../changed/twins.ts";
import { TestProject } from "../support/project.ts";

const file = {
  ...{ size: "small", kubernetes: "1.34", lifecycle: "active", hostRole: "none", dataOnRemoval: "delete" },
  purpose: "names",
  admins: ["dev@contoso.com", "4d8fae31-5b85-4d21-8b2c-9e204c1f3e04"],
};

test.each<Host>(["azure", "existing"])(
  "on host '%s' the names of all that tenants register are known before, and nothing that they share is among them",
  async (host) => {
    const files = {
      t0: file,
      t07: { ...file, hostRole: "writer" },
      t070: { ...file, hostRole: "reader", lifecycle: "suspended" },
      "t0-host-role": { ...file, hostRole: "admin", admins: [] },
    };
    const project = new TestProject(textsOf({ files, protect: false }, host));
    const { resources } = await project.up();
    const head = headOf(readProject(project.root, "test"));
    const { settings } = head;
    if (settings === undefined) throw new Error("the settings are not right");
    const objectIds = ["2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02", "4d8fae31-5b85-4d21-8b2c-9e204c1f3e04"];
    const computed = Object.keys(files).flatMap((name) => {
      const tenant = head.read(name, head.texts.get(name) ?? "");
      if (tenant === undefined) throw new Error(`${name} is not right`);
      const members =
        tenant.access.admins.length > 0 ? objectIds.map((objectId) => ({ type: "User" as const, objectId })) : [];
      return tenantUrns(tenant, { ...head, settings, members: tenant.lifecycle === "active" ? members : [] });
    });
    const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
    const isOfTenant = (urn: string | undefined): boolean =>
      urn !== undefined &&
      (/Platform\$virtual-clusters:index:Tenant::[^:]+$/.test(urn) || isOfTenant(parents.get(urn)));
    const registered = resources.filter(({ type }) => type !== stackType && type !== stackReferenceType);
    expect(computed.sort()).toEqual(
      registered
        .map(({ urn }) => urn)
        .filter(isOfTenant)
        .sort(),
    );

    // The state says that it has all of each tenant: of the others nothing keeps a run from being narrow.
    const choice = changedOnly({ resources }, head);
    expect("targets" in choice && choice.targets.filter((urn) => !isOfTenant(urn))).toEqual([]);
    expect("targets" in choice && choice.nothing).toBe(true);
  },
);
