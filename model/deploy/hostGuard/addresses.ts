import { tenantLabel } from "../namespace.ts";
import { celText, type GuardRule } from "./policy.ts";
import { loadBalancerController, system } from "./who.ts";

const operations = ["CREATE", "UPDATE"] as const;
const is = (resource: string) => `request.resource.resource == '${resource}'`;
const of = (resource: string, expression: string) => `!(${is(resource)}) || (${expression})`;

/**
 * Azure's platform address, and link-local ones, among them instance metadata; Kubernetes refuses the latter itself. One
 * address is written in one way: Kubernetes before 1.36 takes leading zeros and IPv4 within IPv6 from whoever writes them.
 */
const isPlatforms = (address: string) =>
  `(!isIP(${address}) || ${address} == '168.63.129.16' || ${address}.startsWith('169.254.'))`;

/** Of other kinds than pods the syncer does not translate the namespace, and nothing follows from them. */
const foreignTarget = (what: string) =>
  `(has(${what}.targetRef) && has(${what}.targetRef.kind) && ${what}.targetRef.kind == 'Pod' && has(${what}.targetRef.namespace) && ${what}.targetRef.namespace != request.namespace)`;

const same = (field: string) =>
  `(has(object.status.${field}) ? object.status.${field} : null) == (has(oldObject.status.${field}) ? oldObject.status.${field} : null)`;

/** Kubernetes' label that says whose endpoints a slice has. */
const serviceName = celText("kubernetes.io/service-name");
const labelsOf = (what: string) => `(has(${what}.metadata.labels) ? ${what}.metadata.labels : {})`;

const foreignEndpoints =
  "endpoints of a tenant name neither the platform's own addresses nor pods of another namespace, and each address as Kubernetes writes it";

/**
 * What says where traffic goes. Endpoints are synced from inside, so that a tenant writes any address there: the platform's
 * own are refused, and pods of another namespace. Whose another address is an API server cannot know; network
 * policies hold there. Endpoints of the virtual cluster's own Service, which may have an address outside of the cluster,
 * are its pods', as Kubernetes' controller finds them. The addresses of a pod and of a load balancer are told by those who
 * gave them: the node and the cloud (the second half of CVE-2020-8554).
 *
 * A pod's status is written with its metadata. Whoever may change both is judged here, and not by rule `pods`, which would
 * look at each pod's spec whenever a node reports.
 */
export const addresses: GuardRule = {
  name: "addresses",
  resources: [
    { apiGroups: [""], resources: ["endpoints"], operations },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], operations },
    { apiGroups: [""], resources: ["pods/status", "services/status"], operations: ["UPDATE"] },
  ],
  conditions: { "not-the-system": `!(${system} || (${is("services")} && ${loadBalancerController}))` },
  variables: { tenant: `namespaceObject.metadata.labels[${celText(tenantLabel)}]` },
  validations: [
    {
      expression: of(
        "endpoints",
        `!has(object.subsets) || object.subsets.all(s, ${["addresses", "notReadyAddresses"]
          .map((list) => `(!has(s.${list}) || s.${list}.all(a, !${isPlatforms("a.ip")} && !${foreignTarget("a")}))`)
          .join(" && ")})`,
      ),
      message: foreignEndpoints,
    },
    {
      expression: of(
        "endpointslices",
        `object.addressType == 'FQDN' || !has(object.endpoints) || object.endpoints.all(e, !${foreignTarget("e")} && (!has(e.addresses) || e.addresses.all(a, !${isPlatforms("a")})))`,
      ),
      message: foreignEndpoints,
    },
    {
      expression: [
        `!(${is("endpoints")} && object.metadata.name == variables.tenant)`,
        `!(${is("endpointslices")} && ${serviceName} in ${labelsOf("object")} && object.metadata.labels[${serviceName}] == variables.tenant)`,
      ].join(" && "),
      message: "the endpoints of the virtual cluster's own Service are its pods', as Kubernetes finds them",
    },
    {
      expression: of(
        "pods",
        `!has(object.status) || (${["podIP", "podIPs", "hostIP", "hostIPs"].map(same).join(" && ")})`,
      ),
      message: "a pod's addresses are told by its node",
    },
    {
      expression: of(
        "pods",
        `${labelsOf("object")} == ${labelsOf("oldObject")} && (!has(object.metadata.finalizers) || object.metadata.finalizers.all(f, has(oldObject.metadata.finalizers) && f in oldObject.metadata.finalizers))`,
      ),
      message:
        "a pod's labels and finalizers are not changed by way of its status: network policies and drains go by them",
    },
    {
      expression: of("services", `!has(object.status) || (${same("loadBalancer")})`),
      message: "the address of a load balancer is told by whoever gave it, the cloud (CVE-2020-8554)",
    },
  ],
};
