import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../kubectl.ts";
import { TestProject, tenantFile } from "../project.ts";
import { RealEngine } from "../realEngine.ts";
import { linkChart } from "../storedChart.ts";
import { Api, type Json } from "./api.ts";
import { type Actor, actors, azureActors, tenants } from "./data.ts";
import { must } from "./defences.ts";
import { identity } from "./stage.ts";

/** What each tenant's file says of its people; `none` cannot be reached by anybody, so that it names nobody. */
const files: Readonly<Record<(typeof tenants)[number], readonly string[]>> = {
  "tenant-none": ["hostRole: none"],
  "tenant-reader": [...administrator("reader"), "hostRole: reader", "expose: internal"],
  "tenant-writer": [...administrator("writer"), "hostRole: writer"],
  "tenant-admin": [...administrator("admin"), "hostRole: admin"],
  "tenant-exposed": [
    ...administrator("exposed"),
    "hostRole: admin",
    "expose: public",
    "allowedCidrs: [203.0.113.0/24]",
  ],
};

function administrator(name: string): string[] {
  return [`access: { admins: [{ user: ${name}@contoso.com }] }`];
}

/** Stack `local` with the suite's tenants on KUBECONFIG's host, by the real CLI, provider and chart. */
export class AttackedHost {
  readonly api: Api;
  readonly #engine: RealEngine;
  readonly #project: TestProject;

  private constructor(api: Api, project: TestProject) {
    this.api = api;
    this.#project = project;
    this.#engine = new RealEngine(project.root);
  }

  static async deploy(): Promise<AttackedHost> {
    const project = TestProject.ofFixture("local", { keep: true });
    await linkChart(project.root);
    project.remove("tenants/local/demo.yaml");
    // A tenant of the suite has an internal address, which must lead somewhere.
    const settings = readFileSync(join(project.root, "Pulumi.local.yaml"), "utf8");
    project.write(
      "Pulumi.local.yaml",
      settings.replace("    name: local\n", "    name: local\n    reachableFrom: here\n"),
    );
    for (const [name, lines] of Object.entries(files))
      project.write(`tenants/local/${name}.yaml`, tenantFile(...lines));
    const host = new AttackedHost(await Api.connect(), project);
    host.#engine.run(["stack", "init", "local"]);
    await host.up();
    await host.#standIns();
    return host;
  }

  /** Deploys; meanwhile load balancers get their addresses, which a host without a cloud does not give. */
  async up(): Promise<string> {
    const deployed = this.#engine.start(["up", "--stack", "local", "--yes", "--skip-preview"]);
    let done = false;
    const cloud = (async () => {
      for (; !done; await sleep(1000)) await this.#giveAddresses();
    })();
    const { output } = await deployed.finally(() => {
      done = true;
    });
    await cloud;
    return output;
  }

