import { z } from "zod";
import { signInSchema } from "../access/signIn.ts";
import { regions } from "../facts/azureRegions.ts";
import { hostMinorNames } from "../facts/hostMinors.ts";
import { kubectlImage } from "../facts/kubectlImage.ts";
import { podSecurityStandards } from "../facts/podSecurityStandards.ts";
import { tenantMinorNames } from "../facts/tenantMinors.ts";
import { principalSchema } from "../tenant/principals.ts";
import { builtInSizes, sizeSchema } from "../tenant/sizes.ts";
import { dnsLabel, exposures } from "../tenant/tenantSchema.ts";
import { didYouMean } from "../text/validate.ts";
import { gatesSchema } from "./gates.ts";
import { cidr, networkSchema } from "./networkSchema.ts";
import { pricesSchema } from "./prices.ts";
import { tagsSchema } from "./tags.ts";
import { versionSettings } from "./versionsSchema.ts";

const quoted = (minors: readonly string[]) => minors.map((minor) => `"${minor}"`).join(", ");

const capacity = z
  .strictObject({
    vCpus: z.int().min(2).describe("vCPUs of a node"),
    memoryGiB: z.int().min(4).describe("memory of a node in GiB"),
    dataDisks: z.int().min(1).describe("data disks that a node takes"),
  })
  .describe("what a node brings, for a size that is not known here: vCpus, memoryGiB, dataDisks");

const nodePool = z.strictObject({
  vmSize: z
    .string()
    .regex(/^Standard_[A-Za-z]+\d[-\w]*$/, "not the name of an Azure VM size; for example Standard_D4s_v5")
    .default("Standard_DS2_v2")
    .describe("an Azure VM size of at least 2 vCPUs and 4 GiB, such as Standard_D4s_v5"),
  capacity: capacity.optional(),
  count: z.int().min(1).max(1000).default(2).describe("number of nodes, 1 to 1000"),
  osDiskSizeGiB: z.int().min(30).max(2048).default(128).describe("system disk of a node in GiB, 30 to 2048"),
  zones: z
    .array(z.enum(["1", "2", "3"]))
    .refine((zones) => new Set(zones).size === zones.length, "a zone stands twice")
    .default([])
    .describe('availability zones, such as ["1", "2", "3"]'),
  overcommit: z
    .number()
    .min(1)
    .max(10)
    .default(1)
    .describe("how many times the nodes' CPU and memory tenants may request in all before check warns, 1 to 10"),
});

/** The AKS cluster that the stack creates (setting `azure`). */
export const azureSchema = z.strictObject({
  location: z
    .string()
    .regex(/^[a-z0-9]+$/, "write the region's short name, such as westeurope")
    .superRefine((name, { addIssue }) => {
      if (!/^[a-z0-9]+$/.test(name) || regions.includes(name)) return;
      const guess = didYouMean(name, regions) || ";";
      const list = "'az account list-locations --output table' lists them by name";
      addIssue({ code: "custom", message: `not a region of Azure that this program knows${guess} ${list}` });
    })
    .describe("the Azure region, such as westeurope"),
  resourceGroup: z
    .string()
    .regex(/^[-\w.()]{0,89}[-\w()]$/, "up to 90 letters, digits, '-', '_', '.', '(' or ')', not ending in '.'")
    .describe("the resource group that is created"),
  existingResourceGroup: z
    .boolean()
    .default(false)
    .describe("true where the resource group is there already and stays, whatever becomes of the stack"),
  clusterName: z
    .string()
    .regex(
      /^[A-Za-z0-9]([-\w]{0,61}[A-Za-z0-9])?$/,
      "up to 63 letters, digits, '-' or '_', a letter or digit at both ends",
    )
    .describe("the AKS cluster's name"),
  kubernetesVersion: z
    .enum(hostMinorNames)
    .default("1.35")
    .describe(`the host's Kubernetes minor, in quotes: ${quoted(hostMinorNames)}`),
  tier: z.enum(["Free", "Standard"]).default("Free").describe("Free (no SLA) or Standard"),
  nodePool: nodePool.prefault({}).describe("the node pool: vmSize, count, osDiskSizeGiB, zones, overcommit"),
  network: networkSchema
    .prefault({})
    .describe("the network: podCidr, serviceCidr, dnsServiceIp, subnet, reachableFrom, privateDnsZone, addresses"),
  authorizedIpRanges: z
    .array(cidr.refine((range) => range !== "0.0.0.0/0", "0.0.0.0/0 is everyone; leave the list empty to say that"))
    .max(200)
    .default([])
    .describe("ranges that may reach the API server; empty for all"),
  privateCluster: z.boolean().default(false).describe("true for an API server without a public address"),
  sshPublicKey: z.string().default("").describe("public key for SSH to the nodes; empty for none"),
  kubelogin: z
    .enum(["azurecli", "workloadidentity", "spn", "msi", "devicecode"])
    .default("azurecli")
    .describe("how `pulumi up` signs in to the cluster (kubelogin --login)"),
  tags: tagsSchema
    .default({})
    .describe('tags on every Azure resource of the stack, such as { costCenter: "4711" }; up to 50'),
  clusterAdmins: z
    .array(principalSchema)
    .refine(
      (admins) => admins.length > 0,
      "name at least one administrator: the identity that deploys needs this role, or nobody could create a namespace",
    )
    .describe("administrators of the whole cluster, the deploying identity among them"),
});

