import { tenantVersions } from "../chart/versions.ts";
import { overheadOf } from "../deploy/quota.ts";
import { minorOf } from "../facts/kubernetesVersions.ts";
import { expiryNoticeDays, type Standing, standingOn } from "../facts/support.ts";
import { tenantMinors } from "../facts/tenantMinors.ts";
import { tenantCost } from "../plan/cost.ts";
import { rightsOf } from "../plan/people.ts";
import type { Side } from "../plan/stackPlan.ts";
import { cores, lifecycleWords } from "../plan/tenantPhrases.ts";
import { counted, list, ours, say, type Words } from "../plan/words.ts";
import { chartSupport } from "../rules/versions.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import { tenantFile } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Resources } from "../text/quantities.ts";
import { connectLines } from "./connect.ts";
import type { Fact, TenantReport, VersionReport } from "./report.ts";

/** Where a tenant of a stack stands, and when. */
interface Surroundings extends Pick<Side, "labels"> {
  readonly settings: Settings | undefined;
  readonly stack: string;
  readonly today: string;
  /** Everything that is said of the stack. */
  readonly problems: readonly Problem[];
}

/** Everything about one tenant that a reader may ask. */
export function tenantReport(tenant: Tenant, around: Surroundings): TenantReport {
  const { stack, settings, labels, today, problems } = around;
  const { name, owner, purpose, namespace, size, store, expose, lifecycle, hostRole, expires } = tenant;
  const versions = settings && tenantVersions(tenant, settings.vcluster);
  const file = tenantFile(stack, name);
  const cost = tenantCost(tenant, settings);
  return {
    ...{ name, owner, purpose, namespace, size, store, expose, lifecycle, hostRole },
    kubernetes: kubernetesReport(versions?.kubernetesVersion ?? tenant.kubernetes, tenant, today),
    ...(versions && { chart: chartReport(versions.chart, today) }),
    ...(expires !== undefined && { expiry: { date: expires, standing: standingOn(today, expires, expiryNoticeDays) } }),
    facts: factsOf(tenant, settings),
    connect: settings === undefined ? [] : connectLines(stack, tenant, settings),
    people: [...rightsOf(tenant, settings, labels).values()].map(({ who, list, how, host, more }) => ({
      who,
      list,
      inside: how,
      host,
      more,
    })),
    ...(cost && { cost }),
    problems: problems.filter(({ location }) => location.file === file),
  };
}

function kubernetesReport(version: string, { kubernetes }: Tenant, today: string): VersionReport {
  const { endOfLife } = tenantMinors[kubernetes];
  const standing = standingOn(today, endOfLife);
  return { version, standing, words: untilWords(standing, "fixes", endOfLife) };
}

/** A chart version with what its line still gets. */
export function chartReport(version: string, today: string): VersionReport {
  const { standing, gone, endOfSupport, endOfLife } = chartSupport(version, today);
  const line = minorOf(version);
  return {
    version,
    // While its line gets critical fixes, it has not ended.
    standing: gone || standing !== "ended" ? standing : "ending",
    words: say`${untilWords(standing, `fixes of line ${line}`, endOfSupport)}; critical security fixes ${ours(gone ? "ended on" : "until")} ${ours(endOfLife)}`,
  };
}

/** "fixes until 2027-02-28", "fixes ended on 2026-10-27". */
export function untilWords(standing: Standing, what: string, end: string): Words {
  return ours(standing === "ended" ? `${what} ended on ${end}` : `${what} until ${end}`);
}

function factsOf(tenant: Tenant, settings: Settings | undefined): Fact[] {
  const { namespace, channel, store, bootstrap, lifecycle, dataOnRemoval, allowedCidrs, resources, hostRole } = tenant;
  const { workloads, controlPlane, diskGi } = resources;
  const { disks, pods, controlPlanes } = overheadOf(tenant);
  const amounts = ({ cpu, memory }: Resources) => `CPU ${cores(cpu)}, memory ${memory}`;
  const room = `${counted(workloads.pods, "pod")}, volumes ${workloads.storageGi}Gi`;
  const fact = (what: string, words: Words): Fact => ({ what, words });
  return [
    fact("namespace", say`${namespace}`),
    fact(
      "lifecycle",
      say`${ours(lifecycle)}: ${lifecycleWords(tenant).flatMap((words, i) => (i === 0 ? words : ["; ", ...words]))}`,
    ),
    fact(
      "its own pods",
      ours(`may request ${amounts(workloads.requests)}, and use ${amounts(workloads.limits)}; ${room}`),
    ),
    fact(
      "virtual cluster",
      ours(
        `${counted(controlPlanes, "control plane")}, each requesting ${amounts(controlPlane.requests)}; ${counted(disks, "disk")} of ${diskGi}Gi (${store}); ${counted(pods, "pod")}`,
      ),
    ),
    ...(settings === undefined ? [] : [fact("channel", ours(channel))]),
    ...(allowedCidrs.length === 0 ? [] : [fact("open to", list(allowedCidrs, 12))]),
    fact("host role", ours(hostRole === "none" ? "none" : `${hostRole}, for admins and developers`)),
    ...(bootstrap.length === 0
      ? []
      : [
          fact(
            "installed inside",
            list(
              bootstrap.map(({ chart }) => chart),
              12,
            ),
          ),
        ]),
    fact(
      "data on removal",
      ours(dataOnRemoval === "keep" ? "namespace and disks are kept" : "deleted with its namespace"),
    ),
  ];
}
