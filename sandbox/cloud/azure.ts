import { stringify } from "yaml";
import { minorOf } from "../../model/facts/kubernetesVersions.ts";
import type { Properties } from "../engine/values.ts";
import {
  apiServerOf,
  requireIdle,
  runningVersion,
  splitVersion,
  updateRefusals,
  upgradeTakes,
  versionAfter,
} from "./aks.ts";
import { requireOffered } from "./aksVersions.ts";
import {
  existing,
  groupId,
  guid,
  isThere,
  replaceProperties,
  requireGroup,
  requireResource,
  subscription,
  subscriptionId,
} from "./arm.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { entraTenantId, idOnTrust, principalTypeOf } from "./entra.ts";
import { at, type Kind, mustMatch, refuseTaken, text } from "./kind.ts";
import { clusterType, identityOf, networkKinds, requirePlacement } from "./network.ts";
import { governed, nodesRefusals } from "./subscription.ts";

const clusterId = (group: string, name: string) =>
  `${groupId(group)}/providers/Microsoft.ContainerService/managedClusters/${name}`;

export const resourceGroupType = "azure-native:resources:ResourceGroup";
export const managedClusterType = clusterType;
export const roleAssignmentType = "azure-native:authorization:RoleAssignment";

const resourceGroup: Kind = {
  immutable: ["resourceGroupName", "location"],
  computed: ["name", "type", "properties"],
  check: (inputs, before, cloud) => [
    ...mustMatch(inputs, "resourceGroupName", /^[-\w.()]{0,89}[-\w()]$/, "not a resource group name"),
    ...(before === undefined && isThere(cloud, text(inputs, "resourceGroupName"))
      ? [{ property: "", reason: resourceGroup.taken(inputs).message }]
      : []),
  ],
  keyOf: (inputs) => groupId(text(inputs, "resourceGroupName")),
  taken: (inputs) => existing(resourceGroup.keyOf(inputs), resourceGroupType),
  async create(cloud, inputs) {
    const name = text(inputs, "resourceGroupName");
    const id = groupId(name);
    refuseTaken(cloud, resourceGroup, inputs);
    const outs = {
      ...inputs,
      name,
      type: "Microsoft.Resources/resourceGroups",
      properties: { provisioningState: "Succeeded" },
    };
    await cloud.put(id, { type: resourceGroupType, parent: subscription, properties: outs });
    return { id, outs };
  },
  async update(cloud, id, inputs) {
    return replaceProperties(cloud, id, inputs);
  },
  delete: (cloud, id) => cloud.remove(id),
};

const managedCluster: Kind = {
  // Source: azure-native's list of properties that force a replacement of a managed cluster.
  immutable: [
    "resourceName",
    "resourceGroupName",
    "location",
    "dnsPrefix",
    "linuxProfile",
    ...[
      "serviceCidr",
      "dnsServiceIP",
      "networkPlugin",
      "networkPluginMode",
      "podCidr",
      "networkDataplane",
      "networkPolicy",
      "outboundType",
    ].map((property) => `networkProfile.${property}`),
  ],
  computed: [],
  check: (inputs, before, cloud) => [
    // What a cluster keeps is for whoever knows the settings to say: the program's guard is asked next.
    ...nodesRefusals(cloud, managedClusterType, inputs, before).map(({ message }) => ({
      property: "",
      reason: message,
    })),
    ...mustMatch(inputs, "resourceName", /^[A-Za-z0-9]([-\w]{0,61}[A-Za-z0-9])?$/, "not an AKS cluster name"),
    ...mustMatch(inputs, "dnsPrefix", /^[A-Za-z]([-A-Za-z0-9]{0,52}[A-Za-z0-9])?$/, "not a DNS prefix"),
  ],
  keyOf: (inputs) => clusterId(text(inputs, "resourceGroupName"), text(inputs, "resourceName")),
  taken: (inputs) => existing(managedCluster.keyOf(inputs), managedClusterType),
  async create(cloud, inputs) {
    const group = text(inputs, "resourceGroupName");
    requireGroup(cloud, group);
    const id = managedCluster.keyOf(inputs);
    refuseTaken(cloud, managedCluster, inputs);
    for (const refusal of nodesRefusals(cloud, managedClusterType, inputs, undefined)) throw refusal;
    requireOffered(text(inputs, "resourceName"), text(inputs, "kubernetesVersion"));
    requirePlacement(cloud, inputs);
    const outs = { ...inputs, ...clusterOutputs(id, inputs) };
    await cloud.put(id, { type: managedClusterType, parent: groupId(group), properties: outs });
    return { id, outs };
  },
  async update(cloud, id, inputs) {
    const found = cloud.get(id);
    if (found === undefined) return replaceProperties(cloud, id, inputs);
    requireIdle(cloud, found);
    const before = found.properties;
    const forbidden = [...updateRefusals(before, inputs), ...nodesRefusals(cloud, managedClusterType, inputs, before)];
    for (const refusal of forbidden) throw refusal;
    const isUpgrade = minorOf(text(before, "kubernetesVersion")) !== minorOf(text(inputs, "kubernetesVersion"));
    if (isUpgrade) requireOffered(text(inputs, "resourceName"), text(inputs, "kubernetesVersion"));
    const outs = await replaceProperties(cloud, id, { ...inputs, ...clusterOutputs(id, inputs, before) });
    if (!isUpgrade) return outs;
    // The provider waits for the upgrade's end, and whoever comes in between is refused.
    await cloud.put(id, { ...found, properties: outs, busyUntil: cloud.now() + upgradeTakes });
    await cloud.advance(upgradeTakes);
    return outs;
  },
  inputsOf({ oidcIssuerProfile: _, ...properties }) {
    const outputs = Object.keys(clusterOutputs("", properties));
    const inputs = Object.entries(properties).filter(([key]) => !outputs.includes(key));
    const isOwn = at(properties, "identity.type") === "UserAssigned";
    return {
      ...Object.fromEntries(inputs),
      identity: isOwn ? (properties.identity as Properties) : { type: "SystemAssigned" },
      oidcIssuerProfile: { enabled: true },
    };
  },
  delete: (cloud, id) => cloud.remove(id),
};

