import type { Settings } from "../settings/settingsSchema.ts";
import type { Principal } from "../tenant/principals.ts";
import { type Labels, listPeople, personText } from "./people.ts";
import type { Alarm, Change, ValueChange } from "./plan.ts";
import { listWords, rangeWords, valueChanges } from "./values.ts";
import { ours, plain, type Words } from "./words.ts";

/** The settings before and after. */
interface Sides {
  readonly before: Settings;
  readonly after: Settings;
  readonly labels: Labels;
}

/** What comes of a setting that changes, and what a reviewer must not miss of it. */
interface Phrase {
  /** The settings that it is about, as "azure.nodePool.count". */
  readonly setting: RegExp;
  readonly say?: (change: ValueChange, sides: Sides) => readonly Words[];
  readonly alarm?: (change: ValueChange) => Alarm | undefined;
}

const attention = (short: string, text: string): Alarm => ({
  level: "attention",
  short: ours(short),
  text: ours(text),
});
const danger = (short: string, text: string): Alarm => ({ level: "danger", short: ours(short), text: ours(text) });

/** A setting that does not stand here is told with its values alone. */
const phrases: readonly Phrase[] = [
  {
    setting: /^protect$/,
    say: ({ to }) => [
      ours(
        to === "false"
          ? "nothing is asked before anything is deleted"
          : "cluster, namespaces and releases refuse to be deleted",
      ),
    ],
  },
  {
    setting: /^environment$/,
    alarm: ({ to }) =>
      to === "development"
        ? danger(
            "no longer production",
            "The rules of production no longer hold: tier, closed API server and protection can be taken away.",
          )
        : undefined,
  },
  {
    setting: /^azure\.kubernetesVersion$/,
    say: () => [ours("the host is upgraded: its nodes are replaced one after the other, and it cannot be taken back")],
    alarm: () =>
      attention("the host is upgraded", "The host cluster is upgraded: every tenant's pods move to new nodes."),
  },
  {
    setting: /^azure\.tier$/,
    say: ({ to }) => [ours(to === "Free" ? "without an SLA of the API server" : "with an SLA of the API server")],
  },
  {
    setting: /^azure\.authorizedIpRanges$/,
    say: (_, { before, after }) =>
      rangeWords(before.azure?.authorizedIpRanges ?? [], after.azure?.authorizedIpRanges ?? []),
    alarm: ({ to }) =>
      to === "none" || to === undefined
        ? danger("the host's API server open to all", "Every address may reach the host's API server.")
        : attention("other ranges reach the host's API server", "Other ranges may reach the host's API server."),
  },
  {
    setting: /^azure\.clusterAdmins$/,
    // A long value is cut, and who comes may stand at its end.
    say: (_, { before, after, labels }) => {
      const names = ({ azure }: Settings) => (azure?.clusterAdmins ?? []).map((one) => personText(one, labels));
      return listWords(names(before), names(after), listPeople);
    },
    alarm: () =>
      attention(
        "other cluster administrators",
        "Administrators of the whole cluster change: they are administrators of every tenant, too.",
      ),
  },
  {
    setting: /^vcluster\.(channels|chartRepository|helmValues)\b/,
    say: () => [ours("for every tenant of the channel, or of the stack")],
  },
  { setting: /^tenantDefaults\./, say: () => [ours("for every tenant whose file does not say it")] },
  {
    setting: /^handover\./,
    say: () => [ours("lets the tenant change hands: the new owner gets its virtual cluster, data and Secrets")],
  },
  {
    setting: /^forgetRetained$/,
    say: () => [ours("the names are free again; their kept data must be deleted by hand before")],
  },
  {
    setting: /^gates\./,
    say: () => [ours("for changes after this one, which is judged by the limits of before")],
    alarm: (change) =>
      isLooser(change)
        ? attention(
            "gates loosened",
            "Later changes may do more without a waiver: the limits of the gates are loosened.",
          )
        : undefined,
  },
  { setting: /^prices\./, say: () => [ours("for estimates alone")] },
];

/** True where a gate lets more through afterwards. */
function isLooser({ path, from = "", to = "" }: ValueChange): boolean {
  const [was, is] = [Number(from), Number(to)];
  if (path === "gates.tenants") return is > was;
  // No limit is the loosest.
  if (path === "gates.monthlyCost") return was !== 0 && (is === 0 || is > was);
  const [before, after] = [from, to].map((days) => (days === "none" || days === "" ? [] : days.split(", ")));
  return before?.length !== 0 && (after?.length === 0 || after?.some((day) => !before?.includes(day)) === true);
}

/** The settings that differ, each with what comes of it. */
export function settingsChanges(
  before: Settings,
  after: Settings,
  labels: Labels,
): { readonly changes: Change[]; readonly alarms: Alarm[] } {
  const [was, is] = [before, after].map((settings) => written(settings, labels));
  const changes = valueChanges(was, is);
  const found = changes.map((change) => ({ change, phrase: phrases.find(({ setting }) => setting.test(change.path)) }));
  return {
    changes: found.map(({ change, phrase }) => ({
      ...change,
      consequences: phrase?.say?.(change, { before, after, labels }) ?? [],
    })),
    // The same is said once, however many settings it comes from.
    alarms: [
      ...new Map(
        found.flatMap(({ change, phrase }) => phrase?.alarm?.(change) ?? []).map((one) => [plain(one.text), one]),
      ).values(),
    ],
  };
}

/** The settings with people as a reader names them. */
function written(value: unknown, labels: Labels): unknown {
  if (Array.isArray(value)) return value.map((one) => written(one, labels));
  if (typeof value !== "object" || value === null) return typeof value === "boolean" ? String(value) : value;
  if (isPrincipal(value)) return personText(value, labels);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, written(child, labels)]));
}

function isPrincipal(value: object): value is Principal {
  return "type" in value && "id" in value && Object.keys(value).length === 2;
}
