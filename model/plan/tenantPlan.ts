import { azureRoles } from "../access/roles.ts";
import { isStopped, type Values } from "../deploy/chartFacts.ts";
import { overheadOf } from "../deploy/quota.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { tenantCost, withItsDisk } from "./cost.ts";
import { type Labels, peopleChanges } from "./people.ts";
import type { ControlPlane, Fate, ResourceChange, TenantPlan } from "./plan.ts";
import { isGrouping, kindOf, knownLater, type Resource, type Step } from "./steps.ts";
import { fieldChanges } from "./tenantPhrases.ts";
import { valueChanges } from "./values.ts";
import { ours, say, type Words } from "./words.ts";

/** Everything that is known of a tenant on both sides. */
export interface TenantCase {
  readonly name: string;
  readonly before: Tenant | undefined;
  readonly after: Tenant | undefined;
  /** A tenant whose file says nothing but what it must, under the settings of after. */
  readonly bare: Tenant | undefined;
  readonly settings: { readonly before: Settings | undefined; readonly after: Settings | undefined };
  readonly labels: Labels;
  /** True where its file is the same on both sides. */
  readonly sameFile: boolean;
  /** True where the cluster that it lives on goes, or is replaced by another. */
  readonly hostGoes: boolean;
  /** The steps of its resources; undefined where no engine has told. */
  readonly steps: readonly Step[] | undefined;
}

/** What a change does to a tenant; undefined where nothing. */
export function tenantPlan(one: TenantCase): TenantPlan | undefined {
  const { name, before, after, bare, settings, labels, steps = [] } = one;
  const tenant = after ?? before;
  if (tenant === undefined) return undefined;
  // Settings that cannot be read are taken to be those of the other side.
  const people = peopleChanges(
    { tenant: before, settings: settings.before ?? settings.after, labels },
    { tenant: after, settings: settings.after ?? settings.before, labels },
  );
  const fields = after === undefined ? [] : fieldChanges({ before, after, settings, labels }, people, bare);
  // What happens to single resources says nothing more where all goes.
  const told = one.hostGoes && before !== undefined ? [] : steps;
  const resources = resourceChanges(told.filter(({ op, ...step }) => op !== "same" && !isGrouping(resource(step))));
  const controlPlane = controlPlaneOf(one);
  if (
    !one.hostGoes &&
    after !== undefined &&
    before !== undefined &&
    fields.length + people.length + resources.length === 0
  ) {
    return undefined;
  }
  const data = dataOf(one);
  const cost = after === undefined ? undefined : tenantCost(withItsDisk(after, before), settings.after);
  return {
    name,
    alike: [],
    owner: tenant.owner,
    namespace: tenant.namespace,
    fate: fateOf(before, after),
    cause: one.sameFile ? "stack" : "file",
    fields,
    people,
    controlPlane,
    replicas: overheadOf(tenant).controlPlanes,
    ...(data !== undefined && { data }),
    resources: resources.map(({ kind, values, ...rest }) => ({
      kind,
      ...rest,
      values: values.filter(({ path }) => !isChartValue(kind, path)),
    })),
    values: resources.flatMap(({ kind, op, values }) =>
      op === "create" || op === "delete"
        ? []
        : values
            .filter(({ path }) => isChartValue(kind, path))
            .map((value) => ({ ...value, path: value.path.slice("values.".length) })),
    ),
    ...(cost !== undefined && { cost }),
  };
}

function isChartValue(kind: string, path: string): boolean {
  return kind === "Release" && path.startsWith("values.");
}

function resource({ before, after }: Pick<Step, "before" | "after">): Pick<Resource, "type" | "name" | "inputs"> {
  return after ?? before ?? { type: "", name: "", inputs: {} };
}

/** Steps that change something, with what differs in what the program asks for. */
export function resourceChanges(steps: readonly Step[]): ResourceChange[] {
  return steps.flatMap((step) => {
    const { op, before, after } = step;
    if (op === "same") return [];
    const { type, name, inputs } = resource(step);
    const kind = kindOf({ type });
    const meaning = meaningOf(kind, before?.inputs ?? inputs) ?? meaningOf(kind, inputs);
    const differing = before === undefined || after === undefined ? [] : valueChanges(before.inputs, after.inputs);
    const values = differing.filter(({ to }) => to !== knownLater);
    return [{ op, kind, name, values, ...(meaning !== undefined && { meaning }) }];
  });
}

/** What a role assignment gives, of which its own name says nothing. */
function meaningOf(kind: string, { roleDefinitionId }: Resource["inputs"]): Words | undefined {
  if (kind !== "RoleAssignment") return undefined;
  const role = Object.values(azureRoles).find(({ id }) => String(roleDefinitionId).endsWith(id));
  return role === undefined ? undefined : ours(role.name);
}

function fateOf(before: Tenant | undefined, after: Tenant | undefined): Fate {
  if (before === undefined) return "created";
  if (after === undefined) return "deleted";
  if (before.lifecycle === after.lifecycle) return "changed";
  return after.lifecycle === "active" ? "resumed" : after.lifecycle;
}

/**
 * What becomes of the control plane. The chart puts a hash of all its values into the pods' template, so that any value
 * restarts it. Source: chart 0.36.1, templates/_vclusterconfighash.tpl.
 */
function controlPlaneOf({ before, after, steps, hostGoes }: TenantCase): ControlPlane {
  const release = steps?.find((step) => kindOf(resource(step)) === "Release");
  const stopped = (state: Resource | undefined, tenant: Tenant | undefined) =>
    state === undefined
      ? tenant === undefined || tenant.lifecycle !== "active"
      : isStopped((state.inputs.values ?? {}) as Values);
  const [was, is] = [!stopped(release?.before, before), !stopped(release?.after, after)];
  if (after === undefined) return "goes";
  if (hostGoes) return before === undefined ? "starts" : "anew";
  if (was !== is) return is ? "starts" : "stops";
  if (!is || release === undefined || release.op === "same") return "untouched";
  const { before: old, after: now } = release;
  const changed = valueChanges(old?.inputs, now?.inputs).some(({ path }) => /^(values|version)\b/.test(path));
  return release.op === "replace" || changed ? "restarts" : "untouched";
}

/** What becomes of the data, where a deletion or a replacement puts it at stake. */
function dataOf({ before, after, steps, hostGoes }: TenantCase): TenantPlan["data"] {
  if (before === undefined) return undefined;
  if (hostGoes) return { lost: true, text: ours("lost with the cluster that it lives on") };
  const { namespace, resources, dataOnRemoval } = before;
  const holder = steps?.find((step) => kindOf(resource(step)) === "Namespace");
  if (after === undefined) {
    const kept = holder?.before?.retain ?? dataOnRemoval === "keep";
    if (kept) {
      const text = say`kept: namespace ${namespace} and its disks stay, and the name cannot be used again until they are deleted by hand and forgetRetained names it`;
      return { lost: false, text };
    }
    const volumes = `up to ${resources.workloads.storageGi}Gi of volumes`;
    return {
      lost: true,
      text: say`lost: namespace ${namespace} goes with everything in it: the virtual cluster's objects and ${ours(volumes)}`,
    };
  }
  const replaced = (steps ?? []).filter(
    (step) => step.op === "replace" && ["Namespace", "Release"].includes(kindOf(resource(step))),
  );
  if (replaced.length === 0) return undefined;
  const what = [...new Set(replaced.map((step) => kindOf(resource(step))))].join(" and ");
  return { lost: true, text: say`lost: replaced (${ours(what)}), the virtual cluster begins empty` };
}
