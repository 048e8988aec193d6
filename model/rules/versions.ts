import { isDeepStrictEqual } from "node:util";
import { type ChartLine, chartLines, lineOf } from "../facts/chartLines.ts";
import { hostMinors } from "../facts/hostMinors.ts";
import { kubectlMinor, kubectlSkew } from "../facts/kubectlImage.ts";
import { minorAfter, minorOf, minorsBetween } from "../facts/kubernetesVersions.ts";
import { standingOn } from "../facts/support.ts";
import { type TenantMinor, tenantMinors } from "../facts/tenantMinors.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Draft } from "../tenant/tenantFiles.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";
import type { Stack } from "./stack.ts";

/** The chart lines that are known, by name, oldest first. */
export type ChartLines = Readonly<Record<string, ChartLine>>;

/**
 * What there is to say of the versions of a stack on the day of the run: combinations of host, chart and tenant that the
 * chart's authors do not name are errors; those that they have not tested, and whatever is about to lose its support or has
 * lost it, are warnings. Only what somebody can act on is told: a chart line without a later one is left to `doctor`.
 */
export function versionProblems(stack: Stack, lines: ChartLines = chartLines): Problem[] {
  return [...tenantProblems(stack, lines), ...defaultProblems(stack), ...settingProblems(stack, lines)];
}

/** Those of a stack whose field `kubernetes` is right; what is being removed is upgraded by nobody. */
function versioned({ tenants, drafts = [] }: Stack): readonly Tenant[] {
  const right = ({ wrong }: Draft) => !wrong.has("kubernetes") && !wrong.has("channel") && !wrong.has("lifecycle");
  return [...tenants, ...drafts.filter(right).map(({ tenant }) => tenant)];
}

function namesMinor({ name }: Tenant, { locate }: Stack): boolean {
  return !isDeepStrictEqual(locate(name, "kubernetes"), locate(name));
}

function tenantProblems(stack: Stack, lines: ChartLines): Problem[] {
  const { locate, settings, today } = stack;
  return versioned(stack).flatMap((tenant): Problem[] => {
    const { name, kubernetes, channel, lifecycle } = tenant;
    const location = locate(name, "kubernetes");
    const aged =
      lifecycle !== "offboarding" && namesMinor(tenant, stack)
        ? ofAge(kubernetes, today, `write kubernetes: "${minorAfter(kubernetes)}"`)
        : undefined;
    const chart = settings?.vcluster.channels[channel];
    const fits = chart === undefined ? [] : fitProblems(tenant, chart, settings?.azure?.kubernetesVersion, lines);
    return [...fits, ...(aged === undefined ? [] : [warning(aged)])].map((problem) => ({ ...problem, location }));
  });
}

const warning = (message: string) => ({ severity: "warning" as const, message });

/** Whether the chart runs the tenant's minor, on this host. */
function fitProblems(
  { kubernetes }: Tenant,
  chart: string,
  host: string | undefined,
  lines: ChartLines,
): Omit<Problem, "location">[] {
  const line = lineOf(chart, lines);
  if (line === undefined) return [];
  if (line.kubernetes[kubernetes] === undefined) {
    const known = Object.keys(line.kubernetes).map((minor) => `"${minor}"`);
    return [{ message: `chart ${chart} runs no Kubernetes ${kubernetes}: expected one of ${known.join(", ")}` }];
  }
  if (host === undefined) return [];
  switch (line.hosts[host]?.[kubernetes]) {
    case "tested":
      return [];
    case "compatible": {
      const message = `Kubernetes ${kubernetes} on a host of ${host}: likely compatible, but only the same minor is tested by vCluster's authors`;
      return [warning(message)];
    }
    case "known issues":
      return [
        warning(
          `Kubernetes ${kubernetes} on a host of ${host}: chart ${chart} has known issues with it (its release notes)`,
        ),
      ];
    default:
      return [
        {
          message: `Kubernetes ${kubernetes} on a host of ${host}: the authors of chart ${chart} do not say that the two work together`,
        },
      ];
  }
}

/** What there is to say of a minor inside on a day; undefined while it is supported. */
function ofAge(minor: TenantMinor, today: string, advice: string): string | undefined {
  const { endOfLife } = tenantMinors[minor];
  const standing = standingOn(today, endOfLife);
  if (standing === "supported") return undefined;
  const next = Object.hasOwn(tenantMinors, minorAfter(minor))
    ? advice
    : "no later one is known here: update this program";
  return standing === "ending"
    ? `Kubernetes ${minor} gets no fixes after ${endOfLife}: ${next}`
    : `Kubernetes ${minor} has had no fixes since ${endOfLife}, not even for security: ${next}`;
}

