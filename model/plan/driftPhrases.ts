import { storeOf, type Values, valueAt } from "../deploy/chartFacts.ts";
import type { ResourceChange } from "./plan.ts";
import type { Step } from "./steps.ts";

/** Where something that drifted belongs. */
interface Place {
  /** False for what all tenants share. */
  readonly ofTenant: boolean;
  /** True for what a release's chart has made. */
  readonly inside: boolean;
}

type Phrase = (change: ResourceChange, step: Step) => string;

const gone = ({ op }: ResourceChange) => op === "delete";
const has = ({ values }: ResourceChange, part: RegExp, now?: string) =>
  values.some(({ path, to }) => part.test(path) && (now === undefined || to === now));

/** What comes of it where something of a tenant's own is gone or changed, by its kind. */
const ofTenants: Readonly<Record<string, Phrase>> = {
  Namespace: (change) => {
    if (gone(change)) return "the virtual cluster is gone, with all its data: what is made anew begins empty";
    if (has(change, /^metadata\.labels\.pod-security\./)) return "its pods are held to other rules than its stack's";
    return has(change, /^metadata\.(labels|annotations)\.virtual-clusters\//)
      ? "the host's guard goes by it: it may hold the tenant to other rules"
      : "";
  },
  Release: (change, { before }) =>
    gone(change)
      ? `there is no virtual cluster any more; ${diskOf((before?.inputs.values ?? {}) as Values)}`
      : "its virtual cluster was deployed with other values than its file's",
  RoleAssignment: (change) => (gone(change) ? "somebody whom its file names has lost a role on the host" : ""),
  RoleBinding: (change) =>
    gone(change)
      ? "those whom its file names have lost their role on the host"
      : "others than its file says have a role on the host",
  ConfigMap: () => "who may sign in inside is not as its file says, from the control plane's next start on",
};

/** The same for what its release's chart has made. */
const ofReleases: Readonly<Record<string, Phrase>> = {
  NetworkPolicy: (change) =>
    gone(change)
      ? "traffic that it kept from the tenant's pods, or in them, is let through"
      : "other traffic is let through than its stack's settings say",
  ResourceQuota: (change) =>
    gone(change) ? "it may take all of the host's room" : "it may take other amounts than its size gives",
  LimitRange: () => "containers that name no limits get others than its size gives",
  StatefulSet: (change, step) =>
    gone(change) ? `its control plane, or its store, does not run; ${claimsOf(step)}` : workload(change),
  Deployment: (change) => (gone(change) ? "its control plane does not run" : workload(change)),
  Service: () => "its API server may not be reached at its address",
  Secret: () => "its control plane does not start again without its configuration",
  PodDisruptionBudget: () => "a drain of nodes may stop more of it at once than it bears",
  ServiceAccount: (change) => (gone(change) ? rights : "its pods get other credentials than they need"),
  Role: () => rights,
  RoleBinding: () => rights,
  ClusterRole: () => rights,
  ClusterRoleBinding: () => rights,
};

const rights = "its control plane has other rights on the host than it needs";
const guard = "what keeps every tenant in its place on the host is not as it should be";

/** What comes of it where a part of the cluster is otherwise: whatever it is now, or where it is that. */
const ofClusters: readonly (readonly [part: RegExp, phrase: string, now?: string])[] = [
  [
    /^agentPoolProfiles\.\d+\.(count|minCount|maxCount|vmSize)$/,
    "there is other room for tenants than the settings say",
  ],
  [
    /^disableLocalAccounts$/,
    "whoever may list its credentials is administrator of the host, with no account in Entra ID",
    "false",
  ],
  [/^aadProfile\./, "who may do what on the host is decided otherwise than by roles in Azure"],
  [
    /^apiServerAccessProfile\.disableRunCommand$/,
    "whoever may run commands through Azure may do so as its administrator",
    "false",
  ],
  [
    /^apiServerAccessProfile\.authorizedIPRanges\b/,
    "its API server is reached from other addresses than the settings say",
  ],
  [/^apiServerAccessProfile\.enablePrivateClusterPublicFQDN$/, "nobody finds its API server by a public name", "false"],
];

/** The same for what all tenants share. */
const shared: Readonly<Record<string, Phrase>> = {
  ResourceGroup: (change) => (gone(change) ? "the cluster is gone, and every tenant with its data" : ""),
  ManagedCluster: (change) =>
    gone(change)
      ? "every tenant is gone, with its data"
      : ofClusters.flatMap(([part, phrase, now]) => (has(change, part, now) ? [phrase] : [])).join("; "),
  RoleAssignment: (change) =>
    gone(change) ? "somebody whom the settings or a tenant's file name has lost a role" : "",
  ValidatingAdmissionPolicy: () => guard,
  ValidatingAdmissionPolicyBinding: () => guard,
  CiliumClusterwideNetworkPolicy: () => guard,
};

/** What comes of something that is otherwise in the cloud than it was deployed; undefined where its values say it all. */
export function consequenceOf(change: ResourceChange, step: Step, { ofTenant, inside }: Place): string | undefined {
  const table = inside ? ofReleases : ofTenant ? ofTenants : shared;
  return table[change.kind]?.(change, step) || undefined;
}

function workload(change: ResourceChange): string {
  const { to } = change.values.find(({ path }) => path === "spec.replicas") ?? {};
  return to === "0" ? "it is stopped: nobody reaches its virtual cluster" : "it runs otherwise than it was deployed";
}

/** What becomes of the store's disk where a release is uninstalled: its StatefulSet says so. */
function diskOf(values: Values): string {
  const holder =
    storeOf(values) === "etcd" ? "controlPlane.backingStore.etcd.deploy.statefulSet" : "controlPlane.statefulSet";
  return disk(valueAt(values, `${holder}.persistence.volumeClaim.retentionPolicy`));
}

function claimsOf({ before }: Step): string {
  return disk(valueAt(before?.inputs ?? {}, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"));
}

/** Source: Kubernetes, StatefulSet: `Retain` is its default. */
function disk(policy: unknown): string {
  return policy === "Delete"
    ? "its disk goes with it, as dataOnRemoval says, and the store begins empty"
    : "its disk stays, and is used again";
}
