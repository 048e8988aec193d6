import type { provider as pulumiProvider } from "@pulumi/pulumi";
import type { Clock } from "../../model/deploy/patience.ts";
import { oneLine } from "../../model/text/printable.ts";
import { Refusal } from "../../model/text/problems.ts";
import { didYouMean } from "../../model/text/validate.ts";
import { type PartialFailure, partialFailure } from "../engine/types.ts";
import { parseUrn } from "../engine/urn.ts";
import type { Properties } from "../engine/values.ts";
import { releaseType } from "./apiServer.ts";
import { roleAssignmentType } from "./azure.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { giveByHand, leaveHalfway } from "./leftBehind.ts";

/** The calls of a provider that change something. */
type Call = "create" | "update" | "delete";

interface FaultKind {
  /** What it is, for `--help` and docs. */
  readonly what: string;
  /** The one type that it can befall; any where it is left out. */
  readonly type?: RegExp;
  /** The calls that it can befall; all where it is left out. */
  readonly calls?: readonly Call[];
}

const kubernetes = /^kubernetes:/;
const release = new RegExp(`^${releaseType}$`);
const assignment = new RegExp(`^${roleAssignmentType}$`);

/** What can go wrong with a call, by the names that `--fault` takes. */
export const faultKinds = {
  "429": { what: "too many requests, with Retry-After" },
  "503": { what: "the service is unavailable" },
  timeout: { what: "no answer, and nothing done" },
  "no-answer": { what: "no answer, and done all the same" },
  PrincipalNotFound: { what: "Azure does not know the person yet", type: assignment, calls: ["create"] },
  RoleAssignmentExists: { what: "somebody has given the role already", type: assignment, calls: ["create"] },
  "helm-timeout": { what: "a release does not become ready", type: release, calls: ["create", "update"] },
  "pending-upgrade": {
    what: "Helm was cut off at the release, and upgrades it no more",
    type: release,
    calls: ["update"],
  },
  "api-gone": { what: "the API server does not answer", type: kubernetes },
  "disk-full": { what: "the state cannot be written afterwards" },
} as const satisfies Readonly<Record<string, FaultKind>>;

type KindName = keyof typeof faultKinds;

/** Something that goes wrong with a resource, a number of times. */
export interface Fault {
  readonly text: string;
  readonly type: string;
  /** The resource's name; any of the type where it is left out. */
  readonly name?: string;
  readonly kind: KindName;
  readonly times: number;
}

/**
 * Reads `<type>[#name]:<kind>[xN]`.
 *
 * @example parseFault("Release#ml-vcluster:helm-timeoutx2", types)
 * @param types the types that there are; one may be named by its last part
 * @throws Refusal where there is no such type or kind, or the kind cannot befall that type
 */
