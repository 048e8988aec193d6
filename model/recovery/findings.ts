import { stackLabel, tenantLabel } from "../deploy/namespace.ts";
import { shellCommand } from "../text/shell.ts";
import { type Checkpoint, clusterIdIn, described, goneWithCluster, type StateRecord } from "./checkpoint.ts";
import { assignmentType, idOf, releaseType } from "./ids.ts";
import { age, type Lock } from "./lock.ts";
import { isHalfway, newest, type Revision, recordName } from "./releases.ts";

/** What recovery does about something that it found. */
export type Action =
  | { readonly do: "cancel-lock" }
  | { readonly do: "forget-revision"; readonly revision: Revision }
  | { readonly do: "take-over"; readonly record: StateRecord }
  | { readonly do: "clear" }
  | { readonly do: "forget-cluster"; readonly urns: ReadonlySet<string> };

/** Something that keeps a deployment from going on. */
export interface Finding {
  /** What it is about, in a word or two. */
  readonly about: string;
  readonly found: string;
  /** What is done about it, or what the reader must do. */
  readonly todo: string;
  /** Left out where recovery does nothing about it. */
  readonly action?: Action;
  /** Why `--yes` alone does not do it; left out where it does. */
  readonly doubt?: string;
  /** True for what the next deployment mends by itself. */
  readonly harmless?: boolean;
}

/** How the host cluster answered. */
export type Host =
  | { readonly answers: true; readonly revisions: readonly Revision[] }
  /** Azure says that there is no such cluster. */
  | { readonly answers: false; readonly gone: true }
  /** It does not answer; or, where it was not asked, a tool for that is missing. */
  | { readonly answers: false; readonly gone: false; readonly asked: boolean; readonly why: string };

