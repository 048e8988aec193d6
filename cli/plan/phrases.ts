import type { Effect } from "../../model/plan/beyond.ts";
import { isPersonal } from "../../model/plan/clusterPeople.ts";
import { listPeople } from "../../model/plan/people.ts";
import type {
  Drift,
  FailureProblem,
  Finding,
  FromTo,
  Gates,
  Plan,
  ResourceChange,
  StackPlan,
  TenantPlan,
  ValueChange,
} from "../../model/plan/plan.ts";
import { counted, join, list, ours, say, toTheEnd, type Words } from "../../model/plan/words.ts";
import { costWords } from "./amounts.ts";

/*
 * What every format says in the same words: printers only lay it out.
 */

/** A first line for the whole: each stack that changes. */
export function headlineOf({ stacks }: Plan): Words {
  const changed = stacks.filter(({ changes }) => changes);
  if (changed.length === 0) {
    const tenants = stacks.reduce((sum, { untouched }) => sum + untouched.length, 0);
    return ours(
      `nothing changes in ${counted(stacks.length, "stack")}: ${counted(tenants, "tenant")} untouched; nothing restarts`,
    );
  }
  return changed.flatMap(
    ({ stack, headline }, i): Words => [...(i > 0 ? [" | "] : []), { value: stack }, ": ", ...headline],
  );
}

/** Where it comes from, as the last line. */
export function originWords({ base, engine, stacks }: Plan): Words {
  const free = stacks.some(({ changes, failures, cost }) => changes && failures.length === 0 && cost === undefined);
  const unknown = ours(free ? " Costs are not known: the stack sets no prices." : "");
  if (engine !== "pulumi")
    return say`Compared with ${base} by the sandbox's engine, with no account: what is really deployed was not looked at.${unknown}`;
  const looked = stacks.every(({ drift }) => drift !== undefined);
  const cloud = looked ? "The cloud was asked, too, for drift" : "The cloud was not asked for drift; --refresh does";
  return say`Compared with ${base}, as the state has it, by Pulumi's own engine. ${ours(cloud)}.${unknown}`;
}

/** A heading of what is otherwise in the cloud, from what was deployed to what is there. */
export const driftHeading = "drift: changed in the cloud since the last deployment, not by this change";

/** Stacks of which there is something to say. */
export function toldStacks({ stacks }: Plan): StackPlan[] {
  return stacks.filter(({ changes, notes = [] }) => changes || notes.length > 0);
}

/** What is said of the program itself, and of what judges changes; nothing where both are the same. */
export function programLines({ program, base }: Plan): Words[] {
  const { files, ownPackages, ruling } = program;
  const named = (some: readonly string[]) => say`${ours(counted(some.length, "file"))} (${list(some, 4)})`;
  const packages = ownPackages ? ", with the packages of its own lock file" : "";
  const own = say`${base} was deployed by its own program${ours(packages)}.`;
  // What is deployed is among what rules over changes.
  if (ruling.length > 0) {
    const needs = say`This changes the program itself, or how changes are judged, and needs a waiver of its own: ${named(ruling)}.`;
    return [files.length === 0 ? needs : say`${needs} ${own}`];
  }
  return files.length === 0 ? [] : [say`The program itself changes: ${named(files)}. ${own}`];
}

/** "data-lost: tenant payments: its Namespace is deleted". */
export function findingWords({ rule, target, why }: Finding): Words {
  return say`${rule}: ${target}: ${why}`;
}

/** Who lets a finding through, until when and why. */
export function waivedWords({ waiver, ...finding }: Gates["waived"][number]): Words {
  const { who, until, why } = waiver;
  return say`${findingWords(finding)}; ${who} lets it through until ${until}: ${why}`;
}

/** What stands above the lines of waivers. */
export function waiverAdvice({ file }: Gates): Words {
  return say`It may pass once these lines are merged into ${file}, by a change of their own, and this branch is brought up to date (a run that is only started again sees the old base):`;
}

/** A sign for what becomes of a tenant: colour is never all that says it. */
export const signs = {
  created: "+",
  deleted: "-",
  changed: "~",
  suspended: "~",
  resumed: "~",
  offboarding: "~",
} as const;
/** The same in a word or two. */
export const fateWords = {
  created: "created",
  deleted: "deleted",
  changed: "changed",
  suspended: "suspended",
  resumed: "active again",
  offboarding: "offboarding",
} as const;

