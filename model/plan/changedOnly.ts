import { lookUpKey, needsLookUp } from "../access/people.ts";
import { clusterGrantOf, hostMembers } from "../access/roles.ts";
import { type ChangedRun, otherInputs } from "../deploy/changedRun.ts";
import { nameOf, platformType, tenantType, tenantUrns } from "../deploy/tenantUrns.ts";
import {
  digestsOf,
  type PlatformRecord,
  platformRecordSchema,
  recordedFileSchema,
  resourcesDigest,
} from "../settings/deployedFiles.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Principal, ResolvedPrincipal } from "../tenant/principals.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";

/** A resource of a stack's state, as far as it decides what may differ. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string | undefined;
  /** True for the old half of a replacement that is still to be deleted. */
  readonly delete?: boolean | undefined;
  /** True where somebody has asked for its replacement (`pulumi state taint`). */
  readonly taint?: boolean | undefined;
  /** True where it was deleted for a replacement that has not come. */
  readonly pendingReplacement?: boolean | undefined;
  /** Why it does not work although it is there. */
  readonly initErrors?: readonly unknown[] | null | undefined;
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
}

/** What the last deployment left. */
export interface LastState {
  readonly resources: readonly StateResource[];
  /** Why the state is not that of a deployment that ended well, as the engine tells it; left out where it is. */
  readonly trouble?: string | undefined;
}

/** What is to be deployed. */
export interface Head {
  readonly project: string;
  readonly stack: string;
  /** {@link PlatformRecord.program} of this very program. */
  readonly program: string;
  /** {@link PlatformRecord.settings} of now. */
  readonly recorded: PlatformRecord["settings"];
  /** {@link PlatformRecord.others} of now. */
  readonly others: NonNullable<PlatformRecord["others"]>;
  /** Left out where they are not right. */
  readonly settings: Settings | undefined;
  /** What each tenant's file holds, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Reads one of them; undefined where it is not right. */
  readonly read: (name: string, text: string) => Tenant | undefined;
}

/** A run of the changed tenants alone. */
export interface Changed {
  readonly run: ChangedRun & { readonly tenants: string[] };
  /** True where none differs, and one stands for all. */
  readonly nothing: boolean;
  /** The URNs of all that the state has of them and all that is registered for them: nothing that is shared. */
  readonly targets: readonly string[];
}

/** Why all tenants have to be registered. */
export interface FullRun {
  readonly full: string;
}

/** Beyond these the engine is not quicker than with all, and a command line has an end. */
const most = 25;

/**
 * Which tenants a deployment can change, from what the last one left in the state: their files' texts, the settings, the
 * program. Whatever could change anything beside them makes it a full run, and so does all that is not known.
 */
export function changedOnly(before: LastState, now: Head): Changed | FullRun {
  const full = (why: string): FullRun => ({ full: why });
  const platform = before.resources.find(({ type }) => type === platformType);
  if (before.trouble !== undefined) return full(before.trouble);
  if (platform === undefined) return full("nothing is deployed yet");
  if (before.resources.some((one) => one.delete === true)) return full("what was replaced is still to be deleted");
  const { data: record } = platformRecordSchema.safeParse(platform.outputs?.record);
  if (record?.program === undefined) return full("the last deployment was by another release");
  const inputs = { program: now.program, settings: now.recorded, others: now.others };
  const other = otherInputs(
    { program: record.program, settings: record.settings, others: record.others ?? {} },
    inputs,
  );
  if (other !== undefined) return full(other);
  if (now.settings === undefined) return full("the settings are not right");

  const state = new State(before.resources);
  const removed = [...state.tenants.keys()].filter((name) => !now.texts.has(name));
  if (removed.length > 0) return full(`removed: ${removed.join(", ")}`);
  const names = [...now.texts.keys()].sort();
  const differ = names.filter((name) => !state.isDeployed(name, now.texts.get(name) ?? ""));
  // An engine without a target would take everything for one.
  const tenants = differ.length > 0 ? differ : names.slice(0, 1);
  if (tenants.length === 0) return full("there are no tenants");
  if (tenants.length > most) return full(`${tenants.length} tenants changed`);
  const people = record.people ?? {};
  const edited = state.editedBeside(tenants);
  if (edited !== undefined) return full(edited);
  const targets = tenants.flatMap((name) => state.below(name));
  const users = new Set(now.settings.azure === undefined ? [] : state.usersBeside(tenants));
  for (const name of tenants) {
    const tenant = now.read(name, now.texts.get(name) ?? "");
    if (tenant === undefined) return full(`the file of ${name} is not right`);
    const members = membersOf(tenant, now.settings, people);
    if ("unknown" in members) return full(`${members.unknown} is new among the people with a role on the host`);
    targets.push(...tenantUrns(tenant, { ...now, settings: now.settings, members: members.found }));
    if (now.settings.azure !== undefined) for (const { objectId } of members.found) users.add(objectId);
  }
  const changes = [...new Set([...users, ...state.users])].filter((id) => !users.has(id) || !state.users.has(id));
  if (changes.length > 0) return full(`who has a role on the host changed: ${changes.join(", ")}`);
  const chosenBy = { ...inputs, files: digestsOf(now.texts) };
  const { project, stack } = now;
  const run = { project, stack, tenants, users: [], people, outputs: state.outputs, chosenBy };
  return { run, nothing: differ.length === 0, targets: [...new Set(targets)] };
}

