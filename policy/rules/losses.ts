import { kindOf, type Resource, type Step, stepsByTenant } from "../../model/plan/steps.ts";
import { ours, say } from "../../model/plan/words.ts";
import { type StepRule, targetOf } from "../rule.ts";

/** A rule on resources of some kinds that all tenants share, which may not go or be replaced. */
function keeps(id: string, guards: string, which: (resource: Resource) => boolean, loss: string): StepRule {
  return {
    id,
    guards,
    findings: ({ steps }) =>
      steps.filter(isLost).flatMap(({ op, before }) => {
        if (before === undefined || !which(before)) return [];
        const done = op === "delete" ? "deleted" : "replaced";
        return [{ target: targetOf(kindOf(before), before.name), why: ours(`it is ${done}: ${loss}`) }];
      }),
  };
}

/** True for what goes, or is made anew: what a cloud keeps when it leaves the state does neither. */
function isLost({ op, before }: Step): boolean {
  return op === "replace" || (op === "delete" && before?.retain !== true);
}

const kinds =
  (...names: readonly string[]) =>
  (resource: Resource) =>
    names.includes(kindOf(resource));

/** What is lost by a deletion or a replacement. */
export const lossRules: readonly StepRule[] = [
  keeps(
    "host-lost",
    "The host cluster and its resource group stay",
    kinds("ManagedCluster", "ResourceGroup"),
    "every virtual cluster on it goes with its data",
  ),
  keeps(
    "network-lost",
    "The host's network and the names in it stay",
    kinds("VirtualNetwork", "Subnet", "VirtualNetworkPeering", "PrivateZone", "VirtualNetworkLink"),
    "what reaches tenants through it reaches them no more",
  ),
  keeps(
    "guard-lost",
    "The guard of the host stays",
    kinds("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "CiliumClusterwideNetworkPolicy"),
    "what it forbids to tenants is allowed, if only for the moment",
  ),
  keeps(
    "provider-lost",
    "The connection to the host stays the same",
    ({ type, name }) => type.startsWith("pulumi:providers:") && !/^default(_|$)/.test(name),
    "everything that was made through it is made anew",
  ),
  {
    id: "data-lost",
    guards: "No tenant's data goes",
    findings: ({ steps }) =>
      [...stepsByTenant(steps)].flatMap(([tenant, own]) => {
        const lost = lostData(own);
        return tenant === undefined || lost === undefined
          ? []
          : [{ target: targetOf("tenant", tenant), why: say`${ours(lost)}: its data is lost for good` }];
      }),
  },
];

/** How a tenant's data goes; undefined where it stays. */
function lostData(steps: readonly Step[]): string | undefined {
  // A namespace that the cloud keeps has the release's disks in it.
  const keepsDisks = steps.some(
    ({ op, before }) => op === "delete" && before?.retain && kindOf(before) === "Namespace",
  );
  const lost = steps.flatMap((step) => {
    const kind = step.before === undefined ? "" : kindOf(step.before);
    const isData = kind === "Namespace" || (kind === "Release" && !(keepsDisks && step.op === "delete"));
    return isData && isLost(step) ? [{ kind, op: step.op }] : [];
  });
  const parts = [...Map.groupBy(lost, ({ op }) => op)].map(([op, some]) => {
    const names = new Intl.ListFormat("en").format(some.map(({ kind }) => kind).sort());
    return `its ${names} ${some.length === 1 ? "is" : "are"} ${op}d`;
  });
  return parts.length === 0 ? undefined : parts.join(", ");
}