export function parseFault(text: string, types: readonly string[]): Fault {
  const [, wanted = "", name, kind = "", times = "1"] =
    /^([^#]+?)(?:#([^:]+))?:([A-Za-z0-9-]+?)(?:x([1-9]\d?))?$/.exec(text) ?? [];
  const short = (type: string) => type.split(":").at(-1) ?? type;
  const type = types.find((one) => one === wanted || short(one).toLowerCase() === wanted.toLowerCase());
  const shorts = types.map(short);
  if (wanted === "") {
    throw new Refusal(
      `no fault '${oneLine(text)}': write <type>[#name]:<kind>[xN], such as Release#ml-vcluster:helm-timeout`,
    );
  }
  if (type === undefined) {
    const guess = didYouMean(wanted, shorts) || ";";
    throw new Refusal(`no type '${oneLine(wanted)}'${guess} there are ${shorts.join(", ")}`);
  }
  if (!isKind(kind)) {
    const guess = didYouMean(kind, Object.keys(faultKinds)) || ";";
    throw new Refusal(`no kind of fault '${oneLine(kind)}'${guess} there are ${Object.keys(faultKinds).join(", ")}`);
  }
  const { type: only }: FaultKind = faultKinds[kind];
  if (only !== undefined && !only.test(type))
    throw new Refusal(`'${kind}' cannot befall ${type}: ${faultKinds[kind].what}`);
  return { text, type, ...(name !== undefined && { name }), kind, times: Number(times) };
}

const isKind = (text: string): text is KindName => Object.hasOwn(faultKinds, text);

/** What the faults need of the world around them. */
export interface FaultWorld {
  readonly cloud: Cloud;
  readonly clock: Clock;
  /** Tells what a provider does about a fault. */
  readonly say: (text: string, urn: string) => void;
}

/** Seconds after which the services ask to be called again. */
const retryAfter = 10;

/**
 * How often the real providers call again by themselves. Source: azcore, `policy.RetryOptions` (three times, 429 and 503 among
 * others); client-go, `rest.Request` (ten times, where the answer has Retry-After: API servers give it with 429).
 */
function retries(type: string, kind: KindName): number {
  if (kind !== "429" && kind !== "503") return 0;
  if (!kubernetes.test(type)) return 3;
  return kind === "429" ? 10 : 0;
}

/** The faults of a run: each strikes as often as it says, and then never again. */
export class Faults {
  readonly #left: Map<Fault, number>;
  readonly #world: FaultWorld;
  #fullWrites = 0;

  constructor(faults: readonly Fault[], world: FaultWorld) {
    this.#left = new Map(faults.map((fault) => [fault, fault.times]));
    this.#world = world;
  }

  /** The faults that never struck: no such call came. */
  get unmet(): Fault[] {
    return [...this.#left].filter(([fault, left]) => left === fault.times).map(([fault]) => fault);
  }

  /** The provider with the faults in it. */
  provider(provider: pulumiProvider.Provider): pulumiProvider.Provider {
    return {
      ...provider,
      create: (urn, inputs) =>
        this.#call(
          "create",
          urn,
          async () => (await provider.create?.(urn, inputs)) ?? { id: "" },
          ({ id, outs }) => ({ id, outs }),
          () => giveByHand(this.#world.cloud, inputs),
        ),
      update: (id, urn, olds, news) =>
        this.#call(
          "update",
          urn,
          async () => (await provider.update?.(id, urn, olds, news)) ?? {},
          ({ outs }) => ({ id, outs }),
          () => leaveHalfway(this.#world.cloud, id),
        ),
      delete: (id, urn, props) =>
        this.#call(
          "delete",
          urn,
          async () => provider.delete?.(id, urn, props),
          () => ({ id }),
        ),
    };
  }

  /** A write of the state, which finds the disk full as often as a fault says. */
  async write(write: () => Promise<void>): Promise<void> {
    if (this.#fullWrites === 0) return write();
    this.#fullWrites--;
    throw new Error(
      "the state cannot be written: ENOSPC: no space left on device. Make room for it, and run it again: nothing is lost",
    );
  }

  async #call<T>(
    call: Call,
    urn: string,
    work: () => Promise<T>,
    made: (result: T) => { id: string; outs?: Properties },
    // What makes the cloud refuse it by itself, and stays there.
    leave: () => Promise<void> = async () => undefined,
  ): Promise<T> {
    for (let again = 0; ; again++) {
      const fault = this.#next(call, urn);
      if (fault === undefined) return work();
      if (again < retries(fault.type, fault.kind)) {
        this.#world.say(`${fault.kind}: its provider calls again in ${retryAfter} s, as it does for real`, urn);
        await this.#world.clock.sleep(retryAfter * 1000);
        continue;
      }
      if (fault.kind === "disk-full") {
        this.#fullWrites += fault.times;
        this.#left.set(fault, 0);
        return work();
      }
      if (fault.kind === "pending-upgrade" || fault.kind === "RoleAssignmentExists") {
        await leave();
        return work();
      }
      if (fault.kind === "helm-timeout") throw await this.#notReady(call, made(await work()));
      if (fault.kind === "no-answer") await work();
      throw errorOf(fault.kind);
    }
  }

  /** The fault that strikes a call, which is one less then. */
  #next(call: Call, urn: string): Fault | undefined {
    const { type, name } = parseUrn(urn);
    for (const [fault, left] of this.#left) {
      const { calls }: FaultKind = faultKinds[fault.kind];
      if (left === 0 || fault.type !== type || (fault.name !== undefined && fault.name !== name)) continue;
      if (calls !== undefined && !calls.includes(call)) continue;
      this.#left.set(fault, left - 1);
      return fault;
    }
    return undefined;
  }

  /** Wording: Pulumi's Kubernetes provider, which keeps such a release in the state; shortened. */
  async #notReady(call: Call, { id, outs = {} }: { id: string; outs?: Properties }): Promise<PartialFailure> {
    const { cloud } = this.#world;
    const properties = { ...outs, status: { ...(outs.status as Properties), status: "failed" } };
    const found = cloud.get(`releases/${id}`);
    if (found !== undefined) await cloud.put(`releases/${id}`, { ...found, properties });
    const message = `Helm release "${id}" was ${call}d, but failed to initialize completely`;
    return partialFailure(message, { id, properties, reasons: ["context deadline exceeded"] });
  }
}

/** What the services say; wordings assumed but for that of Azure's role assignments. */
function errorOf(
  kind: Exclude<KindName, "disk-full" | "helm-timeout" | "pending-upgrade" | "RoleAssignmentExists">,
): Error {
  switch (kind) {
    case "429":
      return new CloudError(429, "TooManyRequests", `Too many requests. Retry-After: ${retryAfter}`);
    case "503":
      return new CloudError(503, "ServiceUnavailable", "The service is currently unable to handle the request.");
    case "timeout":
    case "no-answer":
      // Nobody can tell by it whether anything was done: no refusal.
      return new Error("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
    case "PrincipalNotFound":
      return new CloudError(400, "PrincipalNotFound", "The principal does not exist in the directory.");
    case "api-gone":
      return new CloudError(503, "Unreachable", "configured Kubernetes cluster is unreachable: dial tcp: i/o timeout");
  }
}
