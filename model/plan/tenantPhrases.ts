import { isDeepStrictEqual } from "node:util";
import { accessLists } from "../access/effectiveRights.ts";
import { azureAllows, type Request } from "../access/rights.ts";
import { hostMembers } from "../access/roles.ts";
import { overheadOf } from "../deploy/quota.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import { claimsOf } from "../tenant/sizes.ts";
import type { HostRole, Tenant } from "../tenant/tenantSchema.ts";
import type { Resources } from "../text/quantities.ts";
import { countPeople, type Labels, listPeople, personText } from "./people.ts";
import type { Change, PeopleChange } from "./plan.ts";
import { listWords, mostEntries, rangeWords, valueText } from "./values.ts";
import { counted, list, ours, say, toTheEnd, type Words } from "./words.ts";

/** A tenant before and after, and what the settings say at each time. */
export interface TenantPair {
  readonly before: Tenant | undefined;
  readonly after: Tenant;
  readonly settings: { readonly before: Settings | undefined; readonly after: Settings | undefined };
  readonly labels: Labels;
}

type Phrase = (pair: TenantPair) => readonly Words[];

/**
 * What comes of a field that is set or changed. A field that does not stand here is told with its values alone: a new field
 * needs nothing here to be seen.
 */
const phrases: Partial<Record<keyof Tenant, Phrase>> = {
  owner: ({ before, after }) =>
    before === undefined ? [] : [say`${toTheEnd(after.owner)} gets its virtual cluster, its data and its Secrets`],
  kubernetes: ({ before }) => (before === undefined ? [] : [ours("an upgrade: it cannot be taken back")]),
  namespace: () => [ours("for ever")],
  store: ({ after }) => [
    ours(
      after.store === "etcd"
        ? `${counted(overheadOf(after).etcd, "member")} of etcd and as many control planes; for ever`
        : "for ever",
    ),
  ],
  channel: ({ before, after, settings }) => {
    const [from, to] = [
      before && settings.before?.vcluster.channels[before.channel],
      settings.after?.vcluster.channels[after.channel],
    ];
    if (to === undefined) return [];
    return [from === undefined || from === to ? say`chart ${to}` : say`chart ${from} -> ${to}`];
  },
  hostRole: ({ before, after }) => hostRoleWords(before, after),
  expose: ({ before, after }) => [
    ...exposureWords(before, after),
    ...(before === undefined || after.lifecycle !== "active"
      ? []
      : [ours("its address changes: kubeconfigs have to be fetched again")]),
  ],
  allowedCidrs: ({ before, after }) => rangeWords(before?.allowedCidrs ?? [], after.allowedCidrs),
  bootstrap: ({ before, after }) => {
    const names = (tenant: Tenant | undefined) => (tenant?.bootstrap ?? []).map(({ chart }) => chart);
    const [was, is] = [names(before), names(after)];
    const [added, gone] = [is.filter((name) => !was.includes(name)), was.filter((name) => !is.includes(name))];
    return [
      ...(added.length === 0 ? [] : [[...list(added), " is installed inside"]]),
      ...(gone.length === 0 ? [] : [[...list(gone), " is uninstalled inside"]]),
    ];
  },
  lifecycle: ({ after }) => lifecycleWords(after),
  expires: ({ after }) => [
    ours(
      after.expires === undefined ? "nobody is reminded" : "the owner is reminded then; nothing is deleted by itself",
    ),
  ],
  dataOnRemoval: ({ after }) => [
    ours(
      after.dataOnRemoval === "keep"
        ? "when the file is removed, namespace and disks stay"
        : "when the file is removed, its namespace and all its data are deleted",
    ),
  ],
};

/** Fields that are told elsewhere, or under another name. */
const elsewhere = new Set<string>(["name", "access", "resources"]);

/**
 * The fields of a tenant that differ, each with what comes of it.
 *
 * @param people whose rights change
 * @param bare what the tenant would be if its file said nothing but what it must: with a new tenant, the rest is told
 */
export function fieldChanges(pair: TenantPair, people: readonly PeopleChange[], bare?: Tenant): Change[] {
  const { before, after } = pair;
  const fields = [...new Set([...Object.keys(after), ...Object.keys(before ?? bare ?? {})])] as (keyof Tenant)[];
  const told = fields.filter((field) => {
    if (elsewhere.has(field)) return false;
    if (before !== undefined) return !isDeepStrictEqual(before[field], after[field]);
    // A new tenant's owner stands beside its name.
    if (field === "owner") return false;
    return always.has(field) || !isDeepStrictEqual(bare?.[field], after[field]);
  });
  const changes = told.map((field) => ({
    ...fromTo(field, before?.[field], after[field]),
    consequences: consequences(field, pair),
  }));
  // What a size gives changes with its name, or with what the stack means by it.
  const given = sizeWords(pair);
  return [
    ...changes.map((change) => (change.path === "size" ? { ...change, consequences: given } : change)),
    ...(given.length === 0 || told.includes("size") ? [] : [{ path: "what its size gives", consequences: given }]),
    ...accessChanges(pair, people),
  ];
}

/** What is told of a new tenant even where its file says nothing of it. */
const always = new Set<string>(["purpose", "size", "kubernetes", "expose"]);