  /** Removes everything that the suite made. */
  async destroy(): Promise<void> {
    for (const { kind, name } of this.#made) await this.api.remove({ kind, name, namespace: "" });
    this.#engine.run(["config", "set", "--stack", "local", "virtual-clusters:protect", "false"]);
    await this.up();
    this.#engine.run(["destroy", "--stack", "local", "--yes", "--skip-preview"]);
    this.api.close();
    this.#project.delete();
  }

  async #giveAddresses(): Promise<void> {
    for (const namespace of tenants) {
      const target = { kind: "Service", name: namespace, namespace };
      const { ok, body } = await this.api.get(target);
      const { spec, status } = body as { spec?: { type?: string }; status?: { loadBalancer?: { ingress?: unknown } } };
      if (!ok || spec?.type !== "LoadBalancer" || status?.loadBalancer?.ingress !== undefined) continue;
      const given = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } } };
      await this.api.patch({ ...target, subresource: "status" }, given, { as: identity("cloud") });
    }
  }

  readonly #made: { readonly kind: string; readonly name: string }[] = [];

  /** What stands for a cloud's roles and for kinds that this host lacks. */
  async #standIns(): Promise<void> {
    await this.#kinds();
    const name = "attack-azure-rbac-admin";
    await this.#make({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name },
      rules: azureAdminRules(this.api),
    });
    for (const actor of azureActors) await this.#bind(name, actors[actor].tenant, identity(actor)?.user);
    await this.#bind("cluster-admin", actors.holdover.tenant, identity("holdover")?.user);
    for (const [actor, rules] of Object.entries(controllerRules)) await this.#grant(actor as Actor, rules);
    await this.#budget(actors.admin.tenant);
  }

  /** Lets a controller do what it does in all of the cluster. */
  async #grant(actor: Actor, rules: readonly Json[]): Promise<void> {
    const group = "rbac.authorization.k8s.io";
    const metadata = { name: `attack-${actor.replace(" ", "-")}` };
    await this.#make({ apiVersion: `${group}/v1`, kind: "ClusterRole", metadata, rules });
    await this.#make({
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: group, kind: "ClusterRole", name: metadata.name },
      subjects: [{ apiGroup: group, kind: "User", name: identity(actor)?.user }],
    });
  }

  /** A budget, as the release of a tenant with store etcd has; the quota of others has room for none. */
  async #budget(namespace: string): Promise<void> {
    const quota = { kind: "ResourceQuota", name: `vc-${namespace}`, namespace };
    const count = "count/poddisruptionbudgets.policy";
    const raise = async (to: string) => must(await this.api.patch(quota, { spec: { hard: { [count]: to } } }));
    const budget = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "suite-budget" } };
    const spec = { maxUnavailable: 1, selector: { matchLabels: { app: "suite" } } };
    await raise("1");
    // The controller takes up the new number in a moment.
    for (let attempt = 0; ; attempt++, await sleep(500)) {
      const answer = await this.api.create({ kind: budget.kind, namespace }, { ...budget, spec });
      if (answer.ok) break;
      if (attempt > 40) must(answer);
    }
    await raise("0");
  }

  async #bind(role: string, namespace: string, user: string | undefined): Promise<void> {
    const group = "rbac.authorization.k8s.io";
    const body = {
      apiVersion: `${group}/v1`,
      kind: "RoleBinding",
      metadata: { name: `suite-${role}` },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: group, kind: "User", name: user }],
    };
    must(await this.api.create({ kind: "RoleBinding", namespace }, body));
  }

  /** Kinds of networks, with nothing behind them: what may be made is judged all the same. */
  async #kinds(): Promise<void> {
    const lacking = networkKinds.filter(({ kind }) => !this.#has(kind));
    const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    for (const { group, kind, plural, scope } of lacking) {
      await this.#make({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
          group,
          scope,
          names: { kind, plural },
          versions: [{ name: "v2", served: true, storage: true, schema: { openAPIV3Schema: anything } }],
        },
      });
    }
    while (!lacking.every(({ kind }) => this.#has(kind))) {
      await sleep(500);
      await this.api.discover();
    }
  }

  #has(name: string): boolean {
    return this.api.kinds.some(({ kind }) => kind === name);
  }

  async #make(body: Json & { readonly kind: string; readonly metadata: { readonly name: string } }): Promise<void> {
    must(await this.api.create({ kind: body.kind, namespace: "" }, body));
    this.#made.push({ kind: body.kind, name: body.metadata.name });
  }
}

/** Kinds of Cilium, Calico and Antrea, as their custom resource definitions name them. */
const networkKinds = [
  { group: "cilium.io", kind: "CiliumNetworkPolicy", plural: "ciliumnetworkpolicies", scope: "Namespaced" },
  { group: "cilium.io", kind: "CiliumEndpoint", plural: "ciliumendpoints", scope: "Namespaced" },
  { group: "cilium.io", kind: "CiliumIdentity", plural: "ciliumidentities", scope: "Cluster" },
  { group: "projectcalico.org", kind: "NetworkSet", plural: "networksets", scope: "Namespaced" },
  { group: "crd.antrea.io", kind: "Group", plural: "groups", scope: "Namespaced" },
] as const;

/** What controllers may do in the whole cluster, of what the suite lets them do. Source: the ClusterRoles of their charts. */
const controllerRules = {
  cilium: [
    { apiGroups: ["cilium.io"], resources: ["ciliumidentities"], verbs: ["create", "update", "delete"] },
    { apiGroups: ["cilium.io"], resources: ["ciliumendpoints"], verbs: ["create", "get", "patch", "delete"] },
  ],
  metallb: [
    { apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch", "update", "patch"] },
    { apiGroups: [""], resources: ["services/status"], verbs: ["update", "patch"] },
  ],
} as const satisfies Partial<Record<Actor, readonly Json[]>>;

/**
 * What Azure's RBAC Admin gives in a namespace, as rules of Kubernetes: everything but changes of the quota and of the
 * namespace. Azure's roles do not tell subresources apart, and `clusterroles/bind` is among what they give.
 * Source: Azure built-in roles, "Azure Kubernetes Service RBAC Admin"; the authorizer of AKS (Azure/guard).
 */
export function azureAdminRules({ kinds }: Pick<Api, "kinds">): Json[] {
  const bounded = ["resourcequotas", "namespaces"];
  const groups = new Map<string, Set<string>>();
  for (const { group, plural, namespaced, subresources } of kinds) {
    if (!namespaced || bounded.includes(plural)) continue;
    const resources = groups.get(group) ?? new Set();
    for (const path of [plural, ...subresources.map(({ name }) => `${plural}/${name}`)]) resources.add(path);
    groups.set(group, resources);
  }
  return [
    ...[...groups].map(([group, resources]) => ({ apiGroups: [group], resources: [...resources], verbs: ["*"] })),
    { apiGroups: [""], resources: bounded, verbs: ["get", "list", "watch"] },
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["bind", "escalate"] },
  ];
}

/** The host's version, where kubectl reaches one. */
export function hostVersion(): string {
  const { serverVersion } = JSON.parse(kubectl("version", "-o", "json")) as { serverVersion: { gitVersion: string } };
  return serverVersion.gitVersion;
}
