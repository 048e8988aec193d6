import type { ClusterRole } from "../access/roles.ts";
import type { Problem } from "../text/problems.ts";
import type { Op } from "./steps.ts";
import type { Words } from "./words.ts";

/** The version of what `plan --format json` prints; it goes up with every change that a reader must know. */
export const planVersion = 2;

/** What a change does, for whoever must approve it. */
export interface Plan {
  /** What it is compared with, such as "origin/main". */
  readonly base: string;
  /** Whose steps it tells: the sandbox's where it is left out, or those of Pulumi's own engine, over what is deployed. */
  readonly engine?: "sandbox" | "pulumi";
  readonly program: ProgramChange;
  readonly stacks: readonly StackPlan[];
}

/** How the program itself differs: then the base was deployed by its own program. */
export interface ProgramChange {
  /** Files that differ, from the project's root. */
  readonly files: readonly string[];
  /** True where the base's packages were installed, because its lock file differs. */
  readonly ownPackages: boolean;
  /** Files that differ among those that are deployed, that judge changes, or that say whose they are. */
  readonly ruling: readonly string[];
}

/** What a change does to one stack. */
export interface StackPlan {
  readonly stack: string;
  /** Everything in a line: enough to approve what is safe. */
  readonly headline: Words;
  /** False where nothing of the stack changes, not even a warning. */
  readonly changes: boolean;
  /** What cannot be deployed, and why; what follows is then told by the files alone. */
  readonly failures: readonly Failure[];
  /** True where an engine has told what it would do; else it is the files alone. */
  readonly rehearsed: boolean;
  /** What needs a waiver, and what has one. */
  readonly gates: Gates;
  /** What is not known of where the comparison begins; left out where all is. */
  readonly notes?: readonly Words[];
  /** What is otherwise in the cloud than it was deployed: it is no part of the change. Left out where nobody has looked. */
  readonly drift?: readonly Drift[];
  /** What a reviewer must not miss, the loudest first. */
  readonly alarms: readonly Alarm[];
  readonly settings: readonly Change[];
  /** Resources that belong to no tenant, those of people among them. */
  readonly shared: readonly ResourceChange[];
  /** Whose roles at the whole cluster change. */
  readonly people: readonly ClusterPeople[];
  readonly tenants: readonly TenantPlan[];
  /** Names of the tenants that nothing happens to. */
  readonly untouched: readonly string[];
  /** Names of the tenants of which nothing can be told, because a side's file is not right. */
  readonly unread: readonly string[];
  /** Warnings that the base does not have. */
  readonly warnings: readonly Problem[];
  /** How many warnings of the base are gone. */
  readonly warningsGone: number;
  readonly room: readonly RoomChange[];
  readonly cost: CostChange | undefined;
}

/** A side that cannot be deployed. */
export interface Failure {
  readonly side: "base" | "head";
  readonly problems: readonly FailureProblem[];
}

/** What is wrong: in a file, or with a resource. */
export interface FailureProblem extends Partial<Pick<Problem, "location">> {
  readonly message: string;
}

/** Something that a change needs a waiver for. */
export interface Finding {
  /** The rule's id, such as "data-lost". */
  readonly rule: string;
  /** What it is about, as a waiver names it: "tenant payments". */
  readonly target: string;
  readonly why: Words;
}

/** What the platform team lets through a gate, and until when. */
export interface Waiver {
  /** The rule's id. */
  readonly rule: string;
  /** What it is about, as the rule names it; "*" for everything. */
  readonly target: string;
  /** The e-mail address of whoever lets it through. */
  readonly who: string;
  readonly why: string;
  /** The last day on which it holds, such as 2027-03-31. */
  readonly until: string;
}

/** What the gates say of a change. */
export interface Gates {
  /** The file that waivers of the stack stand in. */
  readonly file: string;
  /** What has no waiver, each with the lines of one: who and why are to be filled in. */
  readonly needed: readonly (Finding & { readonly lines: readonly string[] })[];
  readonly waived: readonly (Finding & { readonly waiver: Waiver })[];
  /** What the change does to the waivers: they count from the next one on. */
  readonly waivers: {
    readonly added: readonly Waiver[];
    readonly removed: readonly Waiver[];
    /** What was wrong with them and is so no more. */
    readonly mended: readonly Problem[];
  };
  /** What is wrong with the waivers as the change leaves them. */
  readonly problems: readonly Problem[];
  /** What else is to be known of rules and waivers. */
  readonly notes: readonly Words[];
}

