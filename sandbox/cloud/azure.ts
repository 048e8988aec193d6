import { v5 as uuidv5 } from "uuid";
import { stringify } from "yaml";
import { minorOf, minorsBetween } from "../../model/facts/kubernetesVersions.ts";
import type { Properties } from "../engine/values.ts";
import { requireOffered } from "./aksVersions.ts";
import { type Cloud, CloudError } from "./cloud.ts";
import { entraTenantId, idOnTrust, principalTypeOf } from "./entra.ts";
import { at, type Kind, mustMatch, refuseTaken, text } from "./kind.ts";

/** The simulated subscription. */
export const subscriptionId = "00000000-0000-4000-8000-00000000a2e0";

const subscription = `/subscriptions/${subscriptionId}`;
/** Ids that Azure makes up are derived from what they belong to, so that two runs give the same. */
const guid = (of: string) => uuidv5(of.toLowerCase(), subscriptionId);

/** Azure's public regions with AKS. Source: Azure, list of regions. */
const regions =
  /^(australia(central|central2|east|southeast)|austriaeast|belgiumcentral|brazil(south|southeast)|canada(central|east)|centralindia|centralus|chilecentral|eastasia|eastus2?|france(central|south)|germany(north|westcentral)|indonesiacentral|israelcentral|italynorth|japan(east|west)|korea(central|south)|malaysiawest|mexicocentral|newzealandnorth|northcentralus|northeurope|norway(east|west)|polandcentral|qatarcentral|southafrica(north|west)|southcentralus|southindia|southeastasia|spaincentral|sweden(central|south)|switzerland(north|west)|uae(central|north)|uk(south|west)|westcentralus|westeurope|westindia|westus[23]?)$/;

const groupId = (name: string) => `${subscription}/resourceGroups/${name}`;
const clusterId = (group: string, name: string) =>
  `${groupId(group)}/providers/Microsoft.ContainerService/managedClusters/${name}`;

export const resourceGroupType = "azure-native:resources:ResourceGroup";
export const managedClusterType = "azure-native:containerservice:ManagedCluster";
export const roleAssignmentType = "azure-native:authorization:RoleAssignment";

