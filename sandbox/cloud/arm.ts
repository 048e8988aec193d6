import { v5 as uuidv5 } from "uuid";
import type { Properties } from "../engine/values.ts";
import { type Cloud, CloudError, type CloudObject } from "./cloud.ts";
import { type Failure, type Kind, refuseTaken, text } from "./kind.ts";

/*
 * What all of Azure's resources have in common: Azure Resource Manager's ids, its groups and its refusals.
 */

/** The simulated subscription. */
export const subscriptionId = "00000000-0000-4000-8000-00000000a2e0";

export const subscription = `/subscriptions/${subscriptionId}`;
/** Ids that Azure makes up are derived from what they belong to, so that two runs give the same. */
export const guid = (of: string) => uuidv5(of.toLowerCase(), subscriptionId);

export const groupId = (name: string) => `${subscription}/resourceGroups/${name}`;

/** True for a resource of a subscription that is not the simulated one: nothing is known of it here. */
export function isForeign(id: string): boolean {
  return !id.toLowerCase().startsWith(`${subscription}/`);
}

/** What is there; undefined for what another subscription has, which is taken on trust. */
export function requireResource(cloud: Cloud, id: string): CloudObject | undefined {
  if (isForeign(id)) {
    cloud.foreign.add(id);
    return undefined;
  }
  const found = cloud.get(id);
  // Wording: Azure Resource Manager, ResourceNotFound.
  if (found === undefined) throw new CloudError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  return found;
}

/** True for a resource group that somebody else has made. */
export function isThere(cloud: Cloud, group: string): boolean {
  return cloud.conditions.resourceGroups.some((name) => name.toLowerCase() === group.toLowerCase());
}

/** Wording: Azure Resource Manager, ResourceGroupNotFound. */
export function requireGroup(cloud: Cloud, name: string): void {
  if (cloud.get(groupId(name)) !== undefined || isThere(cloud, name)) return;
  throw new CloudError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/** Wording: azure-native's provider, which does not take over what is there already. */
export function existing(id: string, type: string): CloudError {
  return new CloudError(409, "Conflict", `cannot create already existing resource '${id}' (${type})`);
}

export async function replaceProperties(cloud: Cloud, id: string, properties: Properties): Promise<Properties> {
  const found = cloud.get(id);
  // Wording: Azure Resource Manager, ResourceNotFound.
  if (found === undefined) throw new CloudError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  const changed = { ...found.properties, ...properties };
  await cloud.put(id, { ...found, properties: changed });
  return changed;
}

/** A type of Azure resource that needs nothing but what it is in. */
export interface ArmType {
  readonly type: string;
  /** The names in its path, each by the input that has it, such as `virtualNetworks: "virtualNetworkName"`. */
  readonly path: Readonly<Record<string, string>>;
  /** Azure's provider of it, such as "Microsoft.Network". */
  readonly namespace: string;
  /** Inputs that cannot change in place, besides those of the path. */
  readonly immutable?: readonly string[];
  readonly check?: (inputs: Properties) => readonly Failure[];
  /** What Azure adds to the inputs, beside what it adds to all. */
  readonly outputs?: (id: string) => Properties;
  /** Refuses what cannot be, before it is made or changed. */
  readonly accept?: (cloud: Cloud, id: string, inputs: Properties) => void;
  /** Refuses to delete what is in use. */
  readonly release?: (cloud: Cloud, id: string) => void;
}

/** How the simulated cloud treats such a type. */
export function armKind({ type, path, namespace, immutable = [], check, outputs, accept, release }: ArmType): Kind {
  const steps = Object.entries(path);
  const idOf = (inputs: Properties, count = steps.length) => {
    const rest = steps.slice(0, count).map(([plural, input]) => `/${plural}/${text(inputs, input)}`);
    return `${groupId(text(inputs, "resourceGroupName"))}/providers/${namespace}${rest.join("")}`;
  };
  const outsOf = (id: string, inputs: Properties) => {
    const [, input = ""] = steps.at(-1) ?? [];
    const kind = `${namespace}/${Object.keys(path).join("/")}`;
    const made = { name: text(inputs, input), type: kind, provisioningState: "Succeeded" };
    return { ...inputs, ...made, ...outputs?.(id) };
  };
  const kind: Kind = {
    immutable: ["resourceGroupName", ...Object.values(path), ...immutable],
    computed: ["name", "type", "provisioningState", ...Object.keys(outputs?.("") ?? {})],
    ...(check !== undefined && { check }),
    keyOf: (inputs) => idOf(inputs),
    taken: (inputs) => existing(idOf(inputs), type),
    async create(cloud, inputs) {
      const group = text(inputs, "resourceGroupName");
      const id = idOf(inputs);
      const parent = steps.length === 1 ? groupId(group) : idOf(inputs, steps.length - 1);
      requireGroup(cloud, group);
      if (steps.length > 1) requireResource(cloud, parent);
      refuseTaken(cloud, kind, inputs);
      accept?.(cloud, id, inputs);
      const outs = outsOf(id, inputs);
      await cloud.put(id, { type, parent, properties: outs });
      return { id, outs };
    },
    async update(cloud, id, inputs) {
      requireResource(cloud, id);
      accept?.(cloud, id, inputs);
      return replaceProperties(cloud, id, outsOf(id, inputs));
    },
    async delete(cloud, id) {
      release?.(cloud, id);
      await cloud.remove(id);
    },
  };
  return kind;
}
