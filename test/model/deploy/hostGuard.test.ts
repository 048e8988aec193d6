import { Ajv2020 } from "ajv/dist/2020.js";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { ciliumDenials } from "../../../model/deploy/hostGuard/cilium.ts";
import { hostGuard } from "../../../model/deploy/hostGuard/hostGuard.ts";
import { guardName } from "../../../model/deploy/namespace.ts";
import { readYaml } from "../../support/project.ts";

const guard = "virtual-clusters-dev";
const ofStack = { namespaceSelector: { matchLabels: { "virtual-clusters/stack": guard } } };

describe("the guard of the host", () => {
  const objects = hostGuard(guard, {});

  test("has a policy and a binding for each rule, by which the stack's own namespaces are judged", () => {
    expect(objects.map(({ policy }) => policy.metadata.name)).toEqual(
      [
        "namespaces",
        "boundaries",
        "roles",
        "releases",
        "revisions",
        "pods",
        "bindings",
        "deletions",
        "services",
        "addresses",
        "budgets",
      ].map((rule) => `virtual-clusters-dev-${rule}`),
    );
    for (const { name, policy, binding } of objects) {
      expect(policy.spec.failurePolicy).toBe("Fail");
      expect(binding.spec).toEqual({ policyName: policy.metadata.name, validationActions: ["Deny"] });
      // A selector would be matched with the labels that a request asks for.
      const { matchConstraints } = policy.spec;
      if (name === "namespaces") expect(matchConstraints).not.toHaveProperty("namespaceSelector");
      else expect(matchConstraints).toMatchObject(ofStack);
      // A selector exempts nothing that is in no namespace: nodes of Cilium, volumes, and what others will call so.
      const scopes = new Set(matchConstraints.resourceRules.map(({ scope }) => scope));
      expect([...scopes]).toEqual([name === "namespaces" ? undefined : "Namespaced"]);
    }
  });

  test("asks who the platform is for what is seldom written alone, in one condition, and last", () => {
    const asking = objects.filter(({ policy }) => JSON.stringify(policy).includes("resource('namespaces').check"));
    expect(asking.map(({ name }) => name)).toEqual([
      "namespaces",
      "boundaries",
      "roles",
      "releases",
      "revisions",
      "budgets",
    ]);
    // Kubernetes evaluates every condition, also after one that is false.
    for (const { policy } of asking) {
      expect(policy.spec.matchConditions?.map(({ name }) => name)).toEqual(["not-the-platform"]);
      expect(policy.spec.matchConditions?.[0]?.expression).toMatch(/\.check\('create'\)\.allowed\(\)\)$/);
    }
    const conditions = objects.flatMap(({ policy }) => policy.spec.matchConditions ?? []);
    expect(conditions.map(({ expression }) => expression).join()).not.toContain(":vc-");
  });

  test("says in every message what to do, in one line", () => {
    const messages = objects.flatMap(({ policy }) => policy.spec.validations.map(({ message }) => message));
    expect(messages.length).toBeGreaterThan(35);
    for (const message of messages) expect(message).toMatch(/^[a-z][^\n]{20,200}$/);
  });

  test("takes what the stack's own values give to the pods that they deploy", () => {
    const scheduling = { tolerations: [{ key: "pool", operator: "Equal", value: "system", effect: "NoSchedule" }] };
    const values = {
      controlPlane: { statefulSet: { scheduling } },
      sync: { fromHost: { runtimeClasses: { enabled: true } } },
    };
    const pods = JSON.stringify(hostGuard(guard, values).find(({ name }) => name === "pods"));
    expect(pods).toContain("['pool|Equal|system|NoSchedule']");
    expect(pods).not.toContain("runtimeClassName");
    expect(JSON.stringify(objects)).toContain("runtimeClassName");
  });

  test.each([
    ["virtual-clusters", "dev", "virtual-clusters-dev"],
    ["Team_A", "prod.north", "team-a-prod-north"],
    ["p".repeat(80), "dev", "p".repeat(63)],
  ])(
    "of project %s and stack %s is called %s, so that two stacks on one cluster have one each",
    (project, stack, name) => {
      expect(guardName(project, stack)).toBe(name);
    },
  );
});

interface Reach {
  readonly pods: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly destinations: Readonly<Record<string, { readonly address?: string; readonly entity?: string }>>;
  readonly reach: Readonly<Record<string, { readonly denied: string[]; readonly byPolicy: string[] }>>;
  readonly reachWithPublicApiServer: Reach["reach"];
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

type Denial = ReturnType<typeof ciliumDenials>["specs"][number];

/** True where a rule selects a pod by its labels; that it is in a tenant's namespace is taken as given. */
function selects({ endpointSelector }: Denial, labels: Readonly<Record<string, string>>): boolean {
  const { matchExpressions = [] } = endpointSelector as { matchExpressions?: Expression[] };
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key.replace("k8s:", "")];
    return operator === "NotIn" ? !values.includes(value ?? "") : (value !== undefined) === (operator === "Exists");
  });
}

describe("what Cilium denies to tenants", () => {
  const policy = ciliumDenials(guard, { privateApiServer: true });

  test("is a policy as Cilium's CRD takes it", () => {
    const check = new Ajv2020({ strict: false, allErrors: true }).compile(
      readYaml("test/data/cilium-policy.schema.yaml") as object,
    );
    check(policy);
    expect(check.errors ?? []).toEqual([]);
    check({
      ...policy,
      specs: [{ endpointSelector: {}, egressDeny: [{ toCIDR: ["10.0.0.0/8"], toEntities: ["host"] }] }],
    });
    expect(check.errors).not.toEqual([]);
  });

  test("makes no pod reach less than what is denied, and selects the stack's tenants alone", () => {
    for (const { endpointSelector, enableDefaultDeny } of policy.specs) {
      expect(enableDefaultDeny).toEqual({ egress: false, ingress: false });
      expect(endpointSelector.matchLabels).toEqual({
        "k8s:io.cilium.k8s.namespace.labels.virtual-clusters/stack": guard,
      });
    }
  });

  const { pods, destinations, reach, reachWithPublicApiServer } = readYaml("test/data/cilium-reach.yaml") as Reach;

  /** The destinations that are denied to a pod, and the others. */
  const reachOf = (pod: string, privateApiServer: boolean) => {
    const { specs } = ciliumDenials(guard, { privateApiServer });
    const denials = specs.filter((spec) => selects(spec, pods[pod] ?? {})).flatMap(({ egressDeny }) => egressDeny);
    const isDenied = (name: string) => {
      const { address, entity } = destinations[name] ?? {};
      return (denials as { toCIDR?: string[]; toEntities?: string[] }[]).some(
        ({ toCIDR = [], toEntities = [] }) =>
          (entity !== undefined && toEntities.includes(entity)) ||
          (address !== undefined && toCIDR.some((range) => ipaddr.parse(address).match(ipaddr.parseCIDR(range)))),
      );
    };
    const names = Object.keys(destinations);
    return { denied: names.filter(isDenied), byPolicy: names.filter((name) => !isDenied(name)) };
  };

  test.each(Object.keys(pods))("leaves a pod '%s' what the table says", (pod) => {
    expect(reachOf(pod, true)).toEqual(reach[pod]);
    expect(reachOf(pod, false)).toEqual(reachWithPublicApiServer[pod] ?? reach[pod]);
  });
});
