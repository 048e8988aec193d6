import { z } from "zod";
import { isCidr } from "./cidr.ts";
import { kubernetesMinors } from "./kubernetesVersions.ts";
import type { Principal } from "./principals.ts";
import { principalSchema } from "./principals.ts";
import { sizeNames } from "./sizes.ts";

/** Roles on the host namespace, from no access at all to administrator. See `model/roles.ts` for what each grants. */
export const hostRoles = ["none", "reader", "writer", "admin"] as const;
/** One of {@link hostRoles}. */
export type HostRole = (typeof hostRoles)[number];
/** How the virtual cluster's API server is reached. */
export const exposures = ["none", "internal", "public"] as const;
/** What is to become of a tenant. Offboarding withdraws access and protection, so that the file can be removed. */
export const lifecycles = ["active", "offboarding"] as const;

/** A DNS label that starts with a letter: what Helm releases, Services and namespaces all accept. */
export const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

const people = z.array(principalSchema).default([]);

/** The contract of a tenant file (design §4): three lines are a valid tenant. */
export const tenantFileSchema = z.strictObject({
  owner: z.email("an e-mail address is needed, such as team-ml@contoso.com").describe("the team's e-mail address"),
  purpose: z.string().trim().min(3).max(200).describe("what the cluster is for, in a few words"),
  size: z
    .enum(sizeNames)
    .optional()
    .describe(`one of ${sizeNames.join(", ")}`),
  kubernetes: z
    .enum(kubernetesMinors)
    .optional()
    .describe(`the Kubernetes minor inside, in quotes: ${kubernetesMinors.map((minor) => `"${minor}"`).join(", ")}`),
  namespace: z
    .string()
    .regex(dnsLabel, "use lower-case letters, digits and '-', starting with a letter")
    .max(63)
    .optional()
    .describe("the namespace on the host; the tenant's name where it is left out"),
  access: z
    .strictObject({ admins: people, developers: people, viewers: people })
    .default({ admins: [], developers: [], viewers: [] })
    .describe("lists of people: admins, developers, viewers"),
  hostRole: z
    .enum(hostRoles)
    .default("none")
    .describe(`one of ${hostRoles.join(", ")}`),
  expose: z
    .enum(exposures)
    .optional()
    .describe(`one of ${exposures.join(", ")}`),
  allowedCidrs: z
    .array(z.string().refine(isCidr, 'not an IPv4 range; write its first address and length, such as "203.0.113.0/24"'))
    .default([])
    .describe("ranges that may reach a public API server"),
  lifecycle: z
    .enum(lifecycles)
    .default("active")
    .describe(`one of ${lifecycles.join(", ")}`),
});

/** A tenant file as parsed: fields that the stack gives a default to may be missing. */
export type TenantFile = z.output<typeof tenantFileSchema>;

/** The same fields, none of them missing. */
type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** A tenant with every default filled in: what the rest of the program works with. */
export interface Tenant extends Complete<Omit<TenantFile, "access">> {
  /** The file's stem: the tenant's identity, for ever. Also the Helm release's name. */
  readonly name: string;
  readonly access: {
    readonly admins: readonly Principal[];
    readonly developers: readonly Principal[];
    readonly viewers: readonly Principal[];
  };
}

/** What a stack's settings give a tenant that does not say otherwise. */
export type TenantDefaults = Pick<Tenant, "size" | "kubernetes" | "expose">;

/** Fills in what the file leaves out. */
export function completeTenant(name: string, file: TenantFile, defaults: TenantDefaults): Tenant {
  return {
    ...file,
    name,
    size: file.size ?? defaults.size,
    kubernetes: file.kubernetes ?? defaults.kubernetes,
    namespace: file.namespace ?? name,
    expose: file.expose ?? defaults.expose,
  };
}

/** The people who hold the tenant's host role: its admins and developers, while it is active; never its viewers. */
export function hostMembers(tenant: Tenant): readonly Principal[] {
  if (tenant.hostRole === "none" || tenant.lifecycle !== "active") return [];
  return [...tenant.access.admins, ...tenant.access.developers];
}