/** Something that the state does not have, and the cloud has. */
export interface Existing {
  /** As a deployment would create it. */
  readonly record: StateRecord;
  /** Its id in the cloud. */
  readonly id: string;
  /** Inputs that it has there otherwise: a role assignment under another name. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** The labels of a Kubernetes object. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What recovery looked at. */
export interface Situation {
  readonly stack: string;
  readonly now: Date;
  readonly state: Checkpoint;
  readonly locks: readonly (Lock & {
    /** Whether the process that took it is one of this machine, and still runs; undefined for another machine's. */
    readonly alive?: boolean | undefined;
  })[];
  readonly host: Host;
  /** True where the caller says that the host cluster is gone for good. */
  readonly clusterGone: boolean;
  /** What a deployment would create, and is there already. */
  readonly existing: readonly Existing[];
  readonly subscriptionId: string | undefined;
}

/** What keeps a stack's next deployment from going on, and what is to be done about each. */
export function recoveryOf(situation: Situation): Finding[] {
  return [
    ...situation.locks.map((lock) => ofLock(lock, situation)),
    ...ofHost(situation),
    ...(situation.clusterGone ? [] : [...ofReleases(situation), ...ofPending(situation), ...ofExisting(situation)]),
  ];
}

function ofLock({ holder, alive }: Situation["locks"][number], { now }: Situation): Finding {
  const about = "lock";
  const cancel = { action: { do: "cancel-lock" }, todo: "pulumi cancel" } as const;
  if (holder === undefined) {
    const found = "another run holds the stack; the backend does not say whose";
    return { about, found, ...cancel, doubt: "see that no deployment runs, then add --cancel-lock" };
  }
  const { user, host, pid, since } = holder;
  const found = `held by ${user}@${host}, process ${pid}, for ${age(since, now)}`;
  if (alive === true) {
    return {
      about,
      found: `${found}, which still runs here`,
      todo: "wait for its end, or stop it: a lock in use stays",
    };
  }
  if (alive === false) return { about, found: `${found}, which runs no more`, ...cancel };
  return { about, found, ...cancel, doubt: `see that no deployment runs on ${host}, then add --cancel-lock` };
}

function ofHost({ host, stack, state, clusterGone }: Situation): Finding[] {
  const about = "host cluster";
  const urns = goneWithCluster(state);
  if (urns.size === 0) return [];
  if (host.answers) {
    if (!clusterGone) return [];
    return [{ about, found: "it answers", todo: "--cluster-gone is for one that is no more: nothing is forgotten" }];
  }
  const id = clusterIdIn(state);
  if (!host.gone && !host.asked) {
    const todo = "what Helm left halfway is not looked for: run it again where that works";
    return [{ about, found: `it was not asked: ${host.why}`, todo, harmless: true }];
  }
  const found = host.gone ? `Azure has no ${id ?? "such cluster"}` : `it does not answer: ${host.why}`;
  if (!clusterGone) {
    const command = shellCommand(["npm", "run", "recover", "--", "--stack", stack, "--cluster-gone"]);
    const todo = host.gone
      ? `if it is gone for good, with its tenants' data: ${command}`
      : `start it, or mend the way to it; if it is gone for good, with its tenants' data: ${command}`;
    return [{ about, found, todo }];
  }
  const todo = `the state forgets it and what was in it (${urns.size} resources): 'npm run up' makes all of it anew, and empty`;
  return [{ about, found, todo, action: { do: "forget-cluster", urns } }];
}

const idsIn = ({ deployment: { resources = [] } }: Checkpoint, type: string) =>
  new Set(resources.flatMap((one) => (one.type === type && one.id !== undefined ? [one.id] : [])));

function ofReleases({ host, state, stack }: Situation): Finding[] {
  if (!host.answers) return [];
  const known = idsIn(state, releaseType);
  return [...newest(host.revisions)].flatMap(([id, revision]): Finding[] => {
    const about = `release ${id}`;
    const { status, namespace, name } = revision;
    const found = `Helm stopped halfway: ${status}, revision ${revision.revision}, for ${revision.age}`;
    if (isHalfway(revision)) {
      const forward = known.has(id) ? "upgrades it again" : "installs it again, over what is there";
      const todo = `Helm forgets that revision (Secret ${recordName(revision)}); pods and volumes stay, and 'npm run up' ${forward}`;
      return [{ about, found, todo, action: { do: "forget-revision", revision } }];
    }
    if (status === "failed" && known.has(id)) {
      const back = shellCommand(["npm", "run", "recover", "--", "--stack", stack, "--rollback", name]);
      const todo = `'npm run up' upgrades it again, once the cause is mended; back to the revision before: ${back}`;
      return [{ about, found: `its last upgrade failed: revision ${revision.revision}`, todo, harmless: true }];
    }
    if (status === "uninstalling") {
      const uninstall = shellCommand(["helm", "uninstall", name, "--namespace", namespace]);
      const todo = `where the tenant's file is gone, 'npm run up' goes on with that; where it is to stay: see that its claims are kept (kubectl get pvc), then ${uninstall}, and 'npm run up'`;
      return [{ about, found, todo, harmless: known.has(id) }];
    }
    return [];
  });
}

function ofPending(situation: Situation): Finding[] {
  const { pending_operations: pending = [], resources = [] } = situation.state.deployment;
  const known = new Set(resources.filter(({ pendingReplacement }) => !pendingReplacement).map(({ urn }) => urn));
  return pending.map(({ type, resource }): Finding => {
    const about = described(resource);
    const cleared = { about, action: { do: "clear" } } as const;
    if (type !== "creating") {
      const found = `the last run ended while it was ${type}`;
      return { ...cleared, found, todo: "'npm run up' does it again: the mark is cleared" };
    }
    const found = "the last run ended while it was created";
    const id = idOf(resource, situation.subscriptionId);
    if (id === undefined || known.has(resource.urn)) {
      return { ...cleared, found, todo: "'npm run up' creates it: the mark is cleared" };
    }
    if (resource.type === releaseType && situation.host.answers) {
      const revision = newest(situation.host.revisions).get(id);
      if (revision === undefined || isHalfway(revision)) {
        const there = revision === undefined ? "Helm knows nothing of it: " : "";
        return { ...cleared, found, todo: `${there}'npm run up' installs it: the mark is cleared` };
      }
    }
    const record = { ...resource, id };
    const todo = "taken over into the state if it is there, and else forgotten, so that 'npm run up' creates it";
    return { about, found, todo, action: { do: "take-over", record } };
  });
}

function ofExisting(situation: Situation): Finding[] {
  const { host } = situation;
  const halfway = new Set(
    host.answers ? [...newest(host.revisions)].filter(([, revision]) => isHalfway(revision)).map(([id]) => id) : [],
  );
  return situation.existing.flatMap(({ record, id, inputs, labels }): Finding[] => {
    // Helm forgets it, and installs it again.
    if (record.type === releaseType && halfway.has(id)) return [];
    const about = described(record);
    const action = { do: "take-over", record: { ...record, id, inputs: { ...record.inputs, ...inputs } } } as const;
    const found = "it exists, and the state does not have it";
    const todo = "taken over into the state";
    if (record.type === assignmentType) {
      if (inputs === undefined) return [{ about, found, todo, action }];
      const other = `somebody gave the same role to the same person there, as ${id.split("/").at(-1)}`;
      return [{ about, found: other, todo: `${todo}: 'npm run up' replaces it by the one of this name`, action }];
    }
    if (!record.type.startsWith("kubernetes:")) {
      return [
        { about, found: `${found}: ${id}`, todo, action, doubt: "see that it is this stack's: then without --yes" },
      ];
    }
    const foreign = differingLabels(record, labels ?? {});
    if (foreign.length === 0) return [{ about, found, todo, action }];
    const other = `it exists, and is not this stack's, by ${foreign.join(", ")}`;
    return [{ about, found: other, todo: "choose another name in the tenant's file, or remove what is there" }];
  });
}

/** The labels by which an object is another's. */
function differingLabels({ inputs = {} }: StateRecord, labels: Readonly<Record<string, string>>): string[] {
  const metadata = inputs.metadata as { readonly labels?: Readonly<Record<string, string>> } | undefined;
  return [tenantLabel, stackLabel].filter((label) => metadata?.labels?.[label] !== labels[label]);
}
