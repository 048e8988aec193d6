import type { GuardRule } from "./policy.ts";
import { system } from "./who.ts";

const operations = ["CREATE", "UPDATE"] as const;
const is = (resource: string) => `request.resource.resource == '${resource}'`;

/**
 * Whoever may change the status of Services in the whole cluster: the cloud's own controller, whose name differs from
 * cloud to cloud. Asked for Services' status alone.
 */
const loadBalancerController =
  "authorizer.group('').resource('services').subresource('status').check('update').allowed()";

/** Azure's platform address, and link-local ones, among them instance metadata; Kubernetes refuses the latter itself. */
const isPlatforms = (address: string) => `(${address} == '168.63.129.16' || ${address}.startsWith('169.254.'))`;

/** Of other kinds than pods the syncer does not translate the namespace, and nothing follows from them. */
const foreignTarget = (what: string) =>
  `(has(${what}.targetRef) && has(${what}.targetRef.kind) && ${what}.targetRef.kind == 'Pod' && has(${what}.targetRef.namespace) && ${what}.targetRef.namespace != request.namespace)`;

const same = (field: string) =>
  `(has(object.status.${field}) ? object.status.${field} : null) == (has(oldObject.status.${field}) ? oldObject.status.${field} : null)`;

/**
 * What says where traffic goes. Endpoints are synced from inside, so that a tenant writes any address there: the platform's
 * own are refused, and pods of another namespace. Whose another address is an API server cannot know; network
 * policies hold there. The addresses of a pod and of a load balancer are told by those who gave them: the node and the
 * cloud (the second half of CVE-2020-8554).
 */
export const addresses: GuardRule = {
  name: "addresses",
  resources: [
    { apiGroups: [""], resources: ["endpoints"], operations },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], operations },
    { apiGroups: [""], resources: ["pods/status", "services/status"], operations: ["UPDATE"] },
  ],
  conditions: { "not-the-system": `!(${system} || (${is("services")} && ${loadBalancerController}))` },
  validations: [
    {
      expression: `!(${is("endpoints")}) || !has(object.subsets) || object.subsets.all(s, ${[
        "addresses",
        "notReadyAddresses",
      ]
        .map((list) => `(!has(s.${list}) || s.${list}.all(a, !${isPlatforms("a.ip")} && !${foreignTarget("a")}))`)
        .join(" && ")})`,
      message: "endpoints of a tenant name neither the platform's own addresses nor pods of another namespace",
    },
    {
      expression: `!(${is("endpointslices")}) || !has(object.endpoints) || object.endpoints.all(e, !${foreignTarget("e")} && (!has(e.addresses) || e.addresses.all(a, !${isPlatforms("a")})))`,
      message: "endpoints of a tenant name neither the platform's own addresses nor pods of another namespace",
    },
    {
      expression: `!(${is("pods")}) || !has(object.status) || (${["podIP", "podIPs", "hostIP", "hostIPs"].map(same).join(" && ")})`,
      message: "a pod's addresses are told by its node",
    },
    {
      expression: `!(${is("services")}) || !has(object.status) || (${same("loadBalancer")})`,
      message: "the address of a load balancer is told by whoever gave it, the cloud (CVE-2020-8554)",
    },
  ],
};