/** The minor of those that name none: said once, however many there are. */
function defaultProblems(stack: Stack): Problem[] {
  const { settings, locateSetting, today } = stack;
  if (settings === undefined) return [];
  const { kubernetes } = settings.tenantDefaults;
  const count = versioned(stack).filter((tenant) => !namesMinor(tenant, stack)).length;
  const aged = ofAge(
    kubernetes,
    today,
    `write tenantDefaults.kubernetes: "${minorAfter(kubernetes)}", which upgrades every tenant whose file names no minor (${count})`,
  );
  return aged === undefined ? [] : [{ ...warning(aged), location: locateSetting(["tenantDefaults", "kubernetes"]) }];
}

function settingProblems({ settings, locateSetting, today }: Stack, lines: ChartLines): Problem[] {
  if (settings === undefined) return [];
  const { azure, vcluster } = settings;
  const host = azure?.kubernetesVersion;
  return [
    ...said(locateSetting(["azure", "kubernetesVersion"]), host && hostAge(host, today)),
    ...chartAges(vcluster.channels, today, lines).map(([channel, message]) => ({
      ...warning(message),
      location: locateSetting(["vcluster", "channels", channel]),
    })),
    ...said(locateSetting(["vcluster", "jobImage"]), host && imageSkew(vcluster.jobImage, host)),
  ];
}

function said(location: Problem["location"], message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ ...warning(message), location }];
}

/** What there is to say of the host's minor on a day; undefined while AKS supports it. */
function hostAge(minor: keyof typeof hostMinors, today: string): string | undefined {
  const { endOfSupport } = hostMinors[minor];
  const standing = standingOn(today, endOfSupport);
  if (standing === "supported") return undefined;
  const next = Object.hasOwn(hostMinors, minorAfter(minor))
    ? `write "${minorAfter(minor)}" and deploy`
    : "no later one is known here: update this program";
  return standing === "ending"
    ? `AKS supports Kubernetes ${minor} until ${endOfSupport}, and makes no new cluster of it afterwards: ${next}`
    : `AKS has not supported Kubernetes ${minor} since ${endOfSupport}: it makes no new cluster of it, mends nothing in it, and may upgrade it by itself. Upgrade now: ${next}`;
}

/** A kubectl too far from the host's API server, for the job that stops a tenant. */
function imageSkew(image: string, host: string): string | undefined {
  const minor = kubectlMinor(image);
  if (minor === undefined || Math.abs(minorsBetween(minor, host)) <= kubectlSkew) return undefined;
  return `'vcluster.jobImage' has a kubectl of ${minor}, and the host is ${host}: one of the same minor, or the next to it, is supported`;
}

function chartAges(channels: Settings["vcluster"]["channels"], today: string, lines: ChartLines): [string, string][] {
  const first = new Map(
    Object.entries(channels)
      .reverse()
      .map(([channel, version]) => [version, channel]),
  );
  return [...first].flatMap(([version, channel]): [string, string][] => {
    const { standing, text, later } = chartSupport(version, today, lines);
    if (standing === "supported" || later === undefined) return [];
    return [[channel, `${text}. Name a chart of ${later} in vcluster.channels.canary first (docs/upgrading.md)`]];
  });
}

/** Where a chart's line stands on a day, in words, and the next line that is known; for the check and for `doctor`. */
export function chartSupport(version: string, today: string, lines: ChartLines = chartLines) {
  const line = lineOf(version, lines);
  if (line === undefined) throw new Error(`no chart line of ${version}`);
  const { endOfSupport, endOfLife } = line;
  const later = Object.keys(lines).find((name) => minorsBetween(minorOf(version), name) > 0);
  const gone = today > endOfLife;
  const standing = gone ? ("ended" as const) : standingOn(today, endOfSupport);
  const ended = standing === "ended" ? "since" : "after";
  const text = gone
    ? `chart ${version}: its line has had no fixes since ${endOfLife}, not even for security`
    : `chart ${version}: its line gets nothing but critical security fixes ${ended} ${endOfSupport}, and nothing after ${endOfLife}`;
  return { standing, gone, text, later, endOfSupport, endOfLife };
}
