import { type Checkpoint, clusterIdIn, described, goneWith, type StateRecord, unaskedIn } from "./checkpoint.ts";
import { recoverCommand } from "./errors.ts";
import { assignmentType, idOf, releaseType } from "./ids.ts";
import { age } from "./lock.ts";
import { foreignMarks } from "./ownership.ts";
import { isHalfway, newest, recordName, releaseId } from "./releases.ts";
import { type Finding, type HeldLock, isStale, type Situation } from "./situation.ts";

/** What keeps a stack's next deployment from going on, and what is to be done about each. */
export function recoveryOf(situation: Situation): Finding[] {
  const host = ofHost(situation);
  const forgets = host.some(({ action }) => action?.do === "forget-cluster");
  return [
    ...situation.locks.map((lock) => ofLock(lock, situation)),
    ...host,
    // What else there is, is in the cluster.
    ...(forgets
      ? []
      : [
          ...ofReleases(situation),
          ...ofLostReleases(situation),
          ...ofUnasked(situation),
          ...ofPending(situation),
          ...ofExisting(situation),
          ...ofSilence(situation),
          ...ofPreview(situation),
        ]),
  ];
}

/** True where all that keeps others out is ended by what is done. */
export function endsLocks(findings: readonly Finding[], done: readonly Finding[]): boolean {
  return findings.every((one) => one.about !== aboutLock || done.includes(one));
}

/** What findings of who holds the stack are about. */
export const aboutLock = "lock";

function ofLock(lock: HeldLock, { now }: Situation): Finding {
  const { holder, alive } = lock;
  const about = aboutLock;
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
  if (isStale(lock)) return { about, found: `${found}, which runs no more`, ...cancel };
  if (alive === false) {
    // Containers and runners of a pipeline bear one name, too.
    const doubt = `see that no deployment runs on another machine of that name, then add --cancel-lock`;
    return { about, found: `${found}, which does not run here`, ...cancel, doubt };
  }
  return { about, found, ...cancel, doubt: `see that no deployment runs on ${host}, then add --cancel-lock` };
}

function ofHost({ host, stack, state, clusterGone }: Situation): Finding[] {
  const about = "host cluster";
  const forGone = "--cluster-gone is for one that is no more: nothing is forgotten";
  if (host.answers) return clusterGone ? [{ about, found: "it answers", todo: forGone }] : [];
  const command = recoverCommand(stack, "--cluster-gone");
  const ifGone = `if it is gone for good, with its tenants' data: ${command}`;
  if (host.gone === undefined) {
    const { asked, isThere, why } = host;
    if (!asked) {
      const found = `it was not asked: ${why}`;
      // Nothing is in it yet, or nothing any more.
      if (goneWith("cluster", state).size === 0) return [];
      if (clusterGone) return [{ about, found, todo: `${forGone} before it was asked` }];
      const todo = "what Helm left halfway is not looked for: run it again where that works";
      return [{ about, found, todo, harmless: true, unseen: true }];
    }
    const found = isThere ? `it is there, and cannot be used: ${why}` : `it does not answer: ${why}`;
    if (clusterGone && isThere) return [{ about, found, todo: forGone }];
    const mend = "start it, or mend the way to it";
    if (!clusterGone) return [{ about, found, todo: isThere ? mend : `${mend}; ${ifGone}` }];
    return [forgotten(found, goneWith("cluster", state), "see that it is gone for good, and not only away")];
  }
  const found = `Azure has no ${host.gone === "group" ? "resource group of " : ""}${clusterIdIn(state) ?? "such cluster"}`;
  if (!clusterGone) return [{ about, found, todo: ifGone }];
  const urns = goneWith(host.gone, state);
  return urns.size === 0 ? [] : [forgotten(found, urns)];
}

function forgotten(found: string, urns: ReadonlySet<string>, doubt?: string): Finding {
  const todo = `the state forgets it and what was in it (${urns.size} resources): 'npm run up' makes all of it anew, and empty`;
  return {
    about: "host cluster",
    found,
    todo,
    action: { do: "forget-cluster", urns },
    ...(doubt !== undefined && { doubt: `${doubt}: then without --yes` }),
  };
}

/** The releases in the state: their URNs by their ids. */
const releasesIn = ({ deployment: { resources = [] } }: Checkpoint) =>
  new Map(resources.flatMap(({ type, id, urn }) => (type === releaseType && id !== undefined ? [[id, urn]] : [])));

