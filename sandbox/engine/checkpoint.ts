import { z } from "zod";
import { oneLine } from "../../model/text/printable.ts";
import { AtomicFile, joined } from "../atomicFile.ts";
import type { HookBindings } from "./hooks.ts";
import { integrityProblem } from "./integrity.ts";
import { Crypter } from "./secrets.ts";
import { parseUrn } from "./urn.ts";
import { hasSecret, type Properties, type Value } from "./values.ts";

/** One resource of a checkpoint, in Pulumi's deployment format (version 3). */
export interface ResourceState {
  readonly urn: string;
  /** False for a component. */
  readonly custom: boolean;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
  readonly parent?: string;
  readonly protect?: boolean;
  /** True where the cloud's object stays when the resource leaves the state. */
  readonly retainOnDelete?: boolean;
  /** True for a resource that was only read. */
  readonly external?: boolean;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly provider?: string;
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  /** Why it does not work yet, though it is there: it is updated until it does. */
  readonly initErrors?: readonly string[];
  readonly additionalSecretOutputs?: readonly string[];
  readonly aliases?: readonly string[];
  readonly resourceHooks?: HookBindings;
  /** True for the old half of a replacement that is still to be deleted. */
  readonly delete?: boolean;
}

/** What a step can be doing; the names are Pulumi's. */
const operations = ["creating", "updating", "deleting", "reading", "importing"] as const;

/** A step of which it is not known how it ended: the process was killed, or the answer did not come. */
export interface PendingOperation {
  readonly resource: ResourceState;
  /** `importing` the stack itself: its state is being made anew. */
  readonly type: (typeof operations)[number];
}

/** A stack's state. */
export interface Snapshot {
  readonly resources: readonly ResourceState[];
  readonly pending: readonly PendingOperation[];
  /** True while a run changes it, and after any that was not a deployment that ended well. */
  readonly unfinished?: boolean;
}

/** Where a stack's state is kept between runs. */
export interface StateStore {
  /** The state; an empty one where there is none yet. */
  read(): Snapshot;
  /** Keeps the state as `current` gives it when the write begins. */
  write(current: () => Snapshot): Promise<void>;
}

/** A state in no file: it is gone with the process, and so are its secrets. */
export class MemoryState implements StateStore {
  #current: () => Snapshot = () => ({ resources: [], pending: [] });

  constructor(snapshot?: Snapshot) {
    if (snapshot !== undefined) this.#current = () => snapshot;
  }

  read(): Snapshot {
    return this.#current();
  }

  async write(current: () => Snapshot): Promise<void> {
    this.#current = current;
  }
}

interface CheckpointFile {
  readonly version: 3;
  readonly deployment: {
    readonly manifest: { readonly time: string; readonly magic: ""; readonly version: "" };
    readonly secrets_providers?: { readonly type: "passphrase"; readonly state: { readonly salt: string } };
    readonly resources?: readonly ResourceState[];
    readonly pending_operations?: readonly PendingOperation[];
    readonly metadata: { readonly unfinished?: true };
  };
}

const resourceSchema = z.looseObject({ urn: z.string(), custom: z.boolean(), type: z.string() });

/** As much of the format as tells a checkpoint from anything else, and keeps reading one from failing halfway. */
const fileSchema = z.looseObject({
  version: z.number().refine((version) => version === 3, {
    error: ({ input }) => (Number(input) > 3 ? "a newer format, which the release that wrote it reads" : "expected 3"),
  }),
  deployment: z.looseObject({
    secrets_providers: z
      .looseObject({ type: z.literal("passphrase"), state: z.looseObject({ salt: z.string() }) })
      .optional(),
    resources: z.array(resourceSchema).optional(),
    pending_operations: z.array(z.looseObject({ resource: resourceSchema, type: z.enum(operations) })).optional(),
    metadata: z.looseObject({ unfinished: z.literal(true).optional() }).optional(),
  }),
});