/** "+ payments: created". */
export function tenantHeading({ name, alike, fate, cause, owner }: TenantPlan): Words {
  const [who, files] = alike.length === 0 ? [say` (${toTheEnd(owner)})`, "its file is"] : [[], "their files are"];
  const through = cause === "stack" ? ` by the stack's settings or program; ${files} the same` : "";
  return say`${ours(signs[fate])} ${list([name, ...alike], 12)}: ${ours(`${fateWords[fate]}${through}`)}${who}`;
}

/** "size: small -> medium", and what comes of it. */
export function fromTo({ path, from, to }: ValueChange): Words {
  if (from === undefined && to === undefined) return say`${path}`;
  if (from === undefined) return say`${path}: ${to ?? ""}`;
  return say`${path}: ${from} -> ${to ?? "not set"}`;
}

/** True for a text of many lines, such as a file's. */
export function hasLines({ from, to }: ValueChange): boolean {
  return [from, to].some((text) => text?.includes("\n"));
}

/** A value that differs, in lines: of a text of many lines only those that differ. */
export function valueLines(change: ValueChange): readonly (readonly ["-" | "+", Words])[] {
  const { path, from, to } = change;
  if (!hasLines(change)) {
    const line = (sign: "-" | "+", text: string | undefined) =>
      text === undefined ? [] : [[sign, say`${path}: ${text}`] as const];
    return [...line("-", from), ...line("+", to)];
  }
  const [was, is] = [from, to].map((text) => text?.split("\n") ?? []);
  const only = (sign: "-" | "+", these: readonly string[] = [], others: readonly string[] = []) => {
    const left = Map.groupBy(others, (line) => line);
    return these
      .filter((line) => left.get(line)?.pop() === undefined)
      .map((line) => [sign, say`${path}: ${line}`] as const);
  };
  return [...only("-", was, is), ...only("+", is, was)];
}

/** What happens to a tenant's people, control plane, data and cost: a heading and a sentence each. */
export function tenantFacts(tenant: TenantPlan, currency: string | undefined): (readonly [string, Words])[] {
  const { people, controlPlane, replicas, data, cost, fate } = tenant;
  const plane = {
    starts: "starts",
    restarts:
      replicas > 1
        ? `restarts, one of ${replicas} after the other: open connections are cut`
        : "restarts: its API server is away for about a minute; pods that run go on",
    stops: "stops, and its pods with it",
    goes: "goes",
    anew: "begins anew, empty, on another cluster",
    untouched: fate === "created" ? "does not run" : "",
  }[controlPlane];
  return [
    ...people.map((change) => ["people", peopleWords(change)] as const),
    ...(plane === "" ? [] : [["control plane", ours(plane)] as const]),
    ...(data === undefined ? [] : [["data", data.text] as const]),
    ...(cost === undefined || currency === undefined ? [] : [["cost", costWords(cost, currency)] as const]),
  ];
}

/** "user dev@contoso.com: gets cluster-admin inside; ClusterRole admin -> ClusterRole view on the host". */
function peopleWords({ who, inside, host }: TenantPlan["people"][number]): Words {
  const rights = [rightWords(inside, "inside", who), rightWords(host, "on the host", who)].filter(
    (words) => words.length > 0,
  );
  return [...listPeople(who), ": ", ...join(rights, "; ")];
}

function rightWords({ from, to }: FromTo, where: string, who: readonly string[]): Words {
  if (from === to) return [];
  const [gets, loses] = who.length === 1 ? ["gets", "loses"] : ["get", "lose"];
  if (from.startsWith("none")) return ours(`${gets} ${to} ${where}`);
  return to.startsWith("none")
    ? ours(`${loses} ${from} ${where}${to.slice("none".length)}`)
    : ours(`${from} -> ${to} ${where}`);
}

/** A sign for what an engine does to a resource. */
export const opSigns = { create: "+", update: "~", replace: "±", delete: "-" } as const;

/** Values of a resource that are told in a line; of more, how many there are. */
const mostInLine = 2;