/** What a reviewer must not miss. */
export interface Alarm {
  /** Danger is what cannot be taken back, or takes away what keeps things from being lost. */
  readonly level: "danger" | "attention";
  /** In a few words, for the first line. */
  readonly short: Words;
  readonly text: Words;
}

/** A value of a chart or a resource that differs. */
export interface ValueChange {
  readonly path: string;
  /** Left out where there was none. */
  readonly from?: string;
  /** Left out where there is none any more. */
  readonly to?: string;
}

/** A field or a setting that differs, and what comes of it. */
export interface Change extends ValueChange {
  readonly consequences: readonly Words[];
}

/** A resource that changes. */
export interface ResourceChange {
  readonly op: Exclude<Op, "same">;
  readonly kind: string;
  readonly name: string;
  readonly values: readonly ValueChange[];
  /** What it stands for, where that can be told. */
  readonly meaning?: Words;
}

/** Something in the cloud that is otherwise than it was deployed. */
export interface Drift extends ResourceChange {
  /** Whose it is; left out for what all tenants share. */
  readonly tenant?: string;
  /** True for what a release's chart has made: engines know nothing of it. */
  readonly inside: boolean;
  /** What comes of it; left out where its values say it all. */
  readonly consequence?: Words;
  /** False where nothing puts it back as it was. */
  readonly mendable: boolean;
  /** The command that puts it back, or why none does. */
  readonly mend: Words;
}

/** What becomes of a tenant. */
export type Fate = "created" | "changed" | "suspended" | "resumed" | "offboarding" | "deleted";

/** What becomes of a tenant's control plane. */
export type ControlPlane = "starts" | "restarts" | "stops" | "anew" | "goes" | "untouched";

/** What a change does to one tenant. */
export interface TenantPlan {
  readonly name: string;
  /** Other tenants to which exactly the same happens. */
  readonly alike: readonly string[];
  readonly owner: string;
  readonly namespace: string;
  readonly fate: Fate;
  /** Where it comes from: the tenant's own file, or what the stack gives to it. */
  readonly cause: "file" | "stack";
  readonly fields: readonly Change[];
  readonly people: readonly PeopleChange[];
  readonly controlPlane: ControlPlane;
  readonly replicas: number;
  /** What becomes of its data, where it is at stake. */
  readonly data?: { readonly lost: boolean; readonly text: Words };
  readonly resources: readonly ResourceChange[];
  /** The chart values of its release. */
  readonly values: readonly ValueChange[];
  readonly cost?: TenantCost;
}

/** People whose rights change in the same way. */
export interface PeopleChange {
  readonly who: readonly string[];
  readonly inside: FromTo;
  readonly host: FromTo;
  readonly gain: boolean;
}

/** People whose role at the whole cluster is given, taken away or made anew. */
export interface ClusterPeople {
  readonly op: "create" | "delete" | "replace";
  readonly role: ClusterRole;
  readonly who: readonly string[];
}

/** Something before and after; "none" is written out. */
export interface FromTo {
  readonly from: string;
  readonly to: string;
}

/** Room that is left of something. */
export interface RoomChange {
  /** Whose room it is. */
  readonly whose: string;
  readonly what: string;
  readonly unit: string;
  /** Below zero where it is lacking. */
  readonly before?: number;
  readonly after?: number;
}

/** A sum of prices. */
export interface Sum {
  readonly amount: number;
  /** True where something in it has no price. */
  readonly atLeast: boolean;
}

/** What a tenant costs. */
export interface TenantCost {
  /** What the bill has for it alone: its disks and its address. */
  readonly own: Sum;
  /** Its part of the nodes, by its requests; left out where nodes have no price. */
  readonly share?: number;
}

/** What a stack costs a month, before and after. */
export interface CostChange {
  readonly currency: string;
  /** Where the prices were read, and when. */
  readonly source: string;
  readonly date: string;
  readonly before?: Sum;
  readonly after?: Sum;
  /** What has no price. */
  readonly unknown: readonly string[];
}
