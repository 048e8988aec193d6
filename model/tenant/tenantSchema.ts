import { z } from "zod";
import { tenantMinorNames } from "../facts/tenantMinors.ts";
import { isCidr } from "../text/cidr.ts";
import { bootstrapSchema } from "./bootstrap.ts";
import type { Principal } from "./principals.ts";
import { principalSchema } from "./principals.ts";
import { builtInSizes, type Size, type Sizes } from "./sizes.ts";

/** Roles on the host namespace, from no access at all to administrator. See `model/access/roles.ts` for what each grants. */
export const hostRoles = ["none", "reader", "writer", "admin"] as const;
/** One of {@link hostRoles}. */
export type HostRole = (typeof hostRoles)[number];
/** How the virtual cluster's API server is reached. */
export const exposures = ["none", "internal", "public"] as const;
/**
 * What is to become of a tenant. Suspended stops everything and withdraws access, and keeps the data; offboarding
 * withdraws the protection too, so that the file can be removed.
 */
export const lifecycles = ["active", "suspended", "offboarding"] as const;
/** Where the virtual cluster keeps its objects: SQLite on one disk, or an etcd of three members. A one-way door. */
export const stores = ["sqlite", "etcd"] as const;
/** Which of the stack's chart versions a tenant runs. */
export const channels = ["default", "canary"] as const;
/** What becomes of the disks when the tenant's file is removed. */
export const removals = ["keep", "delete"] as const;

/** A DNS label that starts with a letter: what Helm releases, Services and namespaces all accept. */
export const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

const people = z.array(principalSchema).describe("people and groups").default([]);

/** An enumeration that says what it is for and lists its words. */
function oneOf<const W extends readonly [string, ...string[]]>(words: W, what: string) {
  return z.enum(words).describe(`${what}: one of ${words.join(", ")}`);
}

/**
 * The contract of a tenant file (design §4): two lines are a valid tenant. `tenants/schema.json` is made from it.
 *
 * @param sizes the names of the sizes that the stack has
 */
export function tenantFileSchema(sizes: readonly [string, ...string[]] = builtInSizes) {
  const key = sizes.join();
  const schema = schemas.get(key) ?? schemaWith(sizes);
  schemas.set(key, schema);
  return schema;
}

/** By the sizes: making a schema takes longer than checking a file with it. */
const schemas = new Map<string, ReturnType<typeof schemaWith>>();

const schemaWith = (sizes: readonly [string, ...string[]]) =>
  z
    .strictObject({
      owner: z
        .email("an e-mail address is needed, such as team-ml@contoso.com")
        // As long as an address can be. Source: RFC 5321, section 4.5.3.1.3.
        .max(254)
        .describe("the team's e-mail address")
        .meta({ examples: ["team-ml@contoso.com"] }),
      purpose: z
        .string()
        .trim()
        .min(3)
        .max(200)
        .regex(/^\P{Cc}*$/u, "one line of text, without control characters")
        .describe("what the cluster is for, in a few words")
        .meta({ examples: ["Ray experiments"] }),
      size: oneOf(sizes, "quota, limits and the control plane's own resources, by default as the stack says")
        .meta({ examples: ["small"] })
        .optional(),
      kubernetes: z
        .enum(tenantMinorNames)
        .describe(
          `the Kubernetes minor inside, by default as the stack says, in quotes: ${tenantMinorNames.map((minor) => `"${minor}"`).join(", ")}`,
        )
        .meta({ examples: ["1.36"] })
        .optional(),
      namespace: z
        .string()
        .regex(dnsLabel, "use lower-case letters, digits and '-', starting with a letter")
        .max(63)
        .describe("the namespace on the host, for ever; by default the tenant's name")
        .meta({ examples: ["dev"] })
        .optional(),
      store: oneOf(stores, "where the cluster keeps its objects, for ever")
        .meta({ examples: ["etcd"] })
        .default("sqlite"),
      channel: oneOf(channels, "which of the stack's chart versions it runs")
        .meta({ examples: ["canary"] })
        .default("default"),
      access: z
        .strictObject({ admins: people, developers: people, viewers: people })
        .describe("lists of people: admins, developers, viewers; by default nobody")
        .meta({ examples: [{ admins: [{ user: "dev@contoso.com" }] }] })
        .default({ admins: [], developers: [], viewers: [] }),
      hostRole: oneOf(hostRoles, "what admins and developers may do in the host's namespace")
        .meta({ examples: ["writer"] })
        .default("none"),
      expose: oneOf(exposures, "how the API server is reached, by default as the stack says")
        .meta({ examples: ["internal"] })
        .optional(),
      allowedCidrs: z
        .array(
          z
            .string()
            .refine(isCidr, 'not an IPv4 range; write its first address and length, such as "203.0.113.0/24"')
            .refine((range) => range !== "0.0.0.0/0", "0.0.0.0/0 is everyone; name the ranges that need it"),
        )
        .describe("ranges that may reach a public API server")
        .meta({ examples: [["203.0.113.0/24"]] })
        .default([]),
      bootstrap: z
        .array(bootstrapSchema)
        .refine(
          (charts) => new Set(charts.map(({ chart }) => chart)).size === charts.length,
          "a chart stands twice; each can be installed once",
        )
        .describe("charts that vCluster installs inside")
        .meta({ examples: [[{ chart: "kuberay-operator" }]] })
        .default([]),
      lifecycle: oneOf(lifecycles, "what is to become of the tenant")
        .meta({ examples: ["suspended"] })
        .default("active"),
      expires: z.iso
        .date("write a date as 2027-03-31")
        .describe("a day after which the platform team is reminded, by default never; nothing is deleted")
        .meta({ examples: ["2027-03-31"] })
        .optional(),
      dataOnRemoval: oneOf(removals, "what becomes of the disks when the file is removed")
        .meta({ examples: ["keep"] })
        .default("delete"),
    })
    .meta({ title: "A tenant: one virtual cluster" });

/** A tenant file as parsed: fields that the stack gives a default to may be missing. */
export type TenantFile = z.output<ReturnType<typeof tenantFileSchema>>;

/** The same fields, none of them missing. */
type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** A tenant with every default filled in: what the rest of the program works with. */
export interface Tenant extends Complete<Omit<TenantFile, "access" | "expires">> {
  /** The file's stem: the tenant's identity, for ever. Also the Helm release's name. */
  readonly name: string;
  /** What its size gives it. */
  readonly resources: Size;
  /** A day as 2027-03-31, where the file names one. */
  readonly expires?: string;
  readonly access: {
    readonly admins: readonly Principal[];
    readonly developers: readonly Principal[];
    readonly viewers: readonly Principal[];
  };
}

/** What a stack's settings give a tenant that does not say otherwise. */
export interface TenantDefaults extends Pick<Tenant, "size" | "kubernetes" | "expose"> {
  /** Every size that the stack has, its own and the program's. */
  readonly sizes: Sizes;
}

/**
 * Fills in what the file leaves out.
 *
 * @throws Error where the stack has no size of that name: both are checked before.
 */
export function completeTenant(name: string, file: TenantFile, defaults: TenantDefaults): Tenant {
  const { expires, ...rest } = file;
  const size = file.size ?? defaults.size;
  const resources = defaults.sizes[size];
  if (resources === undefined) throw new Error(`no size '${size}'`);
  return {
    ...rest,
    ...(expires !== undefined && { expires }),
    name,
    size,
    resources,
    kubernetes: file.kubernetes ?? defaults.kubernetes,
    namespace: file.namespace ?? name,
    expose: file.expose ?? defaults.expose,
  };
}
