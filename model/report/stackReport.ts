import { hostMinors } from "../facts/hostMinors.ts";
import { nodeSizes } from "../facts/nodeSizes.ts";
import { standingOn } from "../facts/support.ts";
import { costChange, withTheirDisks } from "../plan/cost.ts";
import { type Labels, listPeople, personText } from "../plan/people.ts";
import type { Side } from "../plan/stackPlan.ts";
import { join, list, ours, say, type Words } from "../plan/words.ts";
import { numbersLeft } from "../rules/capacity.ts";
import { internalReach } from "../settings/reach.ts";
import type { AzureSettings, Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Bill, Fact, HostReport, StackReport } from "./report.ts";
import { chartReport, tenantReport, untilWords } from "./tenantReport.ts";

/** What is told of a stack, and on which day. */
export interface Told {
  readonly stack: string;
  /** Left out where not even its settings can be read. */
  readonly side?: Side;
  /** The same before a change: its tenants keep their disks. */
  readonly before?: Side | undefined;
  readonly errors: readonly Problem[];
  /** As 2027-03-31. */
  readonly today: string;
}

/** What a stack is, from the same sources as `check`, `list`, `show` and `plan`. */
export function stackReport({ stack, side, before, errors, today }: Told): StackReport {
  const empty = { stack, today, errors, warnings: [], room: [], tenants: [], unread: [] };
  if (side === undefined) return empty;
  const { settings, labels, warnings, unread } = side;
  const tenants = withTheirDisks(side.tenants, before?.tenants);
  const problems = [...errors, ...warnings];
  const bill = settings && billOf(settings, tenants);
  return {
    ...empty,
    warnings,
    unread,
    ...(settings && { host: hostReport(settings, labels, today) }),
    // With a tenant that cannot be read, sums would be wrong.
    room: settings === undefined || unread.length > 0 ? [] : numbersLeft({ settings, tenants }),
    tenants: tenants.map((tenant) => tenantReport(tenant, { stack, settings, labels, today, problems })),
    ...(bill && unread.length === 0 && { bill }),
  };
}

function billOf(settings: Settings, tenants: readonly Tenant[]): Bill | undefined {
  const cost = costChange(undefined, { settings, tenants });
  if (cost?.after === undefined) return undefined;
  const { currency, source, date, after, unknown } = cost;
  return { currency, sum: after, source, date, unknown };
}

function hostReport(settings: Settings, labels: Labels, today: string): HostReport {
  const { azure, existingCluster, vcluster } = settings;
  const { channels } = vcluster;
  const reach = internalReach({ azure, existingCluster });
  const charts = channels.default === channels.canary ? (["default"] as const) : (["default", "canary"] as const);
  return {
    name: azure?.clusterName ?? existingCluster?.name ?? "",
    facts: [
      ...(azure === undefined ? existingFacts(settings) : azureFacts(azure, labels, today)),
      {
        what: "protection",
        words: ours(
          settings.protect
            ? "on: cluster, namespaces and releases cannot be deleted"
            : "OFF: cluster, namespaces and releases can be deleted",
        ),
      },
      { what: "environment", words: ours(settings.environment) },
      {
        what: "sign-in",
        words: settings.signIn === undefined ? ours("not set") : say`by ${settings.signIn.issuer}`,
      },
      {
        what: "internal addresses",
        words: reach.reachable ? say`reached from ${reach.from}` : ours(`lead nowhere: ${reach.why}`),
      },
      ...charts.map((channel): Fact => {
        const { version, standing, words } = chartReport(channels[channel], today);
        return {
          what: channel === "default" ? "vCluster chart" : "canary chart",
          words: say`${version}: ${words}`,
          standing,
        };
      }),
      { what: "pod security", words: ours(settings.podSecurity) },
    ],
    pools: azure === undefined ? [] : [poolOf(azure)],
  };
}

function existingFacts({ existingCluster }: Settings): Fact[] {
  const { kubeconfig = "", context = "" } = existingCluster ?? {};
  const config = kubeconfig === "" ? ours("your own kubeconfig") : say`${kubeconfig}`;
  return [
    {
      what: "cluster",
      words: [
        "one that is there already, by ",
        ...config,
        ...(context === "" ? [] : say`, context ${context}`),
        ": of its nodes and versions nothing is known",
      ],
    },
  ];
}

function azureFacts(azure: AzureSettings, labels: Labels, today: string): Fact[] {
  const { kubernetesVersion, clusterAdmins, network } = azure;
  const { endOfSupport } = hostMinors[kubernetesVersion];
  const standing = standingOn(today, endOfSupport);
  return [
    { what: "region", words: say`${azure.location}, resource group ${azure.resourceGroup}` },
    {
      what: "Kubernetes",
      words: say`${kubernetesVersion}: ${untilWords(standing, "support of AKS", endOfSupport)}`,
      standing,
    },
    {
      what: "tier",
      words: ours(azure.tier === "Free" ? "Free, without a promise of availability" : azure.tier),
    },
    { what: "API server", words: serverWords(azure) },
    {
      what: "network",
      words:
        network.subnet === undefined
          ? ours("AKS's own, which is peered with nothing")
          : say`subnet ${network.subnet.cidr}${ours(network.subnet.id === "" ? "" : ", which is there already")}`,
    },
    {
      what: "administrators",
      words: listPeople(clusterAdmins.map((one) => personText(one, labels))),
    },
  ];
}

function serverWords({ privateCluster, authorizedIpRanges: ranges }: AzureSettings): Words {
  if (privateCluster) return ours("private: no address on the internet");
  if (ranges.length === 0) return ours("public, reached from everywhere");
  return join([ours("public, reached from "), list(ranges, 8)], "");
}

function poolOf({ nodePool: { vmSize, count, zones, capacity } }: AzureSettings): HostReport["pools"][number] {
  const node = capacity ?? nodeSizes.get(vmSize);
  return { vmSize, count, zones, ...(node && { node }) };
}