/**
 * AKS's own patch upgrade, as channel `patch` has it done: from then on the versions name the patch. Source: Azure/AKS#3573.
 */
export async function upgradePatches(cloud: Cloud): Promise<void> {
  for (const { id, ...cluster } of cloud.ofType(managedClusterType)) {
    const { agentPoolProfiles } = cluster.properties;
    const [minor, patch] = splitVersion(runningVersion(cluster.properties));
    const version = `${minor}.${patch + 1}`;
    const properties = {
      ...cluster.properties,
      kubernetesVersion: version,
      currentKubernetesVersion: version,
      ...(Array.isArray(agentPoolProfiles) && {
        agentPoolProfiles: agentPoolProfiles.map((pool) => ({ ...(pool as Properties), orchestratorVersion: version })),
      }),
    };
    await cloud.put(id, { ...cluster, properties });
  }
}

function clusterOutputs(id: string, inputs: Properties, before: Properties = {}): Properties {
  const [group, name, location] = ["resourceGroupName", "resourceName", "location"].map((key) => text(inputs, key)) as [
    string,
    string,
    string,
  ];
  return {
    name,
    type: "Microsoft.ContainerService/ManagedClusters",
    provisioningState: "Succeeded",
    currentKubernetesVersion: versionAfter(inputs, before),
    fqdn: `${text(inputs, "dnsPrefix")}-${guid(id).slice(0, 8)}.hcp.${location}.azmk8s.io`,
    ...(at(inputs, "apiServerAccessProfile.enablePrivateCluster") === true &&
      at(inputs, "apiServerAccessProfile.privateDNSZone") !== "none" && {
        privateFQDN: `${text(inputs, "dnsPrefix")}-${guid(id).slice(0, 8)}.${guid(`${id}/zone`)}.privatelink.${location}.azmk8s.io`,
      }),
    nodeResourceGroup: `MC_${group}_${name}_${location}`,
    // Azure lists what belongs to an identity that was there before by its id, and gives none of its own.
    identity:
      at(inputs, "identity.type") === "UserAssigned"
        ? (inputs.identity as Properties)
        : { type: "SystemAssigned", principalId: guid(`${id}/identity`), tenantId: entraTenantId },
    oidcIssuerProfile: {
      enabled: true,
      issuerURL: `https://${location}.oic.prod-aks.azure.com/${entraTenantId}/${guid(`${id}/issuer`)}/`,
    },
  };
}

