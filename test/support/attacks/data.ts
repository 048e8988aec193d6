import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { readYaml, repository } from "../project.ts";

/*
 * What hostile and innocent people do to the host, as data: `test/data/attacks/`, `innocent.yaml`, `open.yaml`. The words that
 * the files use are explained in `test/data/attacks/README.md`.
 */

/** The tenants that the suite deploys; each is its own namespace's name. */
export const tenants = ["tenant-none", "tenant-reader", "tenant-writer", "tenant-admin", "tenant-exposed"] as const;

/** A tenant of the suite. */
export type TenantName = (typeof tenants)[number];

/** Who may act, and in whose namespace by default. */
export const actors = {
  /** Whoever the kubeconfig signs in: deploys, and is administrator of the host. */
  platform: { tenant: "tenant-none" },
  /** What a cloud does to a cluster: gives Services their addresses. */
  cloud: { tenant: "tenant-exposed", user: "cloud", group: "system:masters" },
  /** Empties a namespace that is deleted, makes the pods of a Deployment, …: Kubernetes' own controllers. */
  controller: { tenant: "tenant-none", user: "system:serviceaccount:kube-system:namespace-controller" },
  scheduler: { tenant: "tenant-none", user: "system:kube-scheduler" },
  "disruption controller": { tenant: "tenant-admin", user: "system:serviceaccount:kube-system:disruption-controller" },
  /** A node's kubelet. */
  node: { tenant: "tenant-none", user: "system:node:node-0", group: "system:nodes" },
  /** Cilium's agent, on a host that has it elsewhere than in kube-system. */
  cilium: { tenant: "tenant-none", user: "system:serviceaccount:cilium:cilium" },
  /** What gives Services their addresses on a host without a cloud. */
  metallb: { tenant: "tenant-exposed", user: "system:serviceaccount:metallb-system:controller" },
  /** A developer of a tenant with this host role; `none` is a developer of one that gives no role. */
  none: { tenant: "tenant-none", user: "none@contoso.com" },
  reader: { tenant: "tenant-reader", user: "reader@contoso.com" },
  writer: { tenant: "tenant-writer", user: "writer@contoso.com" },
  admin: { tenant: "tenant-admin", user: "admin@contoso.com" },
  /** A developer of the tenant whose virtual cluster has an address of its own. */
  "exposed admin": { tenant: "tenant-exposed", user: "exposed@contoso.com" },
  /** Hold in their namespace what Azure's RBAC Admin gives on AKS, by a ClusterRole that stands for it. */
  "azure admin": { tenant: "tenant-admin", user: "azure-admin@contoso.com" },
  "azure exposed admin": { tenant: "tenant-exposed", user: "azure-exposed@contoso.com" },
  "azure internal admin": { tenant: "tenant-reader", user: "azure-internal@contoso.com" },
  /** Was bound to cluster-admin in the namespace before there was a guard. */
  holdover: { tenant: "tenant-admin", user: "holdover@contoso.com" },
  /** The service account under which a virtual cluster makes on the host what people make inside. */
  syncer: { tenant: "tenant-none", user: "system:serviceaccount:tenant-none:vc-tenant-none" },
  "exposed syncer": { tenant: "tenant-exposed", user: "system:serviceaccount:tenant-exposed:vc-tenant-exposed" },
  /** The administrator of a virtual cluster with hostRole none, inside it. */
  inside: { tenant: "tenant-none" },
} as const satisfies Readonly<Record<string, { tenant: TenantName; user?: string; group?: string }>>;

/** Somebody in {@link actors}. */
export type Actor = keyof typeof actors;

/** The actors who hold what Azure's RBAC Admin gives. */
export const azureActors: readonly Actor[] = ["azure admin", "azure exposed admin", "azure internal admin"];

const actor = z.enum(Object.keys(actors) as [Actor, ...Actor[]]);
const json = z.record(z.string(), z.unknown());

/** `Kind/name`, `Kind` for a whole collection; in another namespace `Kind/name in namespace`. */
const target = z.string().regex(/^[A-Z]\w+(\/[\w.$-]+)?( in [\w$-]+)?$/);

const verbs = ["create", "get", "patch", "replace", "delete", "gone", "has"] as const;

