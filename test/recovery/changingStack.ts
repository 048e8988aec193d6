import { roleAssignmentType } from "../../sandbox/cloud/azure.ts";
import type { Cloud } from "../../sandbox/cloud/cloud.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn, stackReferenceType, stackType } from "../../sandbox/engine/urn.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";
import { comparable } from "./scenario.ts";

const [ada, dev] = ["3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03", "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02"];

/** Where tenants live, and what becomes there of the rights of their people when a {@link changingStack} changes. */
export const hosts = [
  {
    host: "a cluster on Azure",
    settings: azureSettings,
    people: { ada, dev },
    steps: [
      `create RoleAssignment new-host-role-${dev}`,
      `delete RoleAssignment left-host-role-${ada}`,
      `delete RoleAssignment paused-host-role-${dev}`,
      `delete RoleAssignment platform-access-user-${ada}`,
    ],
  },
  {
    host: "a cluster that is there",
    settings: "config:\n  virtual-clusters:existingCluster: { name: host }\n",
    people: { ada: "ada@contoso.com", dev: "dev@contoso.com" },
    steps: [
      "create RoleBinding new-host-role",
      "delete RoleBinding gone-host-role",
      "update RoleBinding left-host-role",
      "update RoleBinding paused-host-role",
    ],
  },
] as const;

/** A stack whose tenants each change in another way, as the gates let through; in the tests `slow` never becomes ready then. */
export function changingStack({ settings, people }: (typeof hosts)[number], { keep = false } = {}) {
  const tenant = (names: readonly (keyof typeof people)[], ...lines: string[]) => {
    const admins = names.map((name) => `{ user: ${people[name]} }`).join(", ");
    return tenantFile(`access: { admins: [${admins}] }`, "hostRole: writer", ...lines);
  };
  const files = {
    left: tenant(["ada", "dev"]),
    paused: tenant(["dev"]),
    gone: tenant(["dev"], "lifecycle: offboarding"),
    grown: tenant(["dev"]),
    slow: tenant(["dev"]),
  };
  const project = new TestProject({ "Pulumi.test.yaml": settings }, "test", { keep });
  for (const [name, text] of Object.entries(files)) project.write(`tenants/test/${name}.yaml`, text);
  const change = () => {
    project.write("tenants/test/left.yaml", tenant(["dev"]));
    project.append("tenants/test/paused.yaml", "lifecycle: suspended\n");
    project.remove("tenants/test/gone.yaml");
    for (const name of ["grown", "slow"]) project.append(`tenants/test/${name}.yaml`, "size: medium\n");
    project.write("tenants/test/new.yaml", tenant(["dev"]));
    const waiver = [
      "rule: data-lost",
      "target: tenant gone",
      "who: me@contoso.com",
      "why: it has moved",
      "until: 2099-12-31",
    ];
    project.write("waivers/test.yaml", `- ${waiver.join("\n  ")}\n`);
  };
  return { project, change };
}

/** What is in a state and in a cloud, without what tells of the deployment as a whole, and orders that mean nothing. */
export function worldOf(all: readonly ResourceState[], cloud: Cloud) {
  const resources = all
    .filter(({ type }) => ![stackType, stackReferenceType].includes(type))
    .map((state) => ({ ...state, dependencies: [...(state.dependencies ?? [])].sort() }));
  return comparable({ snapshot: { resources, pending: [] }, cloud });
}

/** The cloud's objects and the names of the state's resources that two worlds do not have alike. */
export function differences(one: ReturnType<typeof worldOf>, other: ReturnType<typeof worldOf>) {
  return {
    cloud: differing(one.cloud, other.cloud),
    state: [...new Set(differing(one.resources, other.resources).map((urn) => parseUrn(urn).name))].sort(),
  };
}

function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key])).sort();
}

/** Who has a role in which namespace, by Azure's role assignments or by role bindings: as "namespace: person". */
export function peopleIn(cloud: Cloud): string[] {
  const assigned = cloud.ofType(roleAssignmentType).map(({ properties }) => [properties.scope, properties.principalId]);
  const bound = cloud
    .ofType("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    .flatMap(({ properties: { metadata, subjects } }) =>
      (subjects as { name: string }[]).map(({ name }) => [(metadata as { namespace: string }).namespace, name]),
    );
  const people = [...assigned, ...bound].flatMap(([where, who]) => {
    const [, namespace] = /(?:^|\/namespaces\/)([\w-]+)$/.exec(String(where)) ?? [];
    return namespace === undefined ? [] : [`${namespace}: ${who}`];
  });
  return people.sort();
}
