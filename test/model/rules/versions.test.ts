import { describe, expect, test } from "vitest";
import { chartLines } from "../../../model/facts/chartLines.ts";
import { type ChartLines, chartSupport, versionProblems } from "../../../model/rules/versions.ts";
import { settingsSchema } from "../../../model/settings/settingsSchema.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenantOf } from "../../support/tenants.ts";

const azure = { location: "westeurope", resourceGroup: "rg", clusterName: "aks", clusterAdmins: [{ user: "a@b.com" }] };

interface Given {
  readonly today?: string;
  /** The host's minor; a cluster that is there already where it is left out. */
  readonly host?: string;
  readonly vcluster?: object;
  readonly tenants?: readonly Tenant[];
  /** Tenants whose files name their minor. */
  readonly naming?: readonly string[];
  readonly lines?: ChartLines;
}

/** What is said of the versions of a stack, as "severity where: message". */
function said({ today = "2026-08-21", host, vcluster = {}, tenants = [], naming = [], lines = chartLines }: Given) {
  const hostSettings =
    host === undefined ? { existingCluster: { name: "kind" } } : { azure: { ...azure, kubernetesVersion: host } };
  const stack = {
    settings: settingsSchema.parse({ ...hostSettings, vcluster }),
    tenants,
    locate: (name: string, field?: unknown) => ({
      file: field === undefined || !naming.includes(name) ? name : `${name}.${String(field)}`,
      line: 1,
      column: 1,
    }),
    locateSetting: (path: readonly unknown[]) => ({ file: path.join("."), line: 1, column: 1 }),
    today,
  };
  return versionProblems(stack, lines).map(
    ({ severity = "error", location, message }) => `${severity} ${location.file}: ${message}`,
  );
}

describe("the host's minor", () => {
  test("is told from 60 days before AKS ends its support, and louder afterwards", () => {
    const on = (today: string) =>
      said({ host: "1.34", today }).filter((line) => line.includes("azure.kubernetesVersion"));
    expect(on("2026-09-30")).toEqual([]);
    expect([on("2026-10-01"), on("2026-11-30")].flat()).toEqual(
      Array.from(
        { length: 2 },
        () =>
          'warning azure.kubernetesVersion: AKS supports Kubernetes 1.34 until 2026-11-30, and makes no new cluster of it afterwards: write "1.35" and deploy',
      ),
    );
    expect(on("2026-12-01")).toEqual([
      'warning azure.kubernetesVersion: AKS has not supported Kubernetes 1.34 since 2026-11-30: it makes no new cluster of it, mends nothing in it, and may upgrade it by itself. Upgrade now: write "1.35" and deploy',
    ]);
  });

  test("of which none is later here is mended by a later release of this program", () => {
    expect(said({ host: "1.37", today: "2027-10-01" })).toContainEqual(
      expect.stringMatching(/^warning azure.kubernetesVersion: .*: no later one is known here: update this program$/),
    );
  });

  test("must be near that of the image which stops tenants", () => {
    const vcluster = { jobImage: "acr.example.com/kubectl:v1.33.4" };
    expect(said({ host: "1.35", vcluster })).toEqual([
      "warning vcluster.jobImage: 'vcluster.jobImage' has a kubectl of 1.33, and the host is 1.35: one of the same minor, or the next to it, is supported",
    ]);
    expect(said({ host: "1.34", vcluster })).toEqual([]);
    expect(said({ host: "1.36" })).toEqual([]);
  });
});

