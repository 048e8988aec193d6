import * as pulumi from "@pulumi/pulumi";
import type resource from "@pulumi/pulumi/proto/resource_pb.js";
import fc from "fast-check";
import { v5 as uuidv5 } from "uuid";
import { expect, test } from "vitest";
import { Directory } from "../../components/directory.ts";
import { registerGuards } from "../../components/guards.ts";
import { Platform } from "../../components/platform.ts";
import { settingsSchema } from "../../model/settings/settingsSchema.ts";
import type { Tenant } from "../../model/tenant/tenantSchema.ts";
import { tenant, tenants } from "../support/arbitraries.ts";
import { callbackServer, getStore, lighten } from "../support/lightSdk.ts";
import { exposure } from "../support/tenants.ts";

const clusterId =
  "/subscriptions/00000000-0000-4000-8000-00000000a2e0/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks";
const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: aks, cluster: { server: "https://aks.example.com", certificate-authority-data: eA== } }]
contexts: [{ name: aks, context: { cluster: aks, user: me } }]
current-context: aks
users: [{ name: me, user: {} }]
`;
const idOf = (name: string) => uuidv5(name.toLowerCase(), uuidv5.URL);

const settings = settingsSchema.parse({
  azure: {
    location: "westeurope",
    resourceGroup: "rg",
    clusterName: "aks",
    clusterAdmins: [{ user: "admin@contoso.com" }],
  },
  signIn: { issuer: "https://id.contoso.com/v2.0", clientId: "app" },
});

/** What the engine is told of one resource: inputs, parent, dependencies and options. */
interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const answers: pulumi.runtime.Mocks = {
  newResource: ({ type, name, inputs }) => ({
    id: type.endsWith(":ManagedCluster") ? clusterId : `${name}-id`,
    state: { ...inputs, ...(type.endsWith(":ManagedCluster") && { identity: {}, oidcIssuerProfile: {} }) },
  }),
  call: ({ token, inputs }) => {
    if (token === "azuread:index/getUsers:getUsers") {
      const names = inputs.userPrincipalNames as string[];
      return { users: names.map((name) => ({ userPrincipalName: name, objectId: idOf(name) })) };
    }
    if (token === "azuread:index/getGroups:getGroups") {
      const names = inputs.displayNames as string[];
      return { displayNames: names, objectIds: names.map(idOf) };
    }
    return { kubeconfigs: [{ name: "aks", value: Buffer.from(kubeconfig).toString("base64") }] };
  },
};

/** The part of the SDK's simulated monitor that is listened to. */
interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: resource.RegisterResourceRequest, done: unknown): void;
  /** Not among Pulumi's mocks. */
  registerResourceHook?: (request: unknown, done: (error: null) => void) => void;
}

/** Registers a stack with these tenants, as index.ts does, and gives what the engine was told. */
async function register(all: readonly Tenant[]): Promise<Registration[]> {
  const restore = lighten();
  await pulumi.runtime.setMocks(answers, "virtual-clusters", "test");
  const told: Registration[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const pass = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    const object = request.getObject();
    const { parent, type, name, ...rest } = request.setObject(undefined).toObject();
    const inputs = object?.toJavaScript() ?? {};
    told.push({ ...rest, parent, type, name, inputs, urn: monitor.newUrn(parent, type, name) });
    pass(request.setObject(object), done);
  };
  monitor.registerResourceHook = (_, done) => done(null);
  Object.assign(getStore(), { callbacks: callbackServer(monitor, "in-process").server });
  const people = [
    ...(settings.azure?.clusterAdmins ?? []),
    ...all.flatMap(({ access }) => Object.values(access).flat()),
  ];
  const location = { file: "test", line: 1, column: 1 };
  const directory = await Directory.resolve(people.map((principal) => ({ principal, location })));
  const judgement = {
    stack: "test",
    tenants: all,
    handover: {},
    exposure,
    remembered: [],
    known: [],
    locate: () => location,
  };
  const guards = registerGuards({ ...judgement, removalOf: () => undefined }, { settings, locate: () => location });
  const [files, record] = [new Map<string, string>(), { settings: {}, warnings: [] }];
  new Platform("platform", { settings, tenants: all, files, record, directory, subscriptionId: "s", guards });
  await pulumi.runtime.disconnect();
  restore();
  return told.sort((a, b) => a.urn.localeCompare(b.urn));
}

/** The registrations of a tenant: its component and everything below it. */
function ofTenant(told: readonly Registration[], { name }: Tenant): Registration[] {
  const byUrn = new Map(told.map((registration) => [registration.urn, registration]));
  const belongs = (of: Registration | undefined): boolean =>
    of !== undefined && ((of.type === tenantType && of.name === name) || belongs(byUrn.get(of.parent)));
  return told.filter(belongs);
}

const tenantType = "virtual-clusters:index:Tenant";

/** What all tenants share: the host, its administrators, and the Cluster User role of each person. */
const shared = (told: readonly Registration[], all: readonly Tenant[]) => {
  const own = new Set(all.flatMap((tenant) => ofTenant(told, tenant)));
  return told.filter((registration) => !own.has(registration));
};

const clusterUser = /^platform-access-user-/;

/** Two sets of tenants: of some the file is the same in both; others come, go or change. */
const changes = fc
  .tuple(
    tenants,
    fc.infiniteStream(tenant),
    fc.infiniteStream(fc.constantFrom("keep", "keep", "edit", "remove")),
    tenants,
  )
  .map(([before, edits, fates, added]) => {
    const after = before.flatMap((old) => {
      const fate = fates.next().value;
      if (fate === "remove") return [];
      return [fate === "edit" ? { ...(edits.next().value as Tenant), name: old.name, namespace: old.namespace } : old];
    });
    const taken = new Set(before.flatMap(({ name, namespace }) => [name, namespace]));
    const fresh = added.filter(({ name, namespace }) => !taken.has(name) && !taken.has(namespace));
    return { before, after: [...after, ...fresh].reverse(), unchanged: before.filter((old) => after.includes(old)) };
  });

test("adding, removing, editing and reordering tenants changes nothing that is registered for the others", async () => {
  await fc.assert(
    fc.asyncProperty(changes, async ({ before, after, unchanged }) => {
      const [first, second] = [await register(before), await register(after)];
      for (const tenant of unchanged) expect(ofTenant(second, tenant)).toEqual(ofTenant(first, tenant));
      const changed = shared(second, after).filter(({ urn }) => !clusterUser.test(urn.split("::").at(-1) ?? ""));
      const unaltered = shared(first, before).filter(({ urn }) => !clusterUser.test(urn.split("::").at(-1) ?? ""));
      expect(changed).toEqual(unaltered);
      // A person who works with a tenant that did not change keeps the role as it was.
      const users = unchanged
        .flatMap((tenant) => ofTenant(first, tenant))
        .flatMap(({ name }) => name.split("-host-role-")[1] ?? []);
      for (const user of users) {
        const role = (told: Registration[]) => told.find(({ name }) => name === `platform-access-user-${user}`);
        expect(role(first)).toBeDefined();
        expect(role(second)).toEqual(role(first));
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

test("every URN, namespace and release is one tenant's alone, and what a tenant has lies in its namespace", async () => {
  await fc.assert(
    fc.asyncProperty(tenants, async (all) => {
      const told = await register(all);
      expect(new Set(told.map(({ urn }) => urn)).size).toBe(told.length);
      for (const tenant of all) {
        const own = ofTenant(told, tenant);
        const places = own.flatMap(({ type, inputs }) => placeOf(type, inputs) ?? []);
        expect(new Set(places)).toEqual(new Set([tenant.namespace]));
        expect(own.filter(({ type }) => type === "kubernetes:core/v1:Namespace")).toHaveLength(1);
        expect(
          own.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release").map(({ inputs }) => inputs.name),
        ).toEqual([tenant.name]);
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

/** The host namespace that an object is or lies in; undefined for what is in no cluster, such as a component. */
function placeOf(type: string, inputs: Record<string, unknown>): unknown {
  const { name, namespace } = (inputs.metadata ?? {}) as { name?: string; namespace?: string };
  if (type === "kubernetes:core/v1:Namespace") return name;
  if (type === "kubernetes:helm.sh/v3:Release") return inputs.namespace;
  if (type === "azure-native:authorization:RoleAssignment") return String(inputs.scope).split("/namespaces/")[1];
  return namespace;
}
