import { isDeepStrictEqual } from "node:util";
import type { provider as pulumiProvider } from "@pulumi/pulumi";
import type { ValuesChecks } from "../../model/chart/chartSchema.ts";
import { NotOurs, partialFailure } from "../engine/types.ts";
import { parseUrn } from "../engine/urn.ts";
import { openSecrets, type Properties } from "../engine/values.ts";
import { isForgotten } from "./apiServer.ts";
import { azureKinds, clientConfig, userCredentials } from "./azure.ts";
import type { Cloud } from "./cloud.ts";
import { getGroups, getUsers } from "./entra.ts";
import type { Faults } from "./faults.ts";
import { fixedChangesIn, idOf, inputsOf, isTaken, type Kind, othersMarks } from "./kind.ts";
import { kubernetesKinds } from "./kubernetes.ts";

/** The packages that the simulated cloud stands in for. */
export const packages = ["azure-native", "azuread", "kubernetes"] as const;

type Function = (cloud: Cloud, args: Properties) => Properties;

const functions: Readonly<Record<string, Function>> = {
  "azure-native:containerservice:listManagedClusterUserCredentials": userCredentials,
  "azure-native:authorization:getClientConfig": clientConfig,
  "azuread:index/getUsers:getUsers": (cloud, args) => getUsers(args, cloud),
  "azuread:index/getGroups:getGroups": (cloud, args) => getGroups(args, cloud),
};

/**
 * The simulated cloud behind Pulumi's provider contract: one provider for all three packages. The embedded engine
 * calls it, and the real CLI attaches to it (see `serve.ts`).
 */
export class CloudProvider implements pulumiProvider.Provider {
  /** Higher than any package's: the CLI warns of a provider that is older than the SDK. */
  readonly version = "999.0.0";
  readonly #cloud: Cloud;
  readonly #kinds: Readonly<Record<string, Kind>>;
  /** What was there before, by URN: the engine checks the new half of a replacement as if nothing had been there. */
  readonly #before = new Map<string, Properties>();

  constructor(cloud: Cloud, checkOf: ValuesChecks) {
    this.#cloud = cloud;
    this.#kinds = { ...azureKinds, ...kubernetesKinds(checkOf) };
  }

  /** Refuses in a preview, too, whatever is known to fail: what is wrong in itself, and what is there already. */
  check = async (urn: string, olds: Properties, news: Properties) => {
    const [kind, inputs] = [this.#kind(urn), openSecrets(news)];
    const isKnown = Object.keys(olds).length > 0;
    if (isKnown) this.#before.set(urn, openSecrets(olds));
    const before = this.#before.get(urn);
    const failures = [...(kind.check?.(inputs, before, this.#cloud) ?? [])];
    const isNew = before === undefined || kind.keyOf(before) !== kind.keyOf(inputs);
    if (isNew && isTaken(this.#cloud, kind, inputs)) {
      failures.push({ property: "", reason: kind.taken(inputs).message });
    }
    const isChange =
      isKnown && !isNew && !isDeepStrictEqual(before, inputs) && fixedChangesIn(kind, before, inputs).length === 0;
    if (isChange && kind.gone !== undefined && !isTaken(this.#cloud, kind, inputs)) {
      failures.push({ property: "", reason: kind.gone(inputs).message });
    }
    return { inputs: news, failures };
  };

  /** Says what must be replaced; whether anything changed at all is left to the engine, which compares the inputs. */
  diff = async (_id: string, urn: string, olds: Properties, news: Properties) => {
    const { deleteBeforeReplace = false, ...kind } = this.#kind(urn);
    const changed = fixedChangesIn(kind, openSecrets(olds), openSecrets(news));
    return { replaces: [...new Set(changed.map((path) => path.split(".")[0] ?? ""))], deleteBeforeReplace };
  };

  create = (urn: string, inputs: Properties) => this.#kind(urn).create(this.#cloud, openSecrets(inputs));

  /**
   * What a refresh finds, with inputs as the cloud has rewritten them since. Without an id it is what the properties
   * describe, for an engine that has lost it.
   *
   * @throws NotOurs where that is somebody else's.
   * @throws PartialFailure where an engine that has lost it finds that it does not work. A refresh is not told so, as by Pulumi's
   *   provider of releases.
   * @throws CloudError where it is in a cluster that is gone, and nobody has said that what was in it is forgotten.
   */
  read = async (id: string, urn: string, props: Properties = {}) => {
    const [kind, wanted] = [this.#kind(urn), openSecrets(props)];
    if (id !== "" && isForgotten(this.#cloud, parseUrn(urn).type, "read")) return { id: "", props: {} };
    const key = kind.keyOf(wanted);
    const found = this.#cloud.get(key)?.properties;
    if (found === undefined) return { id: "", props: {} };
    const marks = id === "" ? othersMarks(kind, wanted, found) : [];
    if (marks.length > 0) throw new NotOurs(`${kind.taken(wanted).message}: not this stack's, by ${marks.join(", ")}`);
    const [made, inputs] = [idOf(key), inputsOf(kind, found)];
    const reasons = id === "" ? (kind.troubles?.(found) ?? []) : [];
    if (reasons.length > 0)
      throw partialFailure(`${made} does not work`, { id: made, properties: found, reasons, inputs });
    return { id: id || made, props: found, inputs };
  };

  update = async (id: string, urn: string, _olds: Properties, news: Properties) => {
    const { update } = this.#kind(urn);
    if (update === undefined) throw new Error(`${parseUrn(urn).type} cannot be changed in place`);
    return { outs: await update(this.#cloud, id, openSecrets(news)) };
  };

  delete = async (id: string, urn: string): Promise<void> => {
    if (!isForgotten(this.#cloud, parseUrn(urn).type, "delete")) await this.#kind(urn).delete(this.#cloud, id);
    this.#before.delete(urn);
  };

  invoke = async (token: string, args: Properties) => {
    const call = functions[token];
    if (call === undefined) throw new Error(`the sandbox has no function ${token}`);
    return { outputs: call(this.#cloud, args) };
  };

  #kind(urn: string): Kind {
    const { type } = parseUrn(urn);
    const kind = this.#kinds[type];
    if (kind === undefined) throw new Error(`the sandbox has no resource ${type}`);
    return kind;
  }
}

/** The types of resource that the simulated cloud knows. */
export const resourceTypes: readonly string[] = Object.keys({ ...azureKinds, ...kubernetesKinds(() => undefined) });

/**
 * The provider under the name of each package that it stands in for.
 *
 * @param faults what goes wrong with its calls
 */
export function cloudProviders(
  cloud: Cloud,
  checkOf: ValuesChecks,
  faults?: Faults,
): Record<string, pulumiProvider.Provider> {
  const fair = new CloudProvider(cloud, checkOf);
  const provider = faults?.provider(fair) ?? fair;
  return Object.fromEntries(packages.map((name) => [name, provider]));
}
