import type { Checkpoint, StateRecord } from "./checkpoint.ts";
import type { Lock } from "./lock.ts";
import type { Marks } from "./ownership.ts";
import type { Revision } from "./releases.ts";

/** What recovery does about something that it found. */
export type Action =
  | { readonly do: "cancel-lock" }
  | {
      readonly do: "forget-revisions";
      readonly revisions: readonly Revision[];
      /** The release in the state, where Helm then knows nothing of it any more: it is installed anew. */
      readonly urn?: string;
    }
  | { readonly do: "take-over"; readonly record: StateRecord }
  | { readonly do: "ask"; readonly urn: string }
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
  /** True where something was not looked at: then nothing says that all is well. */
  readonly unseen?: boolean;
}

/** How the host cluster answered. */
export type Host =
  | {
      readonly answers: true;
      /** Helm's, without those in namespaces of another stack. */
      readonly revisions: readonly Revision[];
      /** The namespaces that are there and are not known to be another stack's. */
      readonly namespaces: ReadonlySet<string>;
    }
  /** Azure says that there is no such cluster, or no such resource group. */
  | { readonly answers: false; readonly gone: "cluster" | "group" }
  /** It does not answer; or, where it was not asked, a tool for that is missing. */
  | {
      readonly answers: false;
      readonly gone?: undefined;
      readonly asked: boolean;
      /** True where it is known to be there all the same: Azure has it, or it answers that one may not ask. */
      readonly isThere: boolean;
      readonly why: string;
    };

/** Something that the state does not have, and the cloud has. */
export interface Existing {
  /** As a deployment would create it. */
  readonly record: StateRecord;
  /** Its id in the cloud. */
  readonly id: string;
  /** Inputs that it has there otherwise: a role assignment under another name. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Whose a Kubernetes object says that it is. */
  readonly marks?: Marks;
}

/** What a cloud has of some resources. */
export interface Looked {
  readonly existing: readonly Existing[];
  /** Why it did not say that of all of them. */
  readonly silence?: string;
}

/** A lock that somebody holds. */
export interface HeldLock extends Lock {
  /** Whether the process that took it is one of this machine, and still runs; undefined for another machine's. */
  readonly alive?: boolean | undefined;
}

/** True for a lock whose holder is gone for certain: it keeps nobody from anything. */
export const isStale = ({ alive, isLocal }: HeldLock) => alive === false && isLocal === true;

/** True for a lock of a deployment that runs for certain: what that is about is no trace of one that was cut off. */
export const isRunning = ({ alive }: HeldLock) => alive === true;

/** What recovery looked at. */
export interface Situation {
  readonly stack: string;
  readonly now: Date;
  readonly state: Checkpoint;
  readonly locks: readonly HeldLock[];
  readonly host: Host;
  /** The ids of the releases that the stack's tenants have by their files. */
  readonly wanted: ReadonlySet<string>;
  /** True where the caller says that the host cluster is gone for good. */
  readonly clusterGone: boolean;
  /** What a deployment would create, and is there already. */
  readonly existing: readonly Existing[];
  /** Why that could not be found out: what a preview says that fails. */
  readonly previewErrors: readonly string[];
  /** How many mistakes are in settings and tenants: a preview gets nowhere with one. */
  readonly wrong: number;
  /** Why a cloud did not say of all that is to be created whether it exists already; none where it did, or was not asked. */
  readonly silences: readonly string[];
  /** The URNs of resource groups whose creation was cut off, and that hold something, or may: nothing of this stack's can be in them. */
  readonly inhabited: ReadonlySet<string>;
  readonly subscriptionId: string | undefined;
}