/** An existing cluster that the stack uses as it is (setting `existingCluster`). */
export const existingClusterSchema = z.strictObject({
  name: z.string().min(1).max(63).describe("what the cluster is called in outputs; fixed for the stack's life"),
  kubeconfig: z
    .string()
    .regex(
      /^(?![~$%])/,
      "nobody expands '~' or a variable here, and they lead to another place for everybody who deploys; write a path from the project's folder, or leave it empty and set KUBECONFIG",
    )
    .default("")
    .describe("path of a kubeconfig file, from the project's folder; empty for $KUBECONFIG or the default one"),
  context: z.string().default("").describe("context in it; empty for the current one"),
  reachableFrom: z
    .string()
    .trim()
    .default("")
    .describe("from where internal addresses of its load balancer are reached, in a few words; empty: from nowhere"),
  cilium: z.boolean().default(false).describe("true where the cluster's network is Cilium 1.16 or newer"),
});

/** What a tenant gets that does not say otherwise (setting `tenantDefaults`). */
export const tenantDefaultsSchema = z.strictObject({
  size: z
    .string()
    .default("small")
    .describe(`one of ${builtInSizes.join(", ")}, or of the stack's own`),
  kubernetes: z
    .enum(tenantMinorNames)
    .default("1.35")
    .describe(`the Kubernetes minor inside, in quotes: ${quoted(tenantMinorNames)}`),
  expose: z
    .enum(exposures)
    .default("none")
    .describe(`one of ${exposures.join(", ")}`),
});

const vcluster = z.strictObject({
  ...versionSettings,
  chartRepository: z
    .string()
    .refine((url) => url === "" || URL.parse(url)?.protocol === "https:", "not the https address of a Helm repository")
    .default("")
    .describe("Helm repository to install from; empty for the local copy that `npm run chart` keeps"),
  helmValues: z
    .record(z.string(), z.json())
    .default({})
    .describe("chart values for every tenant, beside what this program sets"),
  storageClass: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/, "not the name of a storage class, such as managed-csi-premium")
    .default("")
    .describe("storage class of the stores' disks, for tenants that are new; empty for the host's default one"),
  spread: z
    .enum(["automatic", "required", "preferred"])
    .default("automatic")
    .describe("whether the three pods of a tenant with store etcd must lie on different nodes, or should"),
  jobImage: z
    .string()
    .min(1)
    .default(kubectlImage)
    .describe("image with kubectl, for the job that removes the pods of a stopped tenant"),
});

const owner = z.email("an e-mail address is needed, as tenant files have it, such as team-ml@contoso.com");

const handover = z.strictObject({
  from: owner.describe("the owner that the tenant is deployed with"),
  to: owner.describe("the owner that its file names from now on"),
});

/** Every setting of a stack, as `Pulumi.yaml` documents them. */
export const settingsSchema = z.strictObject({
  environment: z.enum(["development", "production"]).default("development").describe("development or production"),
  protect: z.boolean().default(true).describe("true where cluster, namespaces and releases cannot be deleted"),
  podSecurity: z
    .enum(podSecurityStandards)
    .default("baseline")
    .describe("the Pod Security Standard of tenants' namespaces: baseline or restricted"),
  azureFiles: z.boolean().default(false).describe("true where tenants may use Azure Files, whose key they then share"),
  azure: azureSchema.optional().describe("the AKS cluster to create"),
  existingCluster: existingClusterSchema.optional().describe("the cluster to use as it is"),
  tenantDefaults: tenantDefaultsSchema.prefault({}).describe("what a tenant file that does not say otherwise gets"),
  sizes: z
    .record(z.string().regex(dnsLabel, "a size's name has lower-case letters, digits and '-'"), sizeSchema)
    .default({})
    .describe("the stack's own sizes beside small, medium and large, or in place of them"),
  signIn: signInSchema.optional().describe("how people sign in to virtual clusters: issuer, clientId"),
  vcluster: vcluster.prefault({}).describe("the vCluster chart"),
  forgetRetained: z
    .array(z.string())
    .default([])
    .describe("removed tenants whose kept data was deleted by hand, so that their names are free again"),
  handover: z
    .record(z.string().regex(dnsLabel, "the name of a tenant"), handover)
    .default({})
    .describe("tenants that change hands: by name, { from: <owner>, to: <owner> }"),
  prices: pricesSchema.optional().describe("what the parts of the stack cost a month, for plans; an estimate"),
  gates: gatesSchema.prefault({}).describe("what a change may do without a waiver: tenants, monthlyCost, restartDays"),
});

/** The settings of a stack with every default filled in. */
export type Settings = z.output<typeof settingsSchema>;
/** The AKS cluster's settings. */
export type AzureSettings = z.output<typeof azureSchema>;
/** An existing cluster's settings. */
export type ExistingClusterSettings = z.output<typeof existingClusterSchema>;
/** The agreed change of a tenant's owner. */
export type Handover = Settings["handover"][string];
/** The vCluster chart's settings. */
export type VclusterSettings = Settings["vcluster"];
