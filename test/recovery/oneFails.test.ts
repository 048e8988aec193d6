import { expect, test } from "vitest";
import { roleAssignmentType } from "../../sandbox/cloud/azure.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseUrn, stackReferenceType, stackType } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runCommand } from "../support/command.ts";
import { azureSettings, TestProject, tenantFile, withoutGuard } from "../support/project.ts";
import { comparable } from "./scenario.ts";

const [ada, dev] = ["3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03", "2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02"];

/** Where tenants live, and what becomes there of the rights of their people. */
const hosts = [
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
];

/** A stack whose tenants each change in another way; `slow` and `new` are not to become ready then. */
function changingStack({ settings, people }: (typeof hosts)[number]) {
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
  const project = new TestProject({ "Pulumi.test.yaml": settings });
  for (const [name, text] of Object.entries(files)) project.write(`tenants/test/${name}.yaml`, text);
  const change = () => {
    project.write("tenants/test/left.yaml", tenant(["dev"]));
    project.append("tenants/test/paused.yaml", "lifecycle: suspended\n");
    project.remove("tenants/test/gone.yaml");
    for (const name of ["grown", "slow"]) project.append(`tenants/test/${name}.yaml`, "size: medium\n");
    project.write("tenants/test/new.yaml", tenant(["dev"]));
  };
  return { project, change };
}

/** Deploys by the sandbox's own command. */
async function up({ root, stack }: TestProject, ...faults: readonly string[]) {
  const flags = faults.flatMap((fault) => ["--fault", fault]);
  const { code, stdout, stderr } = await runCommand("sandbox/main.ts", ["up", "-s", stack, "--cwd", root, ...flags]);
  const steps = [...stdout.matchAll(/^ {2}[+~±-] (\w+) +(\S+) +(\S+)/gm)].map(([, ...words]) => words.join(" "));
  return { code, steps: withoutGuard(steps).sort(), errors: stderr.split("\n").filter(Boolean) };
}

/** What is in the state and in the cloud, without what tells of the deployment as a whole. */
function world(project: TestProject) {
  const cloud = new Cloud(stackFiles(project.root, project.stack).cloud);
  const resources = project.checkpoint().filter(({ type }) => ![stackType, stackReferenceType].includes(type));
  // Whom each namespace's people are: by Azure's role assignments, or by its role bindings.
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
  return { ...comparable({ snapshot: { resources, pending: [] }, cloud }), people: people.sort() };
}

/** The keys under which two records have something else. */
function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key])).sort();
}

test.each(hosts)(
  "on $host, where two tenants never become ready, the sandbox does all else and ends with 1; the next run does these two alone",
  async (host) => {
    const { project, change } = changingStack(host);
    expect((await up(project)).code).toBe(0);
    change();

    const notReady = (name: string, did: string) =>
      `error: Release ${name}-vcluster: Helm release "${name}/${name}" was ${did}, but failed to initialize completely: context deadline exceeded`;
    expect(await up(project, "Release#slow-vcluster:helm-timeout", "Release#new-vcluster:helm-timeout")).toEqual({
      code: 1,
      steps: [
        ...host.steps,
        "create Job paused-vcluster-stop",
        "create Namespace new-namespace",
        "delete Job gone-vcluster-stop",
        "delete Namespace gone-namespace",
        "delete Release gone-vcluster",
        "update Release grown-vcluster",
        "update Release paused-vcluster",
      ].sort(),
      errors: [
        notReady("slow", "updated"),
        notReady("new", "created"),
        "  left: new, slow. What does not depend on that went on; run it again to finish",
      ],
    });
    const then = world(project);
    const { dev } = host.people;
    expect(then.people).toEqual(["grown", "left", "new", "slow"].map((name) => `${name}: ${dev}`));

    expect(await up(project)).toEqual({
      code: 0,
      steps: ["update Release new-vcluster", "update Release slow-vcluster"],
      errors: [],
    });
    const now = world(project);
    expect(differing(then.cloud, now.cloud)).toEqual(["releases/new/new", "releases/slow/slow"]);
    const names = differing(then.resources, now.resources).map((urn) => parseUrn(urn).name);
    expect(names.sort()).toEqual(["new", "new-vcluster", "slow", "slow-vcluster"]);
  },
);
