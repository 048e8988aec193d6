import { z } from "zod";
import { tenantVersions, type VersionSettings } from "../chart/versions.ts";
import { minorPattern, patchPattern } from "../facts/kubernetesVersions.ts";
import { exposures, hostRoles, lifecycles, removals, stores, type Tenant } from "../tenant/tenantSchema.ts";
import { Refusal } from "../text/problems.ts";
import type { DeployedHost } from "./hostChanges.ts";

/**
 * What the stack's output `tenants` says of one tenant: enough to tell whether a change would lose it. Kubernetes minors
 * are any, for a later release of this program may know other ones.
 */
const deployedTenantSchema = z.object({
  namespace: z.string(),
  store: z.enum(stores),
  kubernetes: z.string().regex(minorPattern),
  lifecycle: z.enum(lifecycles),
  dataOnRemoval: z.enum(removals),
  /** Not in what release 0.1.0 left; nor is what follows. */
  kubernetesVersion: z.string().regex(patchPattern).optional(),
  chart: z.string().regex(patchPattern).optional(),
  owner: z.string().optional(),
  hostRole: z.enum(hostRoles).optional(),
  expose: z.enum(exposures).optional(),
});

const schemas = {
  tenants: z.record(z.string(), deployedTenantSchema).default({}),
  retained: z.record(z.string(), z.string()).default({}),
};

/**
 * What the output `cluster` says of the host. No tenant depends on it: what cannot be read of it is not known, and what is
 * deployed is then judged by the cluster's own resource.
 */
const clusterSchema = z
  .object({
    name: z.string(),
    id: z.string().optional(),
    getCredentials: z.string().optional(),
    /** Its minor; not in what release 0.1.0 left. */
    kubernetesVersion: z.string().optional(),
    fixed: z.record(z.string(), z.unknown()).optional(),
  })
  .optional()
  .catch(undefined);

/** What is remembered of a deployed tenant. */
export type DeployedTenant = z.output<typeof deployedTenantSchema>;

/** What the outputs of the last deployment that ended well, or failed only while it deleted, say of a stack. */
export interface Deployed {
  readonly tenants: Readonly<Record<string, DeployedTenant>>;
  /** Tenants that are gone and whose data was kept: name to the namespace that holds it. */
  readonly retained: Readonly<Record<string, string>>;
  /** Left out where no deployment has ended well. */
  readonly cluster?: DeployedHost | undefined;
}

/** By tenant, the patch release of Kubernetes that it was left with. Release 0.1.0 said the minor alone, and deployed its first. */
export function patchesOf({ tenants }: Deployed): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tenants).map(([name, { kubernetes, kubernetesVersion = `${kubernetes}.0` }]) => [
      name,
      kubernetesVersion,
    ]),
  );
}

/** Nothing deployed yet. */
export const nothingDeployed: Deployed = { tenants: {}, retained: {} };

/**
 * What would be deployed with these tenants: what a pull request is compared with.
 *
 * @param versions what the stack says of versions; undefined where that is not right
 */
export function asDeployed(tenants: readonly Tenant[], versions: VersionSettings | undefined): Deployed["tenants"] {
  const exact = (tenant: Tenant) => (versions === undefined ? {} : tenantVersions(tenant, versions));
  const read = (tenant: Tenant) => deployedTenantSchema.parse({ ...tenant, ...exact(tenant) });
  return Object.fromEntries(tenants.map((tenant) => [tenant.name, read(tenant)]));
}

/** One of the stack's own outputs, as the engine hands it over. */
export interface LastOutput {
  readonly value?: unknown;
  /** Set where the output is a secret. */
  readonly secretValue?: unknown;
}

/** The stack's outputs say something that cannot be read: it is never taken for "nothing is deployed". */
export class UnreadableOutputs extends Refusal {
  override readonly name = "UnreadableOutputs";
}

/**
 * Reads what the last deployment left in the stack's outputs.
 *
 * @throws UnreadableOutputs where it is there and cannot be read.
 */
export function readDeployed(
  outputs: Readonly<Record<"tenants" | "retained" | "cluster", LastOutput>>,
  stack: string,
): Deployed {
  const read = <K extends keyof typeof schemas>(name: K): z.output<(typeof schemas)[K]> => {
    const { value, secretValue } = outputs[name];
    if (secretValue !== undefined) throw unreadable(name, "it is a secret", stack);
    const result = schemas[name].safeParse(value);
    if (result.success) return result.data as z.output<(typeof schemas)[K]>;
    const [issue] = result.error.issues;
    throw unreadable(name, `at ${[name, ...(issue?.path ?? [])].join(".")}: ${issue?.message}`, stack);
  };
  const cluster = clusterSchema.parse(outputs.cluster.value);
  return { tenants: read("tenants"), retained: read("retained"), ...(cluster !== undefined && { cluster }) };
}

function unreadable(name: string, why: string, stack: string): UnreadableOutputs {
  return new UnreadableOutputs(
    [
      `output '${name}' of stack '${stack}' cannot be read (${why}), so it is not known what this deployment could lose; nothing was changed.`,
      `Was it deployed by a later release of this program? Then use that one. Otherwise repair the state: pulumi stack export --stack ${stack} --file state.json, remove '${name}' from the outputs of the resource of type pulumi:pulumi:Stack, and pulumi stack import --stack ${stack} --file state.json.`,
      "What is deployed is then judged by its resources alone: removed files, other owners, namespaces, stores and older versions are refused all the same.",
    ].join("\n"),
  );
}
