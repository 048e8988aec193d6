import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { bindingsInside } from "../../../model/access/roles.ts";
import { valuesCheck } from "../../../model/chart/chartSchema.ts";
import { allowedValues, paidValues } from "../../../model/chart/protectedValues.ts";
import { builtInVersions } from "../../../model/chart/versions.ts";
import { type Values, withValue } from "../../../model/deploy/chartFacts.ts";
import { chartValues, type StackValues } from "../../../model/deploy/chartValues.ts";
import { chartLines } from "../../../model/facts/chartLines.ts";
import { tenantMinorNames } from "../../../model/facts/tenantMinors.ts";
import { settingsRuleProblems } from "../../../model/settings/settingsRules.ts";
import { sizes } from "../../../model/tenant/sizes.ts";
import { exposures, lifecycles, stores, type Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenant as arbitraryTenant } from "../../support/arbitraries.ts";
import { disagreements, fullSchema, ownSchema, ownSchemaOf, whySkipped } from "../../support/chartSchemas.ts";

const tenant: Tenant = {
  name: "ml",
  owner: "team@contoso.com",
  purpose: "a test",
  size: "small",
  resources: sizes.small,
  kubernetes: "1.35",
  namespace: "dev",
  access: { admins: [], developers: [], viewers: [] },
  hostRole: "none",
  expose: "internal",
  allowedCidrs: [],
  store: "sqlite",
  channel: "default",
  bootstrap: [],
  dataOnRemoval: "delete",
  lifecycle: "active",
};

const valuesOf = (of: Tenant, stack: StackValues = {}) => chartValues(of, stack);

/** Every combination of what changes the values. */
const combinations = Object.entries(sizes).flatMap(([size, resources]) =>
  tenantMinorNames.flatMap((kubernetes) =>
    exposures.flatMap((expose) =>
      stores.flatMap((store) =>
        lifecycles.map((lifecycle): Tenant => {
          const allowedCidrs = expose === "public" ? ["203.0.113.0/24"] : [];
          const bootstrap =
            size === "small" ? [] : [{ chart: "kuberay-operator" as const, values: { image: { tag: "v1" } } }];
          return { ...tenant, size, resources, kubernetes, expose, store, lifecycle, allowedCidrs, bootstrap };
        }),
      ),
    ),
  ),
);

/** The schemas that values must meet: that of the tests for each line, and the chart's own where it is at hand. */
const schemas: readonly (readonly [string, object | undefined])[] = [
  ...Object.keys(chartLines).map((line) => [`the tests' own schema of ${line}`, ownSchemaOf(line)] as const),
  [`the chart's schema${whySkipped}`, fullSchema],
];

/** Every path of a value that is a mapping, such as "controlPlane.proxy". */
function* pathsOf(value: unknown, path = ""): Generator<string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, child] of Object.entries(value)) {
    const here = path === "" ? key : `${path}.${key}`;
    yield here;
    yield* pathsOf(child, here);
  }
}

/** What a stack may add, valid by itself. */
const stackValues = fc.record({
  helmValues: fc.constantFrom(
    {},
    { logging: { encoding: "json" } },
    { sync: { fromHost: { storageClasses: { enabled: true } } }, controlPlane: { serviceMonitor: { enabled: true } } },
  ),
  signIn: fc.option(
    fc.record({
      issuer: fc.webUrl({ validSchemes: ["https"] }),
      clientId: fc.uuid(),
      usernameClaim: fc.constant("oid"),
      groupsClaim: fc.constant("groups"),
    }),
    { nil: undefined },
  ),
});