/** Whose state it is. */
export interface Owner {
  readonly project: string;
  readonly stack: string;
}

/** A stack's checkpoint on disk: what `pulumi stack import` takes. Every write is atomic. */
export class Checkpoint implements StateStore {
  readonly #file: AtomicFile;
  readonly #passphrase: string;
  #crypter: Crypter | undefined;
  readonly #texts = new WeakMap<ResourceState, Buffer>();
  readonly #owner: Owner | undefined;

  /** @param owner whose state it must be; anybody's where it is left out */
  constructor(path: string, passphrase: string, owner?: Owner) {
    this.#file = new AtomicFile(path, "the sandbox's state");
    [this.#passphrase, this.#owner] = [passphrase, owner];
  }

  /** Reads the state; an empty one where there is no file yet. */
  read(): Snapshot {
    const file = this.#file.read<CheckpointFile>(fileSchema, (read) => {
      return this.#foreign(read) ?? integrityProblem(read.deployment.resources ?? []);
    });
    if (file === undefined) return { resources: [], pending: [] };
    const { deployment } = file;
    const salt = deployment.secrets_providers?.state.salt;
    if (salt !== undefined) this.#crypter = new Crypter(this.#passphrase, salt);
    const crypter = this.#crypter;
    const open = <T>(part: T): T => (crypter === undefined ? part : (crypter.decrypt(part as Value) as T));
    const { unfinished } = deployment.metadata ?? {};
    return {
      resources: open(deployment.resources ?? []),
      pending: open(deployment.pending_operations ?? []),
      ...(unfinished && { unfinished }),
    };
  }

  /** What is wrong with the state of another stack: engines know its resources by other names. */
  #foreign({ deployment: { resources = [] } }: CheckpointFile): string | undefined {
    const owner = this.#owner;
    const other = resources
      .map(({ urn }) => parseUrn(urn))
      .find(({ project, stack }) => owner !== undefined && (project !== owner.project || stack !== owner.stack));
    return other && `it is that of stack '${oneLine(other.stack)}' of project '${oneLine(other.project)}'`;
  }

  /** Keeps the state as it is on disk beside itself, as the last good one. */
  keep(): Promise<void> {
    return this.#file.keep();
  }

  /** Writes the state as `current` gives it when the write begins. */
  write(current: () => Snapshot): Promise<void> {
    return this.#file.write(() => this.#serialize(current()));
  }

  /** What has not changed since the last write is not put into text again: there are as many writes as steps. */
  #serialize({ resources, pending, unfinished }: Snapshot): Buffer {
    const texts = resources.map((resource) => this.#textOf(resource));
    const operations = pending.map(({ resource, type }) =>
      joined([`{"resource": `, this.#textOf(resource), `, "type": "${type}"}`]),
    );
    const salt = this.#crypter?.salt;
    const fields = [
      `"manifest": ${JSON.stringify({ time: new Date().toISOString(), magic: "", version: "" })}`,
      ...(salt === undefined
        ? []
        : [`"secrets_providers": ${JSON.stringify({ type: "passphrase", state: { salt } })}`]),
      joined([`"resources": [\n`, joined(texts, ",\n"), "\n]"]),
      ...(operations.length === 0 ? [] : [joined([`"pending_operations": [\n`, joined(operations, ",\n"), "\n]"])]),
      `"metadata": ${unfinished === true ? '{"unfinished": true}' : "{}"}`,
    ];
    return joined([`{"version": 3, "deployment": {\n`, joined(fields, ",\n"), "\n}}\n"]);
  }

  #textOf(resource: ResourceState): Buffer {
    const known = this.#texts.get(resource);
    if (known !== undefined) return known;
    const value = resource as unknown as Value;
    if (hasSecret(value)) this.#crypter ??= new Crypter(this.#passphrase);
    const text = Buffer.from(JSON.stringify(this.#crypter?.encrypt(value) ?? value, undefined, 2));
    this.#texts.set(resource, text);
    return text;
  }
}