const step = z
  .strictObject({
    /** By default whose attack it is. */
    by: actor.optional(),
    create: json.optional(),
    get: target.optional(),
    patch: target.optional(),
    replace: target.optional(),
    /** With no name all of the kind at once; `with` is how. */
    delete: target.optional(),
    /** Waits until it is no longer what it was: gone, or another of the name. */
    gone: target.optional(),
    /** Waits until it says `with`. */
    has: target.optional(),
    /** For create: whose subresource it is. */
    of: target.optional(),
    subresource: z.string().optional(),
    with: json.optional(),
  })
  .refine((given) => verbs.filter((verb) => given[verb] !== undefined).length === 1, `a step has one of ${verbs}`);

/** A pod opens a connection: what the network policies of the namespaces make of it. */
const connection = z.strictObject({
  from: z.record(z.string(), z.string()),
  address: z.string().optional(),
  pod: z.strictObject({ namespace: z.string(), labels: z.record(z.string(), z.string()) }).optional(),
  port: z.int(),
});

const defence = z
  .string()
  .regex(/^(guard [\w.-]+|Pod Security|quota|RBAC|network policy [\w$-]+)$/, "not a defence that the suite knows");

const attack = z
  .strictObject({
    attack: z.string(),
    who: z.array(actor).min(1),
    /** Where it stands in the review, as "b1"; or a reason for which somebody would do it. */
    why: z.string().optional(),
    /** Everything up to the last step goes through. */
    steps: z.array(step).min(1).optional(),
    connects: connection.optional(),
    /** What answers where it is not the API server, at once: a controller or the syncer, by an event. */
    answer: z.enum(["event"]).optional(),
    /** What the syncer asks the host then, where it tells nobody inside of the answer. */
    asks: step.optional(),
    /** What the object on the host would say of an attack that went through; by default what the last step changes. */
    leaves: json.optional(),
    /** The kind that would appear on the host, of an attack from inside; by default what the last step makes. */
    appears: z.string().optional(),
    /** What RBAC lacks, where that is not just the last step. */
    grant: z.array(json).optional(),
    /** What happens if it is not refused, where no node of a test can show it. */
    "judged by admission alone": z.string().optional(),
    /** The first that refuses, and those behind it. */
    defence: z.union([defence, z.array(defence).min(1)]),
    /** A part of the answer that says which of the defence's rules it is. */
    says: z.string().optional(),
  })
  .refine(({ steps, connects }) => (steps === undefined) !== (connects === undefined), "steps or connects");

const innocent = z.strictObject({
  action: z.string(),
  /** For what is open: what somebody gets by it. */
  why: z.string().optional(),
  who: z.array(actor).min(1),
  steps: z.array(step).min(1),
  /** A part of the name of a pod that must appear in the tenant's namespace on the host. */
  pods: z.string().optional(),
  "judged by admission alone": z.string().optional(),
});

/** One thing that is done. */
export type Step = z.output<typeof step>;
/** A connection that a pod opens. */
export type Connection = z.output<typeof connection>;
/** A defence, as the data names it. */
export type Defence = string;
/** An attack, whoever makes it. */
export interface Attack extends Omit<z.output<typeof attack>, "defence" | "attack"> {
  readonly name: string;
  readonly defences: readonly Defence[];
  /** The file that it stands in, without its ending. */
  readonly file: string;
}
/** Something that must go through. */
export interface Innocent extends Omit<z.output<typeof innocent>, "action"> {
  readonly name: string;
}

const folder = "test/data/attacks";

/** Every attack, in the order of the files. */
export const attacks: readonly Attack[] = globSync(`${folder}/*.yaml`, { cwd: repository })
  .sort()
  .flatMap((file) =>
    z
      .array(attack)
      .parse(readYaml(file), { reportInput: true })
      .map(({ attack: name, defence: named, ...rest }) => ({
        ...rest,
        name,
        defences: typeof named === "string" ? [named] : named,
        file: basename(file, ".yaml"),
      })),
  );

const through = (file: string): readonly Innocent[] =>
  z
    .array(innocent)
    .parse(readYaml(file), { reportInput: true })
    .map(({ action: name, ...rest }) => ({ ...rest, name }));

/** Everything that must go through. */
export const innocents = through("test/data/innocent.yaml");

/** What harms, and goes through all the same. */
export const open = through("test/data/open.yaml");

/** What each subresource has that somebody may write: `guard <policy>`, or a reason. By `<group>/<kind>/<subresource>`. */
export const subresources = z.record(z.string(), z.string().min(10)).parse(readYaml("test/data/subresources.yaml"));

/** What manifests of a kind are laid over, so that each says only what matters in it. */
export const bases = z
  .record(z.string(), json)
  .parse(parse(readFileSync(join(repository, "test/data/manifests.yaml"), "utf8"), { merge: true }));
