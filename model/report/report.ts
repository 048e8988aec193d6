import type { Standing } from "../facts/support.ts";
import type { Sum, TenantCost } from "../plan/plan.ts";
import type { Words } from "../plan/words.ts";
import type { Left } from "../rules/capacity.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import type { Problem } from "../text/problems.ts";

/** What a stack is, as its files say, for whoever looks at it: nothing of it is asked of a cloud. */
export interface StackReport {
  readonly stack: string;
  /** The day by which support and expiry are judged, as 2027-03-31. */
  readonly today: string;
  /** What is wrong with its files; what is told is then what could be read. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Left out where the settings are not right. */
  readonly host?: HostReport;
  /** What tenants share: how much there is, who takes it, and what is left. Empty where it is not known. */
  readonly room: readonly Left[];
  readonly tenants: readonly TenantReport[];
  /** Tenants whose files are there, but not right. */
  readonly unread: readonly string[];
  /** Left out where the stack has no prices. */
  readonly bill?: Bill;
}

/** Something with a name and what is to say of it. */
export interface Fact {
  readonly what: string;
  readonly words: Words;
  /** Where it stands, for what has an end. */
  readonly standing?: Standing;
}

/** The cluster that all tenants of a stack live on. */
export interface HostReport {
  readonly name: string;
  readonly facts: readonly Fact[];
  /** Empty for a cluster that is there already: of its nodes nothing is known. */
  readonly pools: readonly Pool[];
}

/** Nodes of one size. */
export interface Pool {
  readonly vmSize: string;
  readonly count: number;
  /** Availability zones; empty where none is chosen. */
  readonly zones: readonly string[];
  /** What one node brings; left out for a size that is not known. */
  readonly node?: { readonly vCpus: number; readonly memoryGiB: number; readonly dataDisks: number };
}

/** A version and the end of its support. */
export interface VersionReport {
  readonly version: string;
  readonly standing: Standing;
  /** Until when it gets what, in a few words. */
  readonly words: Words;
}

/** One tenant, as a row that opens. */
export interface TenantReport
  extends Pick<
    Tenant,
    "name" | "owner" | "purpose" | "namespace" | "size" | "store" | "expose" | "lifecycle" | "hostRole"
  > {
  readonly kubernetes: VersionReport;
  /** Left out where the settings are not right. */
  readonly chart?: VersionReport;
  /** Left out where it does not expire. */
  readonly expiry?: { readonly date: string; readonly standing: Standing };
  /** What its size gives, what it runs beside, what becomes of its data. */
  readonly facts: readonly Fact[];
  /** Who connects how. */
  readonly connect: readonly string[];
  readonly people: readonly PersonReport[];
  /** Left out where the stack has no prices. */
  readonly cost?: TenantCost;
  /** What is said of its file. */
  readonly problems: readonly Problem[];
}

/** Somebody of a tenant, and what they can really do. */
export interface PersonReport {
  /** Such as "group ml-leads (6f0c2d1e-…)". */
  readonly who: string;
  /** The list of `access` that names them. */
  readonly list: string;
  /** Such as "cluster-admin by hostRole writer". */
  readonly inside: string;
  /** The role in the host's namespace, or "none". */
  readonly host: string;
  /** True where they can do more inside than their list says. */
  readonly more: boolean;
}

/** What a stack costs a month, by the prices that its settings name. */
export interface Bill {
  readonly currency: string;
  readonly sum: Sum;
  readonly source: string;
  readonly date: string;
  /** What has no price. */
  readonly unknown: readonly string[];
}
