import { celList } from "./policy.ts";

/*
 * Who the guard lets do what it refuses to tenants. People have their name on a token, service principals an object id,
 * and whoever deploys is another one on a laptop than in a pipeline: no list of names would hold. So it asks the API
 * server's own authorizer, which is Azure's on AKS.
 */

/**
 * Kubernetes' own parts. The controllers of kube-system empty a namespace that is deleted; `system:masters` is who set
 * the cluster up. The tenant's own service account is none of them: whoever is administrator inside acts through it.
 */
export const system = [
  "request.userInfo.username.startsWith('system:serviceaccount:kube-system:')",
  `request.userInfo.username in ${celList(["system:kube-controller-manager", "system:kube-scheduler"])}`,
  `(has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ${celList(["system:masters", "system:nodes"])}))`,
].join(" || ");

/** The platform: whoever may create namespaces. No role in a namespace gives that, whatever else it gives. */
const platform = "authorizer.group('').resource('namespaces').check('create').allowed()";

/**
 * Whoever may change the status of Services in the whole cluster: the cloud's own controller, whose name differs from
 * cloud to cloud, and the platform.
 */
export const loadBalancerController =
  "authorizer.group('').resource('services').subresource('status').check('update').allowed()";

/** The condition by which the platform is left out, as policies name it. */
export const platformCondition = "not-the-platform";

/** Leaves out Kubernetes' own parts. */
export const notTheSystem = { "not-the-system": `!(${system})` };

/**
 * Leaves out Kubernetes' own parts, and then the platform. All is one condition: Kubernetes evaluates every condition of
 * a policy, also after one that is false, and asking the authorizer is dear where it is Azure's. Within one, `&&` and `||`
 * stop early, and the authorizer comes last.
 *
 * @param only.where what is judged at all; everything where it is left out
 * @param only.nor who else is left out
 */
export function notThePlatform({
  where,
  nor = [],
}: {
  readonly where?: string;
  readonly nor?: readonly string[];
} = {}) {
  const somebodyElse = `!(${[system, ...nor, platform].join(" || ")})`;
  return { [platformCondition]: where === undefined ? somebodyElse : `(${where}) && ${somebodyElse}` };
}