/** What the engine does for a tenant, in a line: "~ Release (17 chart values), + RoleAssignment (2)". */
export function resourcesLine({ resources, values: chartValues }: TenantPlan): Words {
  const groups = Map.groupBy(resources, ({ op, kind }) => `${opSigns[op]} ${kind}`);
  const parts = [...groups].map(([text, some]): Words => {
    const [first, ...others] = some;
    if (others.length > 0) return ours(`${text} (${some.length})`);
    const isRelease = first?.kind === "Release" && chartValues.length > 0;
    const values = first?.op === "update" ? first.values : [];
    const told = [
      ...(isRelease ? [ours(counted(chartValues.length, "chart value"))] : []),
      ...values.slice(0, mostInLine).map((value) => (hasLines(value) ? say`${value.path}` : fromTo(value))),
      ...(values.length > mostInLine ? [ours(counted(values.length - mostInLine, "more value"))] : []),
    ];
    return told.length === 0 ? ours(text) : say`${ours(text)} (${join(told, ", ")})`;
  });
  return parts.length === 0 ? ours("nothing in the cluster changes") : join(parts, ", ");
}

/**
 * Resources of a kind to which the same is done, in a line: "+ RoleAssignment (3): Azure Kubernetes Service …". What has values that
 * differ has a line of its own. People's are told by {@link clusterPeopleLines}.
 */
export function sharedLines(
  shared: readonly ResourceChange[],
): { readonly line: Words; readonly values: readonly ValueChange[] }[] {
  const told = shared.filter((change) => !isPersonal(change));
  const groups = Map.groupBy(told, ({ op, kind, name, meaning, values }) =>
    JSON.stringify([op, kind, meaning ?? (op === "create" && values.length === 0 ? [] : name)]),
  );
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { op, kind, name, meaning, values } = first;
    const what = ours(`${opSigns[op]} ${kind}`);
    if (meaning === undefined && some.length === 1) return [{ line: say`${what} ${name}`, values }];
    const count = some.length === 1 ? "" : ` (${some.length})`;
    const which =
      meaning ??
      list(
        some.map((one) => one.name),
        some.length,
      );
    return [{ line: [...what, count, ": ", ...which], values: [] }];
  });
}

/** What is otherwise in the cloud, each in a line: "ml: - NetworkPolicy vc-work-ml, of its release"; and what comes of it. */
export function driftLines(
  drift: readonly Drift[],
): { readonly line: Words; readonly values: readonly ValueChange[]; readonly consequence: Words }[] {
  return drift.map(({ tenant, op, kind, name, meaning, inside, values, consequence = [] }) => ({
    line: [
      ...(tenant === undefined ? [] : say`${tenant}: `),
      ...say`${ours(`${opSigns[op]} ${kind}`)} ${name}`,
      ...(meaning === undefined ? [] : [": ", ...meaning]),
      ...ours(inside ? ", of its release" : ""),
    ],
    values,
    consequence,
  }));
}

/** What puts that back, and what nothing does, each once. */
export function mendLines(drift: readonly Drift[]): Words[] {
  const lines = drift.map(({ mend, mendable, kind, name }) =>
    mendable ? say`put back by: ${mend}` : say`${ours(kind)} ${name} cannot be put back: ${mend}`,
  );
  return [...new Map(lines.map((words) => [JSON.stringify(words), words])).values()];
}

/** What a deployment does that was not planned, a line for each resource: "tenant ml: ~ Release ml-vcluster (values.sleep)". */
export function beyondLines(more: readonly Effect[]): Words[] {
  return more.map(({ tenant, change: { op, kind, name, meaning, values } }) => {
    const whose = tenant === undefined ? ours("shared: ") : say`tenant ${tenant}: `;
    const paths = op === "update" ? values.slice(0, mostInLine).map(({ path }) => say`${path}`) : [];
    const what = say`${ours(`${opSigns[op]} ${kind}`)} ${name}`;
    return [
      ...whose,
      ...what,
      ...(meaning === undefined ? [] : say`: ${meaning}`),
      ...(paths.length === 0 ? [] : say` (${join(paths, ", ")})`),
    ];
  });
}

/** A problem with its place, in its own lines. */
export function problemLines({ location, message }: FailureProblem): Words[] {
  const place = location === undefined ? [] : [{ value: `${location.file}:${location.line}:${location.column}` }, ": "];
  const [first = "", ...others] = message.split("\n").map((line): Words => [{ value: line.trim(), whole: true }]);
  return [[...place, ...first], ...others];
}