function fromTo(path: string, before: unknown, after: unknown): { path: string; from?: string; to?: string } {
  const [from, to] = [valueText(before), valueText(after)];
  return { path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function consequences(field: keyof Tenant, pair: TenantPair): readonly Words[] {
  return phrases[field]?.(pair) ?? [];
}

function sizeWords({ before, after }: TenantPair): Words[] {
  const [was, is] = [before?.resources, after.resources];
  if (isDeepStrictEqual(was, is)) return [];
  const fromTo = (from: string | number | undefined, to: string | number) =>
    from === undefined || from === to ? `${to}` : `${from} -> ${to}`;
  const { workloads: w, controlPlane: c } = is;
  const [v, d] = [was?.workloads, was?.controlPlane];
  const amounts = (from: Resources | undefined, to: Resources) =>
    `CPU ${fromTo(from && cores(from.cpu), cores(to.cpu))}, memory ${fromTo(from?.memory, to.memory)}`;
  const requests = amounts(v?.requests, w.requests);
  const limits = amounts(v?.limits, w.limits);
  const storage = fromTo(v && `${v.storageGi}Gi`, `${w.storageGi}Gi`);
  const volumes = fromTo(was && claimsOf(was), claimsOf(is));
  const room = `${fromTo(v?.pods, w.pods)} pods, ${volumes} volumes of ${storage} together`;
  const own = amounts(d?.requests, c.requests);
  const less =
    was !== undefined &&
    (w.pods < was.workloads.pods || w.storageGi < was.workloads.storageGi || claimsOf(is) < claimsOf(was));
  const disk = was !== undefined && was.diskGi !== is.diskGi;
  return [
    say`its pods may request ${ours(requests)} and use ${ours(limits)}; ${ours(room)}`,
    say`its control plane requests ${ours(own)}${ours(disk ? "; its disk stays as it is" : "")}`,
    ...(less ? [ours("what runs goes on; what no longer fits is refused when it is made again")] : []),
  ];
}

/** "1500m" in cores, as people compare them: "1.5". */
export function cores(cpu: string): string {
  return cpu.endsWith("m") ? String(Number(cpu.slice(0, -1)) / 1000) : cpu;
}

/**
 * Who comes to a list or leaves it: half a difference would be taken for all of it. Of a new tenant, only those whom nothing else
 * names: its people are told with what they get.
 */
function accessChanges({ before, after, labels }: TenantPair, people: readonly PeopleChange[]): Change[] {
  const told = before === undefined ? people.flatMap(({ who }) => who) : [];
  return accessLists.flatMap((name) => {
    const names = (tenant: Tenant | undefined) => (tenant?.access[name] ?? []).map((one) => personText(one, labels));
    const [was, is] = [names(before), names(after)];
    const said = listWords(
      was,
      is.filter((one) => !told.includes(one)),
      listPeople,
    );
    return said.length === 0 ? [] : [{ path: `access.${name}`, consequences: said }];
  });
}

/** What a role in the host's namespace lets people do that matters most. */
const deeds: readonly (readonly [Request, string])[] = [
  [{ verb: "create", group: "", resource: "pods", subresource: "exec" }, "exec into its pods"],
  [{ verb: "list", group: "", resource: "secrets", subresource: "" }, "read its Secrets"],
  [
    { verb: "create", group: "rbac.authorization.k8s.io", resource: "rolebindings", subresource: "" },
    "give roles in the namespace to others",
  ],
];

function may(role: HostRole | undefined, request: Request): boolean {
  return role !== undefined && role !== "none" && azureAllows(role, request);
}

function hostRoleWords(before: Tenant | undefined, after: Tenant): Words[] {
  const held = hostMembers({
    ...after,
    hostRole: after.hostRole === "none" ? (before?.hostRole ?? "none") : after.hostRole,
  });
  const people = countPeople(held);
  if (held.length === 0) return [ours("held by nobody")];
  const [gained, lost] = [
    deeds.filter(([request]) => may(after.hostRole, request) && !may(before?.hostRole, request)),
    deeds.filter(([request]) => !may(after.hostRole, request) && may(before?.hostRole, request)),
  ];
  const listed = (some: typeof deeds) => new Intl.ListFormat("en").format(some.map(([, deed]) => deed));
  const raised =
    gained.length > 0 && after.access.developers.length > 0 && !opens(before?.hostRole) && opens(after.hostRole);
  return [
    ...(gained.length === 0 ? [] : [ours(`${people} may ${listed(gained)}`)]),
    ...(lost.length === 0 ? [] : [ours(`${people} may no longer ${listed(lost)}`)]),
    ...(raised ? [ours("developers become administrators inside")] : []),
    ...(gained.length + lost.length === 0 ? [ours(`${people} may look at what is in the namespace`)] : []),
  ];
}

/** True where a role opens the control plane. */
function opens(role: HostRole | undefined): boolean {
  return deeds.slice(0, 2).some(([request]) => may(role, request));
}

function exposureWords(before: Tenant | undefined, { expose, allowedCidrs }: Tenant): Words[] {
  if (expose === "none") return [ours("no address of its own: reached by port-forward")];
  if (expose === "internal") return [ours("an address in the virtual network")];
  // Ranges that change are told where they are written.
  if (!isDeepStrictEqual(before?.allowedCidrs ?? [], allowedCidrs))
    return [ours("a public address, for allowedCidrs alone")];
  return [["a public address, for ", ...list(allowedCidrs, mostEntries)]];
}

export function lifecycleWords({ lifecycle, dataOnRemoval }: Tenant): Words[] {
  if (lifecycle === "active") return [ours("its control plane runs, and access is as its file says")];
  const stopped = ours("control plane and pods stop, access is withdrawn, data is kept");
  if (lifecycle === "suspended") return [stopped];
  const end = dataOnRemoval === "keep" ? "keeps the data" : "deletes the data";
  return [stopped, ours(`its protection is lifted: removing the file later ${end}`)];
}
