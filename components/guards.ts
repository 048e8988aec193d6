import * as pulumi from "@pulumi/pulumi";
import { tenantType } from "../model/deploy/tenantUrns.ts";
import {
  type DeployedResource,
  type Guarded,
  type GuardJudgement,
  removalProblems,
  retentionProblems,
  updateProblems,
} from "../model/rules/guards.ts";
import { clusterUpdateProblems } from "../model/rules/hostChanges.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { formatProblem, type Problem } from "../model/text/problems.ts";
import type { Locate } from "../model/text/validate.ts";

/**
 * The last line that keeps a tenant from being lost or given away, or its host from what Azure never does: hooks that the engine calls with a resource's old
 * inputs before it updates or deletes it, in previews too. The state keeps the names of hooks before deletions, so they
 * stay the same for ever, and each is registered in every run, before everything else.
 */
export interface Guards {
  /** Before an update of a tenant's component, namespace or release. */
  readonly update: pulumi.ResourceHook;
  /** Before a deletion of what is protected. */
  readonly removal: pulumi.ResourceHook;
  /** Before a deletion of what keeps its data. */
  readonly retention: pulumi.ResourceHook;
  /** Before an update of the host cluster. */
  readonly host: pulumi.ResourceHook;
}

/** What an update of the host cluster is judged by. */
export interface HostJudgement {
  readonly settings: Settings;
  /** Where a setting stands. */
  readonly locate: Locate;
}

/** Registers the guards of a run. */
export function registerGuards(judgement: GuardJudgement, { settings, locate }: HostJudgement): Guards {
  const hook = (name: string, judge: (event: pulumi.ResourceHookArgs) => Problem[]) =>
    new pulumi.ResourceHook(
      name,
      (event) => {
        const problems = judge(event);
        if (problems.length > 0) throw new Error(problems.map(formatProblem).join("\n"));
      },
      { onDryRun: true },
    );
  const guard = (name: string, judge: (resource: DeployedResource, judgement: GuardJudgement) => Problem[]) =>
    hook(name, (event) => judge(deployedResource(event), judgement));
  return {
    host: hook("host-update", ({ oldInputs }) =>
      settings.azure === undefined ? [] : clusterUpdateProblems(oldInputs, settings.azure, locate),
    ),
    update: guard("tenant-update", updateProblems),
    removal: guard("tenant-removal", removalProblems),
    retention: guard("tenant-retention", retentionProblems),
  };
}

/** The hooks of what holds a tenant's data: its namespace and its release, in a stack with these settings. */
export function hooksOf(
  { lifecycle, dataOnRemoval }: Tenant,
  { update, removal, retention }: Guards,
  { protect }: Pick<Settings, "protect">,
): pulumi.ResourceHookBinding {
  const beforeDelete = [
    ...(lifecycle === "offboarding" ? [] : [removal]),
    ...(dataOnRemoval === "keep" ? [retention] : []),
  ];
  // Without protection a stack can be torn down, by an engine that runs no program and so knows no hook.
  return { beforeUpdate: [update], ...(protect && beforeDelete.length > 0 && { beforeDelete }) };
}

/** What the components that a tenant consists of call their resources; the state keeps these names. */
export const guardedNames: Readonly<Record<Guarded, (tenant: string) => string>> = {
  tenant: (tenant) => tenant,
  namespace: (tenant) => `${tenant}-namespace`,
  release: (tenant) => `${tenant}-vcluster`,
};

const guardedTypes: Readonly<Record<string, Guarded>> = {
  [tenantType]: "tenant",
  "kubernetes:core/v1:Namespace": "namespace",
  "kubernetes:helm.sh/v3:Release": "release",
};

function deployedResource({ type, name, oldInputs }: pulumi.ResourceHookArgs): DeployedResource {
  const of = guardedTypes[type];
  if (of === undefined) throw new Error(`no guard knows resources of type ${type}`);
  const suffix = guardedNames[of]("");
  return { of, tenant: name.slice(0, name.length - suffix.length), inputs: oldInputs };
}
