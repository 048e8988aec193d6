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

/** Leaves out Kubernetes' own parts. */
export const notTheSystem = { "not-the-system": `!(${system})` };

/** Leaves out Kubernetes' own parts, and then the platform: the authorizer is asked last. */
export const notThePlatform = { "not-the-platform": `!(${system} || ${platform})` };
