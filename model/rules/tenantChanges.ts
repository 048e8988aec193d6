import { kubernetesMinors, minorAfter, minorsBetween } from "../facts/kubernetesVersions.ts";
import { stackFile } from "../settings/project.ts";
import type { Handover } from "../settings/settingsSchema.ts";
import type { FieldLocation } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";

/** What is known of a deployed tenant: as much as its outputs, or one of its resources, say. */
export type Before = Partial<Readonly<Record<"owner" | "namespace" | "store" | "kubernetes", string>>>;

/** What a change of a tenant is judged by, besides what is deployed. */
export interface Judgement {
  readonly stack: string;
  readonly locate: FieldLocation;
  /** The setting `handover`. */
  readonly handover: Readonly<Record<string, Handover>>;
}

const another = "Put the old one back, or offboard this tenant and add another under a new name";

/**
 * What of a tenant's file cannot be, given what is deployed of it: another owner without a handover, another namespace
 * or store, a Kubernetes version that goes down or skips a minor. The one place that knows, for the check before a
 * deployment and for the guards in it.
 */
export function changeProblems(before: Before, after: Tenant, judgement: Judgement): Problem[] {
  const { name } = after;
  const refuse = (field: "owner" | "namespace" | "store" | "kubernetes", message: string | undefined) =>
    message === undefined ? [] : [{ location: judgement.locate(name, field), message }];
  return [
    ...refuse("owner", ownerProblem(before.owner, after, judgement)),
    ...refuse("namespace", namespaceProblem(before.namespace, after)),
    ...refuse("store", storeProblem(before.store, after)),
    ...refuse("kubernetes", versionProblem(before.kubernetes, after)),
  ];
}

/** Mail addresses are compared as people read them. */
export function sameOwner(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function ownerProblem(before: string | undefined, { name, owner }: Tenant, { stack, handover }: Judgement) {
  if (before === undefined || sameOwner(before, owner)) return undefined;
  const agreed = handover[name];
  if (agreed !== undefined && sameOwner(agreed.from, before) && sameOwner(agreed.to, owner)) return undefined;
  return [
    `owner is '${owner}', but the tenant is deployed as that of '${before}': whoever owns it gets its virtual cluster, data and Secrets. Put the old owner back, or choose another name for the new tenant. Where it is to change hands, the platform team writes into ${stackFile(stack)}, under config:`,
    "  virtual-clusters:handover:",
    `    ${name}: { from: ${before}, to: ${owner} }`,
  ].join("\n");
}

function namespaceProblem(before: string | undefined, { namespace }: Tenant): string | undefined {
  if (before === undefined || namespace === before) return undefined;
  return `namespace is '${namespace}', but the tenant is deployed in '${before}': a namespace cannot change. ${another}`;
}

function storeProblem(before: string | undefined, { store }: Tenant): string | undefined {
  if (before === undefined || store === before) return undefined;
  return `store is '${store}', but the tenant was made with '${before}': another store would start empty. ${another}`;
}

function versionProblem(before: string | undefined, { kubernetes }: Tenant): string | undefined {
  if (before === undefined) return undefined;
  const step = minorsBetween(before, kubernetes);
  if (step < 0) {
    return `kubernetes is "${kubernetes}", but the tenant runs "${before}", or an upgrade to it has begun: a Kubernetes version cannot go down. Write "${before}"`;
  }
  if (step <= 1) return undefined;
  const next = minorAfter(before);
  const known = kubernetesMinors.some((minor) => minor === next);
  const advice = known ? "" : ", with an earlier release of this program, which knows it";
  return `kubernetes is "${kubernetes}", but the tenant runs "${before}": one minor at a time, "${next}" first${advice}`;
}