function ofReleases({ host, state, stack, wanted }: Situation): Finding[] {
  if (!host.answers) return [];
  const known = releasesIn(state);
  const pending = (state.deployment.pending_operations ?? []).map(({ resource }) => idOf(resource, undefined));
  return [...newest(host.revisions)].flatMap(([id, revision]): Finding[] => {
    // Others' releases in a tenant's namespace are theirs to mend.
    if (!known.has(id) && !wanted.has(id) && !pending.includes(id)) return [];
    const about = `release ${id}`;
    const { status, name } = revision;
    const found = `Helm stopped halfway: ${status}, revision ${revision.revision}, for ${revision.age}`;
    const all = host.revisions.filter((one) => releaseId(one) === id);
    const isRemoved = status === "uninstalling";
    if (isHalfway(revision) || (isRemoved && wanted.has(id))) {
      // After the beginning of an end nothing says what is left of it, and an upgrade would change nothing.
      const revisions = isRemoved ? all : [revision];
      const urn = revisions.length === all.length ? known.get(id) : undefined;
      const records = isRemoved ? "release" : `revision (Secret ${recordName(revision)})`;
      const forward =
        known.has(id) && urn === undefined ? "upgrades it again" : "installs it again, over what is there";
      const todo = `Helm forgets that ${records}; pods and volumes stay, and 'npm run up' ${forward}`;
      return [{ about, found, todo, action: { do: "forget-revisions", revisions, ...(urn !== undefined && { urn }) } }];
    }
    if (isRemoved) return [{ about, found, todo: "'npm run up' goes on with the removal", harmless: true }];
    if (status === "failed" && known.has(id)) {
      const back = recoverCommand(stack, "--rollback", name);
      const todo = `'npm run up' upgrades it again, once the cause is mended; back to the revision before: ${back}`;
      return [{ about, found: `its last upgrade failed: revision ${revision.revision}`, todo, harmless: true }];
    }
    return [];
  });
}

/** True for a release of which the last run did not come to know whether it was removed. */
const isRemovedRelease = ({ type, resource }: { readonly type: string; readonly resource: StateRecord }) =>
  type === "deleting" && resource.type === releaseType;

/** What the engine takes for deployed, and Helm knows nothing of: a deployment would leave it so. */
function ofLostReleases({ host, state }: Situation): Finding[] {
  if (!host.answers) return [];
  const known = [...releasesIn(state)];
  const there = newest(host.revisions);
  // What was being removed is another finding.
  const { pending_operations: pending = [] } = state.deployment;
  const removed = new Set(pending.filter(isRemovedRelease).map(({ resource }) => resource.urn));
  const lost = known.filter(([id, urn]) => !there.has(id) && !removed.has(urn));
  const doubt = "see that kubectl means the stack's own cluster: then without --yes";
  // The namespace that it was in says which cluster is meant.
  const isDoubtful = (id: string) => lost.length === known.length || !host.namespaces.has(id.split("/")[0] ?? "");
  return lost.map(([id, urn]) => ({
    about: `release ${id}`,
    found: "the state has it, and Helm knows nothing of it",
    todo: "the cloud is asked: what is not there is forgotten, so that 'npm run up' installs it",
    action: { do: "ask", urn },
    ...(isDoubtful(id) && { doubt }),
  }));
}

function ofUnasked({ state }: Situation): Finding[] {
  return unaskedIn(state).map((record) => ({
    about: described(record),
    found: "recovery was cut off while it took it over",
    todo: "the cloud is asked: what is not there is forgotten, so that 'npm run up' creates it",
    action: { do: "ask", urn: record.urn },
  }));
}

function ofSilence({ silences }: Situation): Finding[] {
  const todo = "mend that, and run it again: not all that exists already was looked for";
  return silences.map((why) => ({ about: "what exists already", found: why, todo, harmless: true, unseen: true }));
}

/** What exists already is not known then. */
function ofPreview({ previewErrors, wrong }: Situation): Finding[] {
  const again = "run it again: what exists already was not looked for";
  const files = {
    about: "settings and tenants",
    found: `${wrong} to mend`,
    todo: `npm run tenants -- check; then ${again}`,
  };
  return [
    ...(wrong > 0 ? [files] : []),
    ...previewErrors.map((error) => ({
      about: "preview",
      found: `it fails: ${error}`,
      todo: `mend that, and ${again}`,
    })),
  ];
}

function ofPending(situation: Situation): Finding[] {
  const { pending_operations: pending = [], resources = [] } = situation.state.deployment;
  const known = new Set(resources.filter(({ pendingReplacement }) => !pendingReplacement).map(({ urn }) => urn));
  return pending.map(({ type, resource }): Finding => {
    const about = described(resource);
    const cleared = { about, action: { do: "clear" } } as const;
    if (type !== "creating") {
      const found = `the last run ended while it was ${type}`;
      if (isRemovedRelease({ type, resource }) && known.has(resource.urn)) {
        // Helm removes none that it does not know any more.
        const todo = "the cloud is asked: what is not there is forgotten, and what is there 'npm run up' removes";
        return { about, found, todo, action: { do: "ask", urn: resource.urn } };
      }
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
    const todo =
      "taken over into the state if it is there and this stack's, and else forgotten, so that 'npm run up' creates it";
    const doubt =
      "it holds something that this stack has not made, or nobody could tell: see whose it is, then without --yes";
    const isDoubtful = situation.inhabited.has(resource.urn);
    return { about, found, todo, action: { do: "take-over", record }, ...(isDoubtful && { doubt }) };
  });
}

function ofExisting(situation: Situation): Finding[] {
  const { host } = situation;
  const halfway = new Set(
    host.answers ? [...newest(host.revisions)].filter(([, revision]) => isHalfway(revision)).map(([id]) => id) : [],
  );
  return situation.existing.flatMap(({ record, id, inputs, marks }): Finding[] => {
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
    const foreign = foreignMarks(record, marks ?? {});
    if (foreign.length === 0) return [{ about, found, todo, action }];
    const other = `it exists, and is not this stack's, by ${foreign.join(", ")}`;
    return [{ about, found: other, todo: "choose another name in the tenant's file, or remove what is there" }];
  });
}