const roleAssignment: Kind = {
  immutable: ["scope", "principalId", "roleAssignmentName"],
  computed: ["name", "type"],
  check: (inputs) => mustMatch(inputs, "roleAssignmentName", /^[0-9a-f-]{36}$/, "a role assignment's name is a GUID"),
  keyOf: (inputs) =>
    `${text(inputs, "scope")}/providers/Microsoft.Authorization/roleAssignments/${text(inputs, "roleAssignmentName")}`,
  taken: (inputs) => existing(roleAssignment.keyOf(inputs), roleAssignmentType),
  async create(cloud, inputs) {
    const [scope, name] = [text(inputs, "scope"), text(inputs, "roleAssignmentName")];
    const cluster = scope.replace(/\/namespaces\/[^/]+$/, "");
    requireResource(cloud, cluster);
    const id = roleAssignment.keyOf(inputs);
    // The provider looks for the very same one before it asks Azure for anything.
    refuseTaken(cloud, roleAssignment, inputs);
    requirePrincipal(cloud, text(inputs, "principalId"), text(inputs, "principalType"));
    const same = sameGrant(cloud, inputs);
    if (same !== undefined) {
      // Wording: Azure RBAC, RoleAssignmentExists.
      const which = `The ID of the existing role assignment is ${same.replaceAll("-", "")}.`;
      throw new CloudError(409, "RoleAssignmentExists", `The role assignment already exists. ${which}`);
    }
    const outs = { ...inputs, name, type: "Microsoft.Authorization/roleAssignments" };
    const { roleDelay } = cloud.conditions;
    await cloud.put(id, {
      type: roleAssignmentType,
      parent: cluster,
      properties: outs,
      ...(roleDelay > 0 && { effectiveFrom: cloud.now() + roleDelay * 1000 }),
    });
    return { id, outs };
  },
  delete: (cloud, id) => cloud.remove(id),
};

/** The name of the assignment by which a principal has a role at a scope already: Azure keeps one, whatever its name. */
export function sameGrant(cloud: Cloud, inputs: Properties): string | undefined {
  const found = cloud
    .ofType(roleAssignmentType)
    .find(({ properties }) =>
      ["scope", "principalId", "roleDefinitionId"].every(
        (key) => text(properties, key).toLowerCase() === text(inputs, key).toLowerCase(),
      ),
    );
  return found && text(found.properties, "name");
}

/**
 * Wording: Azure RBAC, PrincipalNotFound and UnmatchedPrincipalType. Azure itself may take an unknown object id without a
 * word where its type is given; so does the sandbox, but for a slip in an id that it knows.
 */
function requirePrincipal(cloud: Cloud, id: string, type: string): void {
  const known = principalTypeOf(id) ?? (identityOf(cloud, id) && "ServicePrincipal");
  if (known === undefined) {
    if (idOnTrust("User", id) !== undefined) return;
    const reason = `Principal ${id} does not exist in the directory ${entraTenantId}.`;
    throw new CloudError(400, "PrincipalNotFound", `${reason} On the sandbox, that is sandbox/directory.yaml`);
  }
  if (known !== type) {
    throw new CloudError(
      400,
      "UnmatchedPrincipalType",
      `The PrincipalId '${id}' has type '${known}', which is different from specified PrincipalType '${type}'.`,
    );
  }
}

/** The Azure resources that the program registers. */
export const azureKinds: Readonly<Record<string, Kind>> = {
  [resourceGroupType]: governed(resourceGroup, "resourceGroupName"),
  [managedClusterType]: governed(managedCluster, "resourceName", "Microsoft.ContainerService/managedClusters"),
  [roleAssignmentType]: roleAssignment,
  ...networkKinds,
};

/** `getClientConfig`: who deploys, and to which subscription. */
export function clientConfig(): Properties {
  return { clientId: guid("client"), objectId: guid("caller"), subscriptionId, tenantId: entraTenantId };
}

/** `listManagedClusterUserCredentials`: a kubeconfig that signs in by kubelogin, as AKS hands out with local accounts off. */
export function userCredentials(cloud: Cloud, args: Properties): Properties {
  const [group, name] = [text(args, "resourceGroupName"), text(args, "resourceName")];
  const id = clusterId(group, name);
  const cluster = cloud.get(id);
  if (cluster === undefined) throw new CloudError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  const server = `https://${apiServerOf(cluster.properties)}:443`;
  const authority = Buffer.from(`simulated certificate authority of ${name}`).toString("base64");
  const kubeconfig = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    contexts: [{ name, context: { cluster: name, user: `clusterUser_${group}_${name}` } }],
    "current-context": name,
    users: [
      {
        name: `clusterUser_${group}_${name}`,
        user: {
          exec: { command: "kubelogin", args: ["get-token", "--login", "devicecode"] },
          // What a cluster with local accounts would hand out: it must get no further than here.
          "client-key-data": Buffer.from("-----BEGIN PRIVATE KEY-----\nsimulated\n").toString("base64"),
          "client-certificate-data": Buffer.from("-----BEGIN CERTIFICATE-----\nsimulated\n").toString("base64"),
          token: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzaW11bGF0ZWQifQ.simulated",
        },
      },
    ],
  });
  return { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] };
}
