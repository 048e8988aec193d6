import { capacityProblems } from "./capacity.ts";
import type { Location, Problem } from "./problems.ts";
import type { Settings } from "./settingsSchema.ts";
import type { Tenant } from "./tenantSchema.ts";
import type { FieldLocation } from "./transitions.ts";
import type { Path } from "./yamlSource.ts";

/** What the rules look at: a stack's settings and all its tenants together. */
export interface Stack {
  /** Left out where they are not right: what depends on them is then not checked. */
  readonly settings: Settings | undefined;
  readonly tenants: readonly Tenant[];
  readonly locate: FieldLocation;
  /** Where a setting stands, such as ["azure", "nodePool"]. */
  readonly locateSetting: (path: Path) => Location;
  /** The day of the run, as 2027-03-31. */
  readonly today: string;
}

/** Whatever is wrong with tenants that are each right for themselves; errors and warnings. */
export function ruleProblems(stack: Stack): Problem[] {
  const ofEach = stack.tenants.flatMap((tenant) => [
    ...reachability(tenant, stack),
    ...effectiveRights(tenant, stack),
    ...unheldRole(tenant, stack),
    ...signIn(tenant, stack),
    ...versionSkew(tenant, stack),
    ...expiry(tenant, stack),
  ]);
  return [...ofEach, ...capacityProblems(stack)];
}

/** Without an address, a virtual cluster is reached by port-forward, which Azure's reader role does not have. */
function* reachability(tenant: Tenant, { locate }: Stack): Generator<Problem> {
  const { name, expose, hostRole, access } = tenant;
  const people = access.admins.length + access.developers.length + access.viewers.length;
  if (expose !== "none" || people === 0 || hostRole === "writer" || hostRole === "admin") return;
  const message = `nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and 'hostRole' is '${hostRole}', which lacks it. Set expose: internal, or hostRole: writer`;
  yield { location: locate(name, "expose"), message };
}

/** Who may read the namespace's Secrets and exec into the control plane is administrator inside, whatever the file says. */
function* effectiveRights({ name, hostRole, access }: Tenant, { locate }: Stack): Generator<Problem> {
  if ((hostRole !== "writer" && hostRole !== "admin") || access.developers.length === 0) return;
  const message = `effective: admin. With hostRole '${hostRole}' the developers read the namespace's Secrets, the virtual cluster's own among them, and so are administrators inside; hostRole reader or none keeps them developers`;
  yield { severity: "warning", location: locate(name, "hostRole"), message };
}

function* unheldRole({ name, hostRole, access }: Tenant, { locate }: Stack): Generator<Problem> {
  if (hostRole === "none" || access.admins.length + access.developers.length > 0) return;
  const message = `hostRole '${hostRole}' is held by nobody: 'access' names no admins and no developers`;
  yield { severity: "warning", location: locate(name, "hostRole"), message };
}

/** Without sign-in, the only way in is the administrator's kubeconfig in a Secret of the host namespace. */
function* signIn({ name, namespace, hostRole, access }: Tenant, { settings, locate }: Stack): Generator<Problem> {
  if (settings === undefined || settings.signIn !== undefined) return;
  const readsSecrets = hostRole === "writer" || hostRole === "admin";
  const lists = (["admins", "developers", "viewers"] as const).filter((list) => access[list].length > 0);
  const outside = lists.filter((list) => list === "viewers" || !readsSecrets);
  if (outside.length === 0) return;
  const message = `the ${new Intl.ListFormat("en").format(outside)} cannot sign in to the virtual cluster by themselves: the stack's setting signIn is not set, and they may not read the Secrets of namespace '${namespace}'. Set signIn (docs/onboarding.md), or a platform administrator hands out kubeconfigs`;
  yield { severity: "warning", location: locate(name, "access"), message };
}

function* versionSkew({ name, kubernetes }: Tenant, { settings, locate }: Stack): Generator<Problem> {
  const host = settings?.azure?.kubernetesVersion;
  if (host === undefined || host === kubernetes) return;
  const message = `Kubernetes ${kubernetes} on a host of ${host}: likely compatible, but only the same minor is tested by vCluster's authors`;
  yield { severity: "warning", location: locate(name, "kubernetes"), message };
}

/** An expired tenant is never deleted: somebody is reminded. */
function* expiry({ name, expires, owner }: Tenant, { today, locate }: Stack): Generator<Problem> {
  if (expires === undefined || expires >= today) return;
  const message = `expired on ${expires}: ask ${owner} whether to extend it or to begin offboarding; nothing is deleted by itself`;
  yield { severity: "warning", location: locate(name, "expires"), message };
}
