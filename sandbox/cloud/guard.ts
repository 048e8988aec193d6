import type { Request } from "../../model/access/rights.ts";
import type { admissionPolicy } from "../../model/deploy/hostGuard/policy.ts";
import { platformCondition } from "../../model/deploy/hostGuard/who.ts";
import { stackLabel } from "../../model/deploy/namespace.ts";
import type { Properties } from "../engine/values.ts";
import { authorize, type Caller } from "./authorizer.ts";
import type { Cloud } from "./cloud.ts";
import { at } from "./kind.ts";

export const admissionPolicyType = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy";
export const policyBindingType = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding";

type Policy = ReturnType<typeof admissionPolicy>;

const operations: Readonly<Record<string, string>> = {
  create: "CREATE",
  update: "UPDATE",
  patch: "UPDATE",
  delete: "DELETE",
  deletecollection: "DELETE",
};

/** What the guard of the host says of a request that a role allows. */
export interface Judgement {
  /** The policy that refuses it whatever the object is. */
  readonly refusal?: { readonly policy: string; readonly message: string };
  /** The policies that look at the object: what is asked names none. */
  readonly judges: readonly string[];
}

/**
 * Judges a person's request by the policies that are deployed in a namespace. There is no CEL here: a policy that refuses
 * always is told by its only validation, `false`; and of whom it leaves out by the guard's own conditions.
 */
export function judge(cloud: Cloud, caller: Caller, request: Request, namespace: string | undefined): Judgement {
  const label = namespace === undefined ? undefined : guardOf(cloud, namespace);
  if (label === undefined) return { judges: [] };
  const bound = new Set(cloud.ofType(policyBindingType).map(({ properties }) => at(properties, "spec.policyName")));
  const policies = cloud
    .ofType(admissionPolicyType)
    .map(({ properties }) => properties as unknown as Policy)
    .filter((policy) => bound.has(policy.metadata.name) && matches(policy, request, label));
  const create: Request = { verb: "create", group: "", resource: "namespaces", subresource: "" };
  const isPlatform = authorize(cloud, caller, create, undefined).allowed;
  const mine = policies.filter(({ spec }) => !(isPlatform && spec.matchConditions?.some(leavesOutThePlatform)));
  const refusing = mine.find(({ spec }) => spec.validations.every(({ expression }) => expression === "false"));
  const [first] = refusing?.spec.validations ?? [];
  return {
    ...(refusing !== undefined &&
      first !== undefined && { refusal: { policy: refusing.metadata.name, message: first.message } }),
    judges: mine.filter((policy) => policy !== refusing).map(({ metadata }) => metadata.name),
  };
}

function leavesOutThePlatform({ name }: { readonly name: string }): boolean {
  return name === platformCondition;
}

/** The stack whose guard judges a namespace, as the namespace's label says. */
function guardOf(cloud: Cloud, namespace: string): string | undefined {
  const labels = at(cloud.get(`namespaces/${namespace}`)?.properties ?? {}, "metadata.labels") as
    | Properties
    | undefined;
  const label = labels?.[stackLabel];
  return typeof label === "string" ? label : undefined;
}

function matches({ metadata, spec }: Policy, { verb, group, resource, subresource }: Request, label: string): boolean {
  const { namespaceSelector, resourceRules } = spec.matchConstraints;
  // The rule for namespaces has no selector, and goes by the label itself.
  const mine =
    namespaceSelector?.matchLabels[stackLabel] === label ||
    (namespaceSelector === undefined && metadata.name.startsWith(`${label}-`));
  const kind = subresource === "" ? resource : `${resource}/${subresource}`;
  return (
    mine &&
    resourceRules.some(
      (rule) =>
        rule.apiGroups.includes(group) &&
        rule.operations.some((operation) => operation === operations[verb]) &&
        (rule.resources.includes(kind) || rule.resources.includes("*/*")),
    )
  );
}