/** What a command says before a run of changed tenants. */
export function changedLine({ run: { tenants }, nothing }: Changed): string {
  const names = tenants.join(", ");
  return nothing
    ? `no tenant differs from what is deployed; only ${names} is looked at`
    : `only tenants that may differ from what is deployed are looked at: ${names}`;
}

/** What a command says before a full run that it was not asked for. */
export function fullLine(why: string): string {
  return `full run: ${why}`;
}

/** A tenant's people with a role on the host; those that only Entra ID could find are known where they have been before. */
function membersOf(
  tenant: Tenant,
  settings: Settings,
  people: Readonly<Record<string, string>>,
): { readonly found: ResolvedPrincipal[] } | { readonly unknown: string } {
  const members = hostMembers(tenant);
  const idOf = (one: Principal) =>
    settings.azure === undefined || !needsLookUp(one) ? one.id : people[lookUpKey(one)];
  const unknown = members.find((one) => idOf(one) === undefined);
  if (unknown !== undefined) return { unknown: unknown.id };
  const found = members.map((one) => ({ type: one.type, objectId: idOf(one) ?? "" }));
  return { found: [...new Map(found.map((one) => [`${one.type} ${one.objectId}`, one])).values()] };
}

/** What is in a state, by tenant. */
class State {
  /** The component of each tenant, by name. */
  readonly tenants: ReadonlyMap<string, StateResource>;
  /** Object ids of everybody who may fetch the kubeconfig of the cluster: who has a role in some namespace. */
  readonly users: ReadonlySet<string>;
  readonly #resources: readonly StateResource[];
  /** The tenant that a resource is of, by URN; none where it is of no tenant. */
  readonly #owners = new Map<string, string>();
  readonly #below = new Map<string, string[]>();
  /** The stack's outputs that the program reads. */
  readonly outputs: NonNullable<ChangedRun["outputs"]>;

  constructor(resources: readonly StateResource[]) {
    const tenants = resources.filter(({ type }) => type === tenantType);
    this.tenants = new Map(tenants.map((one) => [nameOf(one.urn), one]));
    this.#resources = resources;
    // A state has what is in something after it.
    for (const { urn, type, parent } of resources) {
      const owner = type === tenantType ? nameOf(urn) : this.#owners.get(parent ?? "");
      if (owner === undefined) continue;
      this.#owners.set(urn, owner);
      const urns = this.#below.get(owner);
      if (urns === undefined) this.#below.set(owner, [urn]);
      else urns.push(urn);
    }
    const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const { tenants: told, retained, cluster } = stack?.outputs ?? {};
    this.outputs = { tenants: told, retained, cluster };
    const access = resources.find(({ type }) => type === "virtual-clusters:index:ClusterAccess");
    this.users = new Set(
      resources.flatMap((one) => {
        if (access === undefined || one.parent !== access.urn) return [];
        const grant = clusterGrantOf(nameOf(one.urn));
        return grant?.role === "clusterUser" ? [grant.objectId] : [];
      }),
    );
  }

  /** True where a tenant is deployed as its file says, and the stack's outputs tell of it. */
  isDeployed(name: string, text: string): boolean {
    const file = recordedFileSchema.safeParse(this.tenants.get(name)?.outputs?.file).data;
    return file === text && (this.outputs.tenants as Record<string, unknown> | undefined)?.[name] !== undefined;
  }

  /** Why what is not of these tenants is not as a deployment has left it; undefined where it is. */
  editedBeside(names: readonly string[]): string | undefined {
    const others = this.#resources.filter(({ urn }) => !names.includes(this.#owners.get(urn) ?? ""));
    const other = [...this.tenants].flatMap(([name, { outputs }]) =>
      names.includes(name) || outputs?.resources === resourcesDigest(this.below(name)) ? [] : [name],
    );
    if (other.length > 0) return `the state lacks something of ${other.join(", ")}`;
    const replaced = others.find((one) => one.taint === true || one.pendingReplacement === true);
    if (replaced !== undefined) return `${nameOf(replaced.urn)} is to be replaced`;
    const unready = others.find(({ initErrors }) => (initErrors ?? []).length > 0);
    return unready && `${nameOf(unready.urn)} did not become ready`;
  }

  /** The URNs of all that there is of a tenant. */
  below(name: string): readonly string[] {
    return this.#below.get(name) ?? [];
  }

  /** Object ids of those who have a role in a namespace of another tenant. */
  usersBeside(names: readonly string[]): string[] {
    const others = new Map(
      [...this.tenants].filter(([name]) => !names.includes(name)).map(([name, { urn }]) => [urn, name]),
    );
    return this.#resources.flatMap((one) => {
      const tenant = others.get(one.parent ?? "");
      return tenant === undefined ? [] : idAfter(`${tenant}-host-role-`, one);
    });
  }
}

/** What a resource's name ends with after a prefix; nothing where it has another name. */
function idAfter(prefix: string, one: StateResource): string[] {
  const name = nameOf(one.urn);
  return name.startsWith(prefix) ? [name.slice(prefix.length)] : [];
}
