import { stackLabel } from "../namespace.ts";

/**
 * One rule of the guard of the host, in the terms of Kubernetes' ValidatingAdmissionPolicy: what it judges, whom it
 * leaves out, and what must hold. Expressions are CEL.
 */
export interface GuardRule {
  /** The end of the policy's name, such as "pods". */
  readonly name: string;
  /** What is judged. */
  readonly resources: readonly ResourceRule[];
  /** What a request must meet to be judged at all, each by the name that Kubernetes gives in its errors. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** Names for parts of the validations, each usable in those after it as `variables.<name>`. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly validations: readonly Validation[];
  /** True for namespaces themselves: a selector would be matched with the labels that a request asks for. */
  readonly everywhere?: boolean;
}

/** Kinds of object by group, and what is done to them. */
export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
}

/** What must hold, and what whoever is refused reads. */
export interface Validation {
  readonly expression: string;
  /** What is refused, and what to do instead. */
  readonly message: string;
}

/**
 * The policy that makes a rule true in the namespaces of a stack's tenants. Where it cannot be evaluated, it refuses.
 *
 * @param guard the stack's `guardName`
 */
export function admissionPolicy(guard: string, rule: GuardRule) {
  const { resources, conditions = {}, variables = {}, validations, everywhere = false } = rule;
  const named = (expressions: Readonly<Record<string, string>>) =>
    Object.entries(expressions).map(([name, expression]) => ({ name, expression }));
  return {
    metadata: { name: policyName(guard, rule) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        ...(!everywhere && { namespaceSelector: { matchLabels: { [stackLabel]: guard } } }),
        resourceRules: resources.map(({ apiGroups, resources: kinds, operations }) => ({
          apiGroups: [...apiGroups],
          apiVersions: ["*"],
          operations: [...operations],
          resources: [...kinds],
          // A selector of namespaces exempts nothing that is in none: without this, those of the whole cluster are judged.
          ...(!everywhere && { scope: "Namespaced" }),
        })),
      },
      ...(Object.keys(conditions).length > 0 && { matchConditions: named(conditions) }),
      ...(Object.keys(variables).length > 0 && { variables: named(variables) }),
      validations: validations.map(({ expression, message }) => ({ expression, message, reason: "Forbidden" })),
    },
  };
}

/** The binding that puts the policy into force: it denies, which is the only way to do more than warn. */
export function policyBinding(guard: string, rule: Pick<GuardRule, "name">) {
  const name = policyName(guard, rule);
  return { metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } };
}

/** What a rule's policy and its binding are called on the host. */
export function policyName(guard: string, { name }: Pick<GuardRule, "name">): string {
  return `${guard}-${name}`;
}

/** A text as CEL writes it. */
export function celText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** A list of texts as CEL writes it. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map(celText).join(", ")}]`;
}