describe("a tenant's minor", () => {
  const tenants = [tenantOf("ml", { kubernetes: "1.35" }), tenantOf("web"), tenantOf("ci")];

  test("is told where it stands: in the file, or once for all whose files name none", () => {
    expect(said({ today: "2026-12-29", tenants, naming: ["ml"] })).toEqual([]);
    expect(said({ today: "2027-01-01", tenants, naming: ["ml"] })).toEqual([
      'warning ml.kubernetes: Kubernetes 1.35 gets no fixes after 2027-02-28: write kubernetes: "1.36"',
      'warning tenantDefaults.kubernetes: Kubernetes 1.35 gets no fixes after 2027-02-28: write tenantDefaults.kubernetes: "1.36", which upgrades every tenant whose file names no minor (2)',
    ]);
    expect(said({ today: "2027-03-01", tenants: [] })).toEqual([
      'warning tenantDefaults.kubernetes: Kubernetes 1.35 has had no fixes since 2027-02-28, not even for security: write tenantDefaults.kubernetes: "1.36", which upgrades every tenant whose file names no minor (0)',
    ]);
  });

  test("of what is being removed is nobody's to raise", () => {
    const leaving = [tenantOf("old", { kubernetes: "1.34", lifecycle: "offboarding" })];
    expect(said({ today: "2026-11-25", tenants: leaving, naming: ["old"] })).toEqual([]);
  });

  const withHosts = (hosts: (typeof chartLines)[string]["hosts"]): ChartLines => ({
    "0.36": {
      endOfSupport: "2026-10-22",
      endOfLife: "2027-01-22",
      charts: {},
      kubernetes: { "1.35": "1.35.0" },
      hosts,
    },
  });

  test("fits chart and host as the chart's authors say", () => {
    const fitting = (kubernetes: string, hosts?: (typeof chartLines)[string]["hosts"]) =>
      said({
        host: "1.35",
        tenants: [tenantOf("ml", { kubernetes })],
        naming: ["ml"],
        ...(hosts !== undefined && { lines: withHosts(hosts) }),
      });
    expect(fitting("1.35")).toEqual([]);
    expect(fitting("1.36")).toEqual([
      "warning ml.kubernetes: Kubernetes 1.36 on a host of 1.35: likely compatible, but only the same minor is tested by vCluster's authors",
    ]);
    expect(fitting("1.35", { "1.35": { "1.35": "known issues" } })).toEqual([
      "warning ml.kubernetes: Kubernetes 1.35 on a host of 1.35: chart 0.36.1 has known issues with it (its release notes)",
    ]);
    expect(fitting("1.35", { "1.35": {} })).toEqual([
      "error ml.kubernetes: Kubernetes 1.35 on a host of 1.35: the authors of chart 0.36.1 do not say that the two work together",
    ]);
    expect(fitting("1.36", {})).toEqual([
      'error ml.kubernetes: chart 0.36.1 runs no Kubernetes 1.36: expected one of "1.35"',
    ]);
  });
});

describe("a chart's line", () => {
  const [line] = Object.values(chartLines);
  if (line === undefined) throw new Error("no line");
  const two: ChartLines = { ...chartLines, "0.37": { ...line, endOfSupport: "2026-12-01", endOfLife: "2027-03-01" } };

  test("that is the newest known here warns of nothing, for nobody who deploys could act on it", () => {
    expect(said({ today: "2027-01-25" }).filter((one) => one.includes("vcluster.channels"))).toEqual([]);
  });

  test("is told once a later one is known, with the way there", () => {
    const vcluster = { channels: { canary: "0.37.0" } };
    const on = (today: string) => said({ today, vcluster, lines: two });
    expect(on("2026-08-22")).toEqual([]);
    expect(on("2026-09-30")).toEqual([
      "warning vcluster.channels.default: chart 0.36.1: its line gets nothing but critical security fixes after 2026-10-22, and nothing after 2027-01-22. Name a chart of 0.37 in vcluster.channels.canary first (docs/upgrading.md)",
    ]);
    expect(said({ today: "2027-01-23", lines: two }).at(-1)).toContain(
      "warning vcluster.channels.default: chart 0.36.1: its line has had no fixes since 2027-01-22, not even for security. Name a chart of 0.37",
    );
  });

  test("has a standing in words", () => {
    expect(chartSupport("0.36.1", "2026-11-25")).toMatchObject({
      standing: "ended",
      gone: false,
      text: "chart 0.36.1: its line gets nothing but critical security fixes since 2026-10-22, and nothing after 2027-01-22",
    });
  });
});
