import { z } from "zod";
import { Refusal } from "../../model/text/problems.ts";
import { AtomicFile, joined } from "../atomicFile.ts";
import type { Properties } from "../engine/values.ts";
import type { Edit } from "./releaseObjects.ts";

/** A refusal of the simulated cloud, in the words of the real one. */
export class CloudError extends Refusal {
  override readonly name = "CloudError";

  /**
   * @param status the HTTP status that the real service answers with
   * @param code its error code, such as "RoleAssignmentExists"
   */
  constructor(status: number, code: string, message: string) {
    super(`${code}: ${message} (${status})`);
  }
}

/** One object of the simulated cloud. */
export interface CloudObject {
  readonly type: string;
  /** The object that it lives in: deleting that deletes this. */
  readonly parent: string;
  readonly properties: Properties;
  /** What somebody has changed inside a release, by object; see `releaseObjects.ts`. */
  readonly edits?: Readonly<Record<string, Edit>>;
  /** From when on it works, in milliseconds of the cloud's clock; from the beginning where it is left out. */
  readonly effectiveFrom?: number;
  /** Until when an operation runs that lets no other begin, likewise. */
  readonly busyUntil?: number;
  /** Of a release whose newest revision Helm left halfway: the status of the revision before. */
  readonly statusBefore?: Properties;
}

const fileSchema = z.record(
  z.string(),
  z.looseObject({
    type: z.string(),
    parent: z.string(),
    properties: z.record(z.string(), z.unknown()),
    edits: z.record(z.string(), z.looseObject({})).optional(),
    effectiveFrom: z.number().optional(),
    busyUntil: z.number().optional(),
    statusBefore: z.record(z.string(), z.unknown()).optional(),
  }),
);

/** How the simulated cloud behaves beyond what is asked of it: what a real one does on a bad day. */
export interface Conditions {
  /** Seconds until a new role assignment works. Azure: up to 300. */
  readonly roleDelay: number;
  /** Whether the deploying identity may read Entra ID. */
  readonly directoryReadable: boolean;
  /** vCPUs that the subscription may use in a region. Azure: 350 with an Enterprise Agreement, 20 pay-as-you-go. */
  readonly vCpuQuota: number;
  /** Tags without which an Azure Policy of the subscription lets no resource be. */
  readonly requiredTags: readonly string[];
  /** Resource groups that somebody has made before. */
  readonly resourceGroups: readonly string[];
  /** Seconds that an upgrade still takes which AKS has begun by itself. */
  readonly upgradeUnderWay: number;
  /** IPv4 address that deployments come from; where it is left out, an API server that is open to some is taken to be open to them. */
  readonly deployer?: string;
}

/** A day on which nothing goes wrong. */
export const fairConditions: Conditions = {
  roleDelay: 0,
  directoryReadable: true,
  vCpuQuota: 350,
  requiredTags: [],
  resourceGroups: [],
  upgradeUnderWay: 0,
};

/** What remembers how far the cloud's clock runs ahead of the machine's. */
const clockId = "clock";

/**
 * What Azure and the host cluster hold, in a file of its own, apart from the engine's state: so that a lost state, an
 * object deleted by hand or a conflict is a real situation for the program.
 */
export class Cloud {
  readonly #file: AtomicFile | undefined;
  readonly #objects: Map<string, CloudObject>;
  readonly #texts = new WeakMap<CloudObject, Buffer>();

  readonly conditions: Conditions;
  /** Names that were asked for and that the simulated Entra ID does not list; see `idOnTrust`. */
  readonly takenOnTrust = new Set<string>();
  /** Resources of other subscriptions that were referred to: nothing is known of them here. */
  readonly foreign = new Set<string>();
  /** Clusters whose API server was taken to be within reach. */
  readonly reachedOnTrust = new Set<string>();
  /** When the upgrade ends that is under way, in milliseconds of the cloud's clock. */
  readonly upgradeEnds: number;

  /** @param path its file; without one it is empty, and gone with the process */
  constructor(path: string | undefined, conditions: Partial<Conditions> = {}) {
    this.conditions = { ...fairConditions, ...conditions };
    this.#file = path === undefined ? undefined : new AtomicFile(path, "the simulated cloud");
    this.#objects = new Map(Object.entries(this.#file?.read<Record<string, CloudObject>>(fileSchema) ?? {}));
    const { upgradeUnderWay } = this.conditions;
    this.upgradeEnds = upgradeUnderWay > 0 ? this.now() + upgradeUnderWay * 1000 : 0;
  }

  get(id: string): CloudObject | undefined {
    return this.#objects.get(key(id));
  }

  /** All objects of a type. */
  ofType(type: string): (CloudObject & { readonly id: string })[] {
    const found = [];
    for (const [id, object] of this.#objects) if (object.type === type) found.push({ id, ...object });
    return found;
  }

  /** All objects; the clock is none. */
  get objects(): (CloudObject & { readonly id: string })[] {
    return [...this.#objects].filter(([id]) => id !== clockId).map(([id, object]) => ({ id, ...object }));
  }

  /** Keeps the file as it is beside itself, as the last good one. */
  async keep(): Promise<void> {
    await this.#file?.keep();
  }

  /** Milliseconds of the cloud's clock. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** Puts the cloud's clock forward. */
  advance(milliseconds: number): Promise<void> {
    const properties = { ahead: this.#ahead + milliseconds };
    return this.put(clockId, { type: "sandbox:Clock", parent: "", properties });
  }

  get #ahead(): number {
    return Number(this.get(clockId)?.properties.ahead ?? 0);
  }

  put(id: string, object: CloudObject): Promise<void> {
    this.#objects.set(key(id), object);
    return this.#save();
  }

  /** Removes an object and everything that lives in it. */
  remove(id: string): Promise<void> {
    this.#removeTree(key(id));
    return this.#save();
  }

  #removeTree(id: string): void {
    this.#objects.delete(id);
    for (const [child, { parent }] of this.#objects) if (key(parent) === id) this.#removeTree(child);
  }

  async #save(): Promise<void> {
    await this.#file?.write(() => this.#serialize());
  }

  /** What has not changed since the last write is not put into text again: there are as many writes as changes. */
  #serialize(): Buffer {
    const texts = [...this.#objects].map(([id, object]) => this.#textOf(id, object));
    return joined(texts.length === 0 ? ["{}\n"] : ["{\n", joined(texts, ",\n"), "\n}\n"]);
  }

  #textOf(id: string, object: CloudObject): Buffer {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object, undefined, 2).replaceAll("\n", "\n  ");
    const made = Buffer.from(`  ${JSON.stringify(id)}: ${text}`);
    this.#texts.set(object, made);
    return made;
  }
}

/** Azure's resource ids do not distinguish case. */
function key(id: string): string {
  return id.toLowerCase();
}