/** What somebody may write for every tenant, right or wrong: any value at what may be set, above it and below. */
const ownValues = fc
  .array(
    fc.tuple(
      fc.constantFrom(...allowedValues, "controlPlane", "sync.fromHost", "networking.advanced", "telemetry"),
      fc.array(fc.constantFrom("enabled", "encoding", "replicas", "labels", "all"), { maxLength: 2 }),
      fc.oneof(fc.boolean(), fc.constantFrom("json", "1m", "auto", ""), fc.jsonValue({ maxDepth: 2 })),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((entries) =>
    entries.reduce<Values>(
      (values, [path, below, value]) => withValue(values, [...path.split("."), ...below].join("."), value),
      {},
    ),
  );

/** Whatever a tenant's file and a stack can say. */
const any = fc.tuple(arbitraryTenant, stackValues);

describe.each(schemas)("%s", (_, schema) => {
  const check = schema === undefined ? undefined : valuesCheck(schema);

  test.runIf(check)("is met, whatever a tenant's file and a stack say", () => {
    fc.assert(
      fc.property(any, (each) => {
        expect(check?.(chartValues(...each))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test.runIf(check)("is met for every size, version, exposure, store and lifecycle", () => {
    expect(combinations).toHaveLength(162);
    const problems = combinations.flatMap((each) => check?.(valuesOf(each)) ?? []);
    expect(problems).toEqual([]);
  });

  test.runIf(check)("refuses with the settings whatever Helm would refuse of a stack's own values", () => {
    const [helm, outcomes] = [check ?? (() => []), { refused: 0, taken: 0 }];
    const locate = () => ({ file: "Pulumi.test.yaml", line: 1, column: 1 });
    fc.assert(
      fc.property(arbitraryTenant, ownValues, (each, helmValues) => {
        const refused = helm(chartValues(each, { helmValues })).length > 0;
        const said = settingsRuleProblems({ vcluster: { helmValues } }, {}, locate, () => helm);
        if (refused) expect(said).not.toEqual([]);
        outcomes[refused ? "refused" : "taken"] += 1;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(outcomes.refused, outcomes.taken)).toBeGreaterThan(0);
  });

  test.runIf(check)("refuses an unknown key, so that the check can fail", () => {
    const values = { ...valuesOf(tenant), isolation: { enabled: true } };
    expect(check?.(values)).toEqual([{ path: ["isolation"], expected: "no such key", unknown: true }]);
  });
});

test("the tests' own schema has every value that a stack may set", () => {
  const schema = allowedValues.map((path) =>
    path.split(".").reduceRight<object>((child, key) => ({ properties: { [key]: child } }), {}),
  );
  expect(schema.flatMap((path) => disagreements(path, ownSchema))).toEqual([]);
});

test.runIf(fullSchema)(`the tests' own schema has no key, type or word that the chart's has not${whySkipped}`, () => {
  expect(disagreements(ownSchema, fullSchema ?? {})).toEqual([]);
  const wrong = {
    properties: { telemetry: { type: "array" }, logging: { properties: { level: { type: "string" } } } },
  };
  expect(disagreements(wrong, fullSchema ?? {})).toEqual(["telemetry: type", "logging.level: unknown"]);
});

describe("whatever a tenant's file and a stack say, the chart's values", () => {
  test("never hold a key that only the paid editions run", () => {
    const isPaid = (path: string) =>
      path.endsWith(".patches") || paidValues.some((key) => `${path}.`.startsWith(`${key}.`));
    expect(["sleep.auto", "platform", "sync.toHost.ingresses.patches"].map(isPaid)).toEqual([true, true, true]);
    fc.assert(
      fc.property(any, (each) => {
        const paths = [...pathsOf(chartValues(...each))];
        expect(paths).toContain("controlPlane.backingStore");
        expect(paths.filter(isPaid)).toEqual([]);
      }),
    );
  });
});

describe("the chart's values", () => {
  test("run the open-source image, without telemetry, in the Kubernetes minor that the tenant names", () => {
    const values = valuesOf({ ...tenant, kubernetes: "1.36" });
    expect(values.controlPlane.statefulSet.image).toEqual({ repository: "loft-sh/vcluster-oss" });
    expect(values.controlPlane.distro.k8s.image).toEqual({ tag: "v1.36.0" });
    expect(values.telemetry).toEqual({ enabled: false });
  });
  test("run the patch release that the stack names for the tenant's minor, or else the one that the chart's authors test", () => {
    const tag = (kubernetesPatches: Readonly<Record<string, string>>) =>
      valuesOf(tenant, { versions: { ...builtInVersions, kubernetesPatches } }).controlPlane.distro.k8s.image.tag;
    expect([tag({ "1.35": "1.35.4" }), tag({ "1.36": "1.36.2" })]).toEqual(["v1.35.4", "v1.35.0"]);
  });

  test("keep tenants apart: quota, limits, baseline pods, and no way to the node's identity or private networks", () => {
    const { policies } = valuesOf(tenant);
    expect(policies.podSecurityStandard).toBe("baseline");
    expect(policies.limitRange).toEqual({
      enabled: true,
      default: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "4Gi" },
      defaultRequest: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "256Mi" },
    });
    expect(policies.networkPolicy.workload.publicEgress.except).toEqual([
      "127.0.0.0/8",
      "100.64.0.0/10",
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "169.254.169.254/32",
      "168.63.129.16/32",
    ]);
  });

  test("keep service account tokens out of pods' annotations, and make no Service for each node", () => {
    const { sync, networking } = valuesOf(tenant);
    expect(sync.toHost.pods).toEqual({ useSecretsForSATokens: true });
    expect(networking.advanced.proxyKubelets).toEqual({ byHostname: false, byIP: false });
  });

  test("give pods beside the virtual cluster a network policy: DNS, their namespace, what is public", () => {
    const { spec } = parse(valuesOf(tenant).experimental.deploy.host.manifests) as { spec: Record<string, unknown> };
    expect(spec.podSelector).toEqual({
      matchExpressions: [
        { key: "vcluster.loft.sh/managed-by", operator: "DoesNotExist" },
        { key: "release", operator: "NotIn", values: ["ml"] },
      ],
    });
    expect(spec.policyTypes).toEqual(["Egress"]);
    expect(JSON.stringify(spec.egress)).toContain('"168.63.129.16/32"');
  });

  test("run nothing as root where the stack asks for the standard 'restricted'", () => {
    const { controlPlane, policies } = valuesOf({ ...tenant, store: "etcd" }, { podSecurity: "restricted" });
    const container = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsGroup: 12345,
      runAsNonRoot: true,
      runAsUser: 12345,
      seccompProfile: { type: "RuntimeDefault" },
    };
    const security = { containerSecurityContext: container, podSecurityContext: { fsGroup: 12345 } };
    expect(policies.podSecurityStandard).toBe("restricted");
    expect(controlPlane.distro.k8s.securityContext).toEqual(container);
    expect(controlPlane.statefulSet.security).toEqual(security);
    expect(controlPlane.backingStore.etcd?.deploy.statefulSet.security).toEqual(security);
  });

  test("give a quota of the size's workloads and what the virtual cluster itself takes, for each store", () => {
    // small: workloads 1500m/3Gi (limits 4/6Gi); one control plane 200m/512Mi (1/2Gi); DNS 20m/64Mi (1/170Mi).
    expect(valuesOf(tenant).policies.resourceQuota.quota).toEqual({
      "requests.cpu": "1720m",
      "requests.memory": "3648Mi",
      "requests.storage": "25Gi",
      "requests.ephemeral-storage": "23Gi",
      "limits.cpu": "6000m",
      "limits.memory": "8362Mi",
      "limits.ephemeral-storage": "230Gi",
      "services.loadbalancers": 1,
      "services.nodeports": 1,
      "count/pods": 23,
      "count/services": 24,
      "count/endpoints": 46,
      "count/configmaps": 115,
      "count/secrets": 115,
      // One for eight pods, and the store's own; no budget but the release's.
      "count/persistentvolumeclaims": 4,
      "count/poddisruptionbudgets.policy": 0,
      "azurefile.storageclass.storage.k8s.io/persistentvolumeclaims": 0,
      "azurefile-csi.storageclass.storage.k8s.io/persistentvolumeclaims": 0,
      "azurefile-csi-premium.storageclass.storage.k8s.io/persistentvolumeclaims": 0,
      "azurefile-premium.storageclass.storage.k8s.io/persistentvolumeclaims": 0,
    });
    const open = Object.keys(valuesOf(tenant, { azureFiles: true }).policies.resourceQuota.quota);
    expect(open.filter((key) => key.includes("storageclass"))).toEqual([]);
    // With etcd: three control planes, one more while they are rolled, and three members of 20m/150Mi (500m/1Gi) with a
    // disk of 5Gi each.
    expect(valuesOf({ ...tenant, store: "etcd" }).policies.resourceQuota.quota).toMatchObject({
      "requests.cpu": "2380m",
      "requests.memory": "5634Mi",
      "requests.storage": "35Gi",
      "limits.cpu": "10500m",
      "limits.memory": "17578Mi",
      "count/pods": 29,
      "count/services": 25,
      "count/persistentvolumeclaims": 6,
      "count/poddisruptionbudgets.policy": 2,
    });
    const workloads = { ...tenant.resources.workloads, claims: 12 };
    expect(
      valuesOf({ ...tenant, resources: { ...tenant.resources, workloads } }).policies.resourceQuota.quota,
    ).toMatchObject({
      "count/persistentvolumeclaims": 13,
    });
  });

  test("expose the API server as the tenant asks, and the quota has room for just that", () => {
    const exposed = (expose: Tenant["expose"], allowedCidrs: string[] = []) => {
      const { controlPlane, policies } = valuesOf({ ...tenant, expose, allowedCidrs });
      const { "services.loadbalancers": balancers, "services.nodeports": ports } = policies.resourceQuota.quota;
      return { service: controlPlane.service, balancers, ports };
    };
    expect(exposed("none")).toEqual({ service: { spec: { type: "ClusterIP" } }, balancers: 0, ports: 0 });
    expect(exposed("internal")).toEqual({
      service: {
        annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" },
        spec: { type: "LoadBalancer" },
      },
      balancers: 1,
      ports: 1,
    });
    expect(exposed("public", ["203.0.113.0/24"])).toEqual({
      service: { spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] } },
      balancers: 1,
      ports: 1,
    });
  });

  test("stop the control plane of a tenant that is suspended or offboarding", () => {
    const replicas = (fields: Partial<Tenant>) => {
      const { statefulSet, backingStore } = valuesOf({ ...tenant, ...fields }).controlPlane;
      return [statefulSet.highAvailability.replicas, backingStore.etcd?.deploy.statefulSet.highAvailability.replicas];
    };
    expect(replicas({})).toEqual([1, undefined]);
    expect(replicas({ store: "etcd" })).toEqual([3, 3]);
    expect(replicas({ lifecycle: "suspended" })).toEqual([0, undefined]);
    expect(replicas({ lifecycle: "offboarding", store: "etcd" })).toEqual([0, 0]);
  });

  test("keep or delete the store's disk as the tenant says, and never tie the workloads' disks to the release", () => {
    const { controlPlane, experimental } = valuesOf({ ...tenant, dataOnRemoval: "keep" });
    expect(controlPlane.statefulSet.persistence).toEqual({
      volumeClaim: { size: "5Gi", retentionPolicy: "Retain" },
    });
    expect(valuesOf(tenant).controlPlane.statefulSet.persistence?.volumeClaim?.retentionPolicy).toBe("Delete");
    expect(experimental.syncSettings).toEqual({ setOwner: false });
  });

  test("install the charts that the tenant asks for, inside, in their pinned versions", () => {
    const { experimental } = valuesOf({
      ...tenant,
      bootstrap: [{ chart: "kuberay-operator", values: { b: 1, a: { c: true } } }],
    });
    expect(experimental.deploy.vcluster).toEqual({
      helm: [
        {
          chart: { name: "kuberay-operator", repo: "https://ray-project.github.io/kuberay-helm/", version: "1.4.2" },
          release: { name: "kuberay-operator", namespace: "kuberay-system" },
          values: "a:\n  c: true\nb: 1\n",
          timeout: "600s",
        },
      ],
    });
  });

  test("have the stack's own values under them, and win over those", () => {
    const helmValues = {
      controlPlane: { advanced: { defaultImageRegistry: "acr.example.com" } },
      telemetry: { enabled: true },
    };
    const values = valuesOf(tenant, { helmValues }) as Record<string, unknown> & {
      controlPlane: { advanced?: unknown };
    };
    expect(values.controlPlane.advanced).toEqual({
      defaultImageRegistry: "acr.example.com",
      podDisruptionBudget: { enabled: false },
    });
    expect(values.telemetry).toEqual({ enabled: false });
  });

  describe("with sign-in", () => {
    const signIn = {
      issuer: "https://id.contoso.com/v2.0",
      clientId: "app",
      usernameClaim: "oid",
      groupsClaim: "groups",
    };
    test.each(stores)("have the API server read who is who from a file beside the release: %s", (store) => {
      const { distro, statefulSet } = chartValues({ ...tenant, store }, { signIn }).controlPlane;
      expect(distro.k8s.apiServer?.extraArgs).toEqual([
        "--authentication-config=/etc/virtual-clusters/sign-in/authentication.yaml",
      ]);
      expect(statefulSet.persistence).toEqual({
        ...(store === "sqlite" && { volumeClaim: { size: "5Gi", retentionPolicy: "Delete" } }),
        addVolumes: [{ name: "sign-in", configMap: { name: "virtual-cluster-sign-in" } }],
        addVolumeMounts: [{ name: "sign-in", mountPath: "/etc/virtual-clusters/sign-in", readOnly: true }],
      });
    });

    test("bind a group of the program's own to the role of each list of 'access'", () => {
      const { manifests = "" } = chartValues(tenant, { signIn }).experimental.deploy.vcluster;
      expect(parseAllDocuments(manifests).map((document) => document.toJS() as unknown)).toEqual(bindingsInside());
    });

    test("are the same for two tenants that differ in their people alone: a change of 'access' restarts nothing", () => {
      fc.assert(
        fc.property(arbitraryTenant, arbitraryTenant, stackValues, (one, { access }, stack) => {
          expect(chartValues({ ...one, access }, stack)).toEqual(chartValues(one, stack));
        }),
      );
    });

    test("trust nobody where the stack has none", () => {
      const values = valuesOf(tenant);
      expect([values.controlPlane.distro.k8s.apiServer, values.experimental.deploy.vcluster.manifests]).toEqual([
        undefined,
        undefined,
      ]);
      expect(Object.keys(values.controlPlane.statefulSet.persistence ?? {})).toEqual(["volumeClaim"]);
      expect(valuesOf({ ...tenant, store: "etcd" }).controlPlane.statefulSet.persistence).toBeUndefined();
    });
  });

  test("name the API server as pods of the host cluster reach it", () => {
    expect(valuesOf(tenant).controlPlane.proxy.extraSANs).toEqual(["ml.dev.svc", "ml.dev.svc.cluster.local"]);
  });
});