const resourceGroup: Kind = {
  immutable: ["resourceGroupName", "location"],
  check: (inputs) => [
    ...mustMatch(inputs, "resourceGroupName", /^[-\w.()]{0,89}[-\w()]$/, "not a resource group name"),
    ...mustMatch(inputs, "location", regions, "not a region of Azure"),
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
  check: (inputs) => [
    ...mustMatch(inputs, "resourceName", /^[A-Za-z0-9]([-\w]{0,61}[A-Za-z0-9])?$/, "not an AKS cluster name"),
    ...mustMatch(inputs, "dnsPrefix", /^[A-Za-z]([-A-Za-z0-9]{0,52}[A-Za-z0-9])?$/, "not a DNS prefix"),
  ],
  keyOf: (inputs) => clusterId(text(inputs, "resourceGroupName"), text(inputs, "resourceName")),
  taken: (inputs) => existing(managedCluster.keyOf(inputs), managedClusterType),
  async create(cloud, inputs) {
    const group = text(inputs, "resourceGroupName");
    if (cloud.get(groupId(group)) === undefined) {
      // Wording: Azure Resource Manager, ResourceGroupNotFound.
      throw new CloudError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
    }
    const id = managedCluster.keyOf(inputs);
    refuseTaken(cloud, managedCluster, inputs);
    requireOffered(text(inputs, "resourceName"), text(inputs, "kubernetesVersion"));
    const outs = { ...inputs, ...clusterOutputs(id, inputs) };
    await cloud.put(id, { type: managedClusterType, parent: groupId(group), properties: outs });
    return { id, outs };
  },
  async update(cloud, id, inputs) {
    const before = cloud.get(id)?.properties;
    if (before !== undefined) {
      requireUpgrade(text(inputs, "resourceName"), runningVersion(before), text(inputs, "kubernetesVersion"));
      requireSameNodes(before, inputs);
    }
    return replaceProperties(cloud, id, { ...inputs, ...clusterOutputs(id, inputs, before) });
  },
  inputsOf({ identity: _, oidcIssuerProfile: __, ...properties }) {
    const outputs = Object.keys(clusterOutputs("", properties));
    const inputs = Object.entries(properties).filter(([key]) => !outputs.includes(key));
    return {
      ...Object.fromEntries(inputs),
      identity: { type: "SystemAssigned" },
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

/** A version's minor, and its patch: 0 where it names none. */
function splitVersion(version: string): [minor: string, patch: number] {
  return [minorOf(version), Number(version.split(".")[2] ?? 0)];
}

/** The patch that a cluster runs. */
function runningVersion(cluster: Properties): string {
  return text(cluster, "currentKubernetesVersion") || text(cluster, "kubernetesVersion");
}

/** The patch that it runs then. A minor that runs already is kept at its patch. Source: AKS's API, kubernetesVersion. */
function versionAfter(inputs: Properties, before: Properties): string {
  const [[wanted, patch], [minor, running]] = [
    splitVersion(text(inputs, "kubernetesVersion")),
    splitVersion(runningVersion(before)),
  ];
  return `${wanted}.${minor === wanted ? Math.max(patch, running) : patch}`;
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
    nodeResourceGroup: `MC_${group}_${name}_${location}`,
    identity: { type: "SystemAssigned", principalId: guid(`${id}/identity`), tenantId: entraTenantId },
    oidcIssuerProfile: {
      enabled: true,
      issuerURL: `https://${location}.oic.prod-aks.azure.com/${entraTenantId}/${guid(`${id}/issuer`)}/`,
    },
  };
}

const roleAssignment: Kind = {
  immutable: ["scope", "principalId", "roleAssignmentName"],
  check: (inputs) => mustMatch(inputs, "roleAssignmentName", /^[0-9a-f-]{36}$/, "a role assignment's name is a GUID"),
  keyOf: (inputs) =>
    `${text(inputs, "scope")}/providers/Microsoft.Authorization/roleAssignments/${text(inputs, "roleAssignmentName")}`,
  taken: (inputs) => existing(roleAssignment.keyOf(inputs), roleAssignmentType),
  async create(cloud, inputs) {
    const [scope, name] = [text(inputs, "scope"), text(inputs, "roleAssignmentName")];
    const cluster = scope.replace(/\/namespaces\/[^/]+$/, "");
    if (cloud.get(cluster) === undefined) {
      // Wording: Azure Resource Manager, ResourceNotFound.
      throw new CloudError(404, "ResourceNotFound", `The Resource '${cluster}' was not found.`);
    }
    const id = roleAssignment.keyOf(inputs);
    // The provider looks for the very same one before it asks Azure for anything.
    refuseTaken(cloud, roleAssignment, inputs);
    requirePrincipal(text(inputs, "principalId"), text(inputs, "principalType"));
    const same = cloud
      .ofType(roleAssignmentType)
      .some(({ properties }) =>
        ["scope", "principalId", "roleDefinitionId"].every(
          (key) => text(properties, key).toLowerCase() === text(inputs, key).toLowerCase(),
        ),
      );
    // Wording: Azure RBAC, RoleAssignmentExists.
    if (same) throw new CloudError(409, "RoleAssignmentExists", "The role assignment already exists.");
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

/**
 * Wording: Azure RBAC, PrincipalNotFound and UnmatchedPrincipalType. Azure itself may take an unknown object id without a
 * word where its type is given; so does the sandbox, but for a slip in an id that it knows.
 */
function requirePrincipal(id: string, type: string): void {
  const known = principalTypeOf(id);
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

/** Wording assumed: AKS refuses a control plane that goes down, by a patch, too, or skips a minor. */
function requireUpgrade(cluster: string, before: string, after: string): void {
  const [[from, running], [to, patch]] = [splitVersion(before), splitVersion(after)];
  const step = minorsBetween(from, to);
  if (step === 1) requireOffered(cluster, after);
  // A minor alone stands for the patch that runs.
  if (step === 1 || (step === 0 && (to === after || patch >= running))) return;
  throw new CloudError(400, "OperationNotAllowed", `Upgrading Kubernetes version ${before} to ${after} is not allowed`);
}

/** What AKS does not change in a node pool that is there. Source: AKS, "Resize node pools". */
function requireSameNodes(before: Properties, after: Properties): void {
  for (const property of ["vmSize", "osDiskSizeGB", "availabilityZones"]) {
    const path = `agentPoolProfiles.0.${property}`;
    if (JSON.stringify(at(before, path)) === JSON.stringify(at(after, path))) continue;
    // Wording: AKS, PropertyChangeNotAllowed.
    throw new CloudError(400, "PropertyChangeNotAllowed", `Changing property 'properties.${property}' is not allowed.`);
  }
}

/** Wording: azure-native's provider, which does not take over what is there already. */
function existing(id: string, type: string): CloudError {
  return new CloudError(409, "Conflict", `cannot create already existing resource '${id}' (${type})`);
}

async function replaceProperties(cloud: Cloud, id: string, properties: Properties): Promise<Properties> {
  const found = cloud.get(id);
  // Wording: Azure Resource Manager, ResourceNotFound.
  if (found === undefined) throw new CloudError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  const changed = { ...found.properties, ...properties };
  await cloud.put(id, { ...found, properties: changed });
  return changed;
}

/** The Azure resources that the program registers. */
export const azureKinds: Readonly<Record<string, Kind>> = {
  [resourceGroupType]: resourceGroup,
  [managedClusterType]: managedCluster,
  [roleAssignmentType]: roleAssignment,
};

/** `listManagedClusterUserCredentials`: a kubeconfig that signs in by kubelogin, as AKS hands out with local accounts off. */
export function userCredentials(cloud: Cloud, args: Properties): Properties {
  const [group, name] = [text(args, "resourceGroupName"), text(args, "resourceName")];
  const id = clusterId(group, name);
  const cluster = cloud.get(id);
  if (cluster === undefined) throw new CloudError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  const server = `https://${text(cluster.properties, "fqdn")}:443`;
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
