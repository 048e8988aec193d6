import { azureRoles } from "../../model/access/roles.ts";
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

/** What a {@link loweringStack} changes beside roles, and what lets that fail: nothing that is in a tenant's namespace is asked for then. */
export const obstacles = [
  { ...hosts[0], more: "    nodePool: { count: 4 }\n", purpose: "a test", fault: "ManagedCluster:timeoutx9" },
  { ...hosts[1], more: "", purpose: "another test", fault: "Namespace:timeoutx9" },
] as const;

/** A stack of which one tenant's people get a lower role, another's a higher one, and a third loses somebody. */
export function loweringStack({ settings, people, more, purpose }: (typeof obstacles)[number]) {
  const { ada, dev } = people;
  const tenant = (hostRole: string, ...names: readonly string[]) =>
    tenantFile(`access: { admins: [${names.map((name) => `{ user: ${name} }`).join(", ")}] }`, `hostRole: ${hostRole}`);
  const files = { lowered: tenant("admin", ada), raised: tenant("writer", dev), left: tenant("writer", ada, dev) };
  const project = new TestProject({ "Pulumi.test.yaml": settings });
  for (const [name, text] of Object.entries(files)) project.write(`tenants/test/${name}.yaml`, text);
  const change = () => {
    const name = "    clusterName: aks-test\n";
    if (more !== "") project.edit("Pulumi.test.yaml", name, name + more);
    const next = { lowered: tenant("writer", ada), raised: tenant("admin", dev), left: tenant("writer", dev) };
    for (const [name, text] of Object.entries(next))
      project.write(`tenants/test/${name}.yaml`, text.replace("a test", purpose));
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

/** Who has which role in which namespace, by Azure's role assignments or by role bindings. */
function grantsIn(cloud: Cloud): { readonly where: string; readonly who: string; readonly role: string }[] {
  const assigned = cloud
    .ofType(roleAssignmentType)
    .map(({ properties }) => [properties.scope, properties.principalId, properties.roleDefinitionId]);
  const bound = cloud
    .ofType("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    .flatMap(({ properties: { metadata, subjects, roleRef } }) =>
      (subjects as { name: string }[]).map(({ name }) => [
        (metadata as { namespace: string }).namespace,
        name,
        (roleRef as { name: string }).name,
      ]),
    );
  return [...assigned, ...bound].flatMap(([scope, who, role]) => {
    const [, where] = /(?:^|\/namespaces\/)([\w-]+)$/.exec(String(scope)) ?? [];
    return where === undefined ? [] : [{ where, who: String(who), role: String(role).replace(/^.*\//, "") }];
  });
}

/** The same as "namespace: person". */
export function peopleIn(cloud: Cloud): string[] {
  return grantsIn(cloud)
    .map(({ where, who }) => `${where}: ${who}`)
    .sort();
}

/** The same as "namespace: person is writer". */
export function rolesIn(cloud: Cloud): string[] {
  const names = { [azureRoles.admin.id]: "admin", [azureRoles.writer.id]: "writer", edit: "writer" } as const;
  return grantsIn(cloud)
    .map(({ where, who, role }) => `${where}: ${who} is ${names[role as keyof typeof names] ?? role}`)
    .sort();
}
