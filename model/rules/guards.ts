import { namespaceIdentity } from "../deploy/namespace.ts";
import { releaseIdentity } from "../deploy/releaseIdentity.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { isError, type Problem } from "../text/problems.ts";
import { type Before, changeProblems } from "./tenantChanges.ts";
import { removalProblem, type TransitionJudgement } from "./transitions.ts";

/** What a tenant consists of as far as it is guarded. */
export type Guarded = "tenant" | "namespace" | "release";

/** One of a tenant's resources as the engine's own state has it, before a step changes or deletes it. */
export interface DeployedResource {
  readonly of: Guarded;
  /** The tenant's name. */
  readonly tenant: string;
  readonly inputs: unknown;
}

/** What the guards judge by. */
export interface GuardJudgement extends TransitionJudgement {
  readonly tenants: readonly Tenant[];
  /** Tenants that a deployment which ended well has deployed. */
  readonly known: readonly string[];
  /** Removed tenants whose data is remembered to be kept, or is forgotten on purpose. */
  readonly remembered: readonly string[];
}

/**
 * What the step that is about to change a resource would do to its tenant. What is deployed is read from the state, so
 * that it holds whatever failed before; the check before the deployment reads outputs, which a failed one leaves behind.
 */
export function updateProblems(resource: DeployedResource, judgement: GuardJudgement): Problem[] {
  const { tenants, locate } = judgement;
  const tenant = tenants.find(({ name }) => name === resource.tenant);
  if (tenant === undefined) return [];
  const before = identityOf(resource, judgement.known.includes(tenant.name));
  if (before === undefined) {
    const message = `what is deployed of tenant '${tenant.name}' cannot be read from its ${resource.of} in the stack's state, so it is not changed. Was it made by a later release of this program, or by hand?`;
    return [{ location: locate(tenant.name), message }];
  }
  return changeProblems(before, tenant, judgement).filter(isError);
}

/** Before a deletion of what is guarded: its file is gone, and nobody has begun to offboard it. */
export function removalProblems({ of, tenant: name, inputs }: DeployedResource, judgement: GuardJudgement): Problem[] {
  // What is deleted with its file there is replaced, or destroyed with all the rest: protection decides.
  if (judgement.tenants.some((tenant) => tenant.name === name)) return [];
  const { namespace } = (of === "namespace" ? namespaceIdentity(inputs) : undefined) ?? {};
  return [removalProblem(name, namespace === undefined ? {} : { namespace }, judgement)];
}

/** Before a deletion of what keeps its data: the outputs must remember that, or another tenant would begin with it one day. */
export function retentionProblems({ tenant: name }: DeployedResource, judgement: GuardJudgement): Problem[] {
  if (judgement.tenants.some((tenant) => tenant.name === name) || judgement.remembered.includes(name)) return [];
  const message = `the file is gone, and tenant '${name}' is deployed with 'dataOnRemoval: keep', which no deployment that ended well has said yet. Put the file back and deploy, then remove it and deploy; or add '${name}' to the setting forgetRetained, where nobody needs that data`;
  return [{ location: judgement.locate(name), message }];
}

/** Which versions a tenant's component has among its inputs. */
const versionKeys = ["kubernetes", "kubernetesVersion", "chart"];

function identityOf({ of, inputs }: DeployedResource, known: boolean): Before | undefined {
  if (of === "namespace") return namespaceIdentity(inputs);
  if (of === "release") return releaseIdentity(inputs);
  // The versions that the tenant's component asked for last: they are in the state before Helm is asked, so that an upgrade that
  // was cut off is known. A tenant of which no deployment has ended well may never have run, and begins with any version.
  if (!known) return {};
  const asked = Object.entries((inputs ?? {}) as Record<string, unknown>);
  const versions = asked.filter(([key, value]) => versionKeys.includes(key) && typeof value === "string");
  return Object.fromEntries(versions) as Before;
}
