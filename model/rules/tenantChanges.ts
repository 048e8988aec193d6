import { tenantVersions, type VersionSettings } from "../chart/versions.ts";
import { minorAfter, minorOf, minorsBetween, patchesBetween } from "../facts/kubernetesVersions.ts";
import { tenantMinorNames } from "../facts/tenantMinors.ts";
import { stackFile } from "../settings/project.ts";
import type { Handover } from "../settings/settingsSchema.ts";
import type { FieldLocation } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";

/** What is known of a deployed tenant: as much as its outputs, or one of its resources, say. */
export type Before = Partial<
  Readonly<Record<"owner" | "namespace" | "store" | "kubernetes" | "kubernetesVersion" | "chart", string>>
>;

/** What a change of a tenant is judged by, besides what is deployed. */
export interface Judgement {
  readonly stack: string;
  readonly locate: FieldLocation;
  /** The setting `handover`. */
  readonly handover: Readonly<Record<string, Handover>>;
  /** The part of the setting `vcluster` that says versions; left out where the settings are not right. */
  readonly versions?: VersionSettings | undefined;
  /**
   * By tenant, the patch release of Kubernetes that the last deployment which ended well left: after a failed one it may be
   * gone back to. A patch release is the stack's to name, and one without an image could otherwise never be taken back.
   */
  readonly lastWell?: Readonly<Record<string, string>>;
}

const another = "Put the old one back, or offboard this tenant and add another under a new name";

/**
 * What of a tenant's file cannot be, given what is deployed of it: another owner without a handover, another namespace
 * or store, a Kubernetes version that goes down or skips a minor, a chart whose line does. The one place that knows, for the
 * check before a deployment and for the guards in it. A chart that goes down within its line is a warning.
 */
export function changeProblems(before: Before, after: Tenant, judgement: Judgement): Problem[] {
  const { name } = after;
  const refuse = (field: keyof Tenant, message: string | undefined): Problem[] =>
    message === undefined ? [] : [{ location: judgement.locate(name, field), message }];
  return [
    ...refuse("owner", ownerProblem(before.owner, after, judgement)),
    ...refuse("namespace", namespaceProblem(before.namespace, after)),
    ...refuse("store", storeProblem(before.store, after)),
    ...refuse("kubernetes", versionProblem(before.kubernetes, after)),
    ...(judgement.versions === undefined ? [] : exactProblems(before, after, judgement.versions, judgement)),
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
  const known = tenantMinorNames.some((minor) => minor === next);
  const advice = known ? "" : ", with an earlier release of this program, which knows it";
  return `kubernetes is "${kubernetes}", but the tenant runs "${before}": one minor at a time, "${next}" first${advice}`;
}

/** What of the exact versions, which the stack's settings say, cannot be or is worth a warning. */
function exactProblems(
  before: Before,
  after: Tenant,
  settings: VersionSettings,
  { locate, lastWell = {} }: Judgement,
): Problem[] {
  const { kubernetesVersion, chart } = tenantVersions(after, settings);
  const back = Object.hasOwn(lastWell, after.name) && lastWell[after.name] === kubernetesVersion;
  const patch = back ? undefined : patchProblem(before.kubernetesVersion, kubernetesVersion);
  return [
    ...(patch === undefined ? [] : [{ location: locate(after.name, "kubernetes"), message: patch }]),
    ...(before.chart === undefined
      ? []
      : chartProblems(before.chart, chart, after).map((problem) => ({
          ...problem,
          location: locate(after.name, "channel"),
        }))),
  ];
}

function patchProblem(before: string | undefined, next: string): string | undefined {
  if (before === undefined || minorOf(before) !== minorOf(next) || patchesBetween(before, next) >= 0) return undefined;
  const minor = minorOf(next);
  return `Kubernetes would go from ${before}, which runs or an upgrade to which has begun, down to ${next}: a Kubernetes version cannot go down. In the stack's settings write vcluster.kubernetesPatches: { "${minor}": "${before}" }, or a later one`;
}

function chartProblems(before: string, next: string, { channel }: Tenant): Omit<Problem, "location">[] {
  const step = minorsBetween(before, next);
  const named = `channel '${channel}' (setting vcluster.channels.${channel}) is chart ${next}, but the tenant runs ${before}, or an upgrade to it has begun`;
  if (step < 0) {
    return [{ message: `${named}: a chart's line cannot go down. Name ${before} or a later one for this tenant` }];
  }
  if (step > 1) return [{ message: `${named}: one line at a time, a chart of ${minorAfter(before)} first` }];
  if (step > 0 || patchesBetween(before, next) >= 0) return [];
  const message = `${named}: going back, a store that the later one wrote may not be readable. Keep a copy of the disk (docs/upgrading.md)`;
  return [{ severity: "warning", message }];
}
