import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localChart } from "../../model/chart.ts";
import { valuesChecks } from "../../model/chartSchema.ts";
import { chartValues } from "../../model/chartValues.ts";
import { kubernetesMinors } from "../../model/kubernetesVersions.ts";
import { sizeNames } from "../../model/sizes.ts";
import { exposures, lifecycles, type Tenant } from "../../model/tenantSchema.ts";
import { repository } from "../support/project.ts";

const tenant: Tenant = {
  name: "ml",
  owner: "team@contoso.com",
  purpose: "a test",
  size: "small",
  kubernetes: "1.35",
  namespace: "dev",
  access: { admins: [], developers: [], viewers: [] },
  hostRole: "none",
  expose: "internal",
  allowedCidrs: [],
  lifecycle: "active",
};

/** Every combination of what changes the values. */
const combinations = sizeNames.flatMap((size) =>
  kubernetesMinors.flatMap((kubernetes) =>
    exposures.flatMap((expose) =>
      lifecycles.map(
        (lifecycle): Tenant => ({
          ...tenant,
          size,
          kubernetes,
          expose,
          lifecycle,
          allowedCidrs: expose === "public" ? ["203.0.113.0/24"] : [],
        }),
      ),
    ),
  ),
);

const check = valuesChecks(repository)("0.36.1");
const hasSchema =
  existsSync(join(repository, localChart("0.36.1"))) || existsSync(join(repository, "../shared/data/vcluster-0.36.1"));

describe("the chart's values", () => {
  test.runIf(hasSchema)("meet the chart's own schema for every size, version, exposure and lifecycle", () => {
    expect(combinations).toHaveLength(54);
    expect(combinations.flatMap((each) => check?.(chartValues(each)) ?? ["no schema"])).toEqual([]);
  });

  test.runIf(hasSchema)("are refused by that schema where a key is unknown, so that the check can fail", () => {
    const values = { ...chartValues(tenant), isolation: { enabled: true } };
    expect(check?.(values)).toEqual(["at '': must NOT have additional properties 'isolation'"]);
  });

  test("run the open-source image, without telemetry, in the Kubernetes minor that the tenant names", () => {
    const values = chartValues({ ...tenant, kubernetes: "1.36" });
    expect(values.controlPlane.statefulSet.image).toEqual({ repository: "loft-sh/vcluster-oss" });
    expect(values.controlPlane.distro.k8s.image).toEqual({ tag: "v1.36.0" });
    expect(values.telemetry).toEqual({ enabled: false });
  });

  test("keep tenants apart: quota, limits, baseline pods, and no way to the node's identity or private networks", () => {
    const { policies } = chartValues(tenant);
    expect(policies.podSecurityStandard).toBe("baseline");
    expect(policies.limitRange).toEqual({ enabled: true });
    expect(policies.networkPolicy.workload.publicEgress.except).toEqual([
      "100.64.0.0/10",
      "127.0.0.0/8",
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "169.254.169.254/32",
      "168.63.129.16/32",
    ]);
    expect(policies.resourceQuota.quota).toEqual({
      "requests.cpu": "2",
      "requests.memory": "4Gi",
      "requests.storage": "30Gi",
      "limits.cpu": "6",
      "limits.memory": "10Gi",
      "count/pods": 30,
      "services.loadbalancers": 1,
      "services.nodeports": 2,
    });
  });

  test("expose the API server as the tenant asks, and the quota has room for just that", () => {
    const exposed = (expose: Tenant["expose"], allowedCidrs: string[] = []) => {
      const { controlPlane, policies } = chartValues({ ...tenant, expose, allowedCidrs });
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
      ports: 2,
    });
    expect(exposed("public", ["203.0.113.0/24"])).toEqual({
      service: { spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] } },
      balancers: 1,
      ports: 2,
    });
  });

  test("stop the control plane of an offboarding tenant", () => {
    expect(chartValues({ ...tenant, lifecycle: "offboarding" }).controlPlane.statefulSet.highAvailability).toEqual({
      replicas: 0,
    });
    expect(chartValues(tenant).controlPlane.statefulSet.highAvailability).toEqual({ replicas: 1 });
  });

  test("name the API server as pods of the host cluster reach it", () => {
    expect(chartValues(tenant).controlPlane.proxy.extraSANs).toEqual(["ml.dev.svc", "ml.dev.svc.cluster.local"]);
  });
});
