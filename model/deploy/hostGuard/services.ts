import { allowedCidrsAnnotation, exposeAnnotation, loadBalancerAnnotation, tenantLabel } from "../namespace.ts";
import { releaseApps } from "../releaseApps.ts";
import { celList, celText, type GuardRule } from "./policy.ts";
import { loadBalancerController } from "./who.ts";

const isLoadBalancer = "object.spec.type == 'LoadBalancer'";
const ofLoadBalancer = (expression: string) => `${isLoadBalancer} ? (${expression}) : true`;
const ofRelease = (expression: string) => `object.metadata.name != variables.tenant || (${expression})`;
const said = (annotation: string) =>
  `${celText(annotation)} in variables.said ? variables.said[${celText(annotation)}].split(',') : []`;
const annotationsOf = (what: string) => `(has(${what}.metadata.annotations) ? ${what}.metadata.annotations : {})`;

/** Annotations that ask nobody for anything: Helm's, the syncer's, and what `kubectl apply` remembers. */
const harmless = [
  "k.startsWith('meta.helm.sh/')",
  "k.startsWith('vcluster.loft.sh/')",
  "k == 'kubectl.kubernetes.io/last-applied-configuration'",
];

/** The one port of an exposed virtual cluster. Source: chart 0.36.1, service.yaml. */
const port = 443;

/**
 * Services of a tenant's namespace, whoever makes them. The one that may have an address outside of the cluster is the
 * release's, and only what the tenant's file exposes, which its namespace says. It leads to the control plane and nowhere
 * else: load balancers reach what no network policy lets a pod reach. What is not changed is not judged, so that a
 * load balancer can always be taken down. `services/status` takes annotations, too.
 *
 * @param annotations annotations that the stack's own values put on everything, as `<annotation>=<value>`
 *   (`controlPlane.advanced.globalMetadata`)
 */
export function services(annotations: readonly string[]): GuardRule {
  const known = [
    ...harmless,
    "(k in variables.before && variables.before[k] == variables.annotations[k])",
    `k + '=' + variables.annotations[k] in ${celList(annotations)}`,
    "k + '=' + variables.annotations[k] in variables.asked",
  ].join(" || ");
  return {
    name: "services",
    resources: [
      { apiGroups: [""], resources: ["services"], operations: ["CREATE", "UPDATE"] },
      { apiGroups: [""], resources: ["services/status"], operations: ["UPDATE"] },
    ],
    conditions: {
      changed: `request.operation == 'CREATE' || object.spec != oldObject.spec || ${annotationsOf("object")} != ${annotationsOf("oldObject")}`,
    },
    variables: {
      tenant: `namespaceObject.metadata.labels[${celText(tenantLabel)}]`,
      said: "has(namespaceObject.metadata.annotations) ? namespaceObject.metadata.annotations : {}",
      expose: `${celText(exposeAnnotation)} in variables.said ? variables.said[${celText(exposeAnnotation)}] : 'none'`,
      cidrs: said(allowedCidrsAnnotation),
      asked: said(loadBalancerAnnotation),
      annotations: annotationsOf("object"),
      // What a load balancer has already: its controller may have written it.
      before: `oldObject != null && oldObject.spec.type == 'LoadBalancer' ? ${annotationsOf("oldObject")} : {}`,
    },
    validations: [
      {
        expression: "!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0",
        message: "a Service with externalIPs takes traffic that is meant for others (CVE-2020-8554)",
      },
      {
        expression: "object.spec.type != 'NodePort'",
        message: "a Service of a tenant takes no port of the nodes (type NodePort)",
      },
      {
        expression: ofLoadBalancer(
          "object.metadata.name == variables.tenant && variables.expose in ['internal', 'public']",
        ),
        message:
          "the one Service of type LoadBalancer is the virtual cluster's own, and only where its file exposes it",
      },
      {
        expression: ofLoadBalancer(
          "(!has(object.spec.loadBalancerIP) || object.spec.loadBalancerIP == '') && !has(object.spec.loadBalancerClass)",
        ),
        message: "a tenant's load balancer names no address and no class: it gets one of its own",
      },
      {
        // Without node ports, no quota would count the ports.
        expression: ofLoadBalancer(
          `object.spec.ports.size() == 1 && object.spec.ports[0].port == ${port} && (!has(object.spec.allocateLoadBalancerNodePorts) || object.spec.allocateLoadBalancerNodePorts)`,
        ),
        message: `a tenant's load balancer has port ${port} alone, with its node port: all tenants share the rules of one`,
      },
      {
        // Asked last, and seldom: controllers of load balancers write annotations, each its own.
        expression: ofLoadBalancer(`variables.annotations.all(k, ${known}) || ${loadBalancerController}`),
        message:
          "a tenant's load balancer asks for nothing by annotations but what its file exposes: no address, no name, no pool",
      },
      {
        expression: ofLoadBalancer(
          "variables.asked.all(a, variables.annotations.exists(k, k + '=' + variables.annotations[k] == a))",
        ),
        message: "a tenant's load balancer keeps the annotations by which it is exposed as its file says",
      },
      {
        expression: ofLoadBalancer(
          "variables.expose != 'public' || (has(object.spec.loadBalancerSourceRanges) && object.spec.loadBalancerSourceRanges.size() > 0 && object.spec.loadBalancerSourceRanges.all(r, r in variables.cidrs))",
        ),
        message: "the tenant's file says which ranges reach its load balancer (allowedCidrs), and no others do",
      },
      {
        expression: ofRelease(
          `object.spec.type != 'ExternalName' && has(object.spec.selector) && object.spec.selector == {'app': '${releaseApps.controlPlane}', 'release': variables.tenant}`,
        ),
        message: "the virtual cluster's own Service leads to its control plane, and to no other pods or addresses",
      },
      {
        expression: String.raw`object.spec.type != 'ExternalName' || !object.spec.externalName.matches('(^|\\.)svc(\\.|$)|^[0-9.]+$')`,
        message: "a Service of type ExternalName names no Service of another namespace, and no address",
      },
    ],
  };
}
