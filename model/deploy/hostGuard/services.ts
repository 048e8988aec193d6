import { cloudPrefix } from "../address.ts";
import { allowedCidrsAnnotation, exposeAnnotation, loadBalancerAnnotation, tenantLabel } from "../namespace.ts";
import { celList, celText, type GuardRule } from "./policy.ts";

const isLoadBalancer = "object.spec.type == 'LoadBalancer'";
const ofLoadBalancer = (expression: string) => `${isLoadBalancer} ? (${expression}) : true`;
const said = (annotation: string) =>
  `${celText(annotation)} in variables.said ? variables.said[${celText(annotation)}].split(',') : []`;
const annotationsOf = (what: string) => `(has(${what}.metadata.annotations) ? ${what}.metadata.annotations : {})`;

/**
 * Services of a tenant's namespace, whoever makes them. The one that may have an address outside of the cluster is the
 * release's, and only what the tenant's file exposes, which its namespace says. What is not changed is not judged, so
 * that a load balancer can always be taken down.
 *
 * @param annotations annotations that the stack's own values put on everything (`controlPlane.advanced.globalMetadata`)
 */
export function services(annotations: readonly string[]): GuardRule {
  const ofStack = annotations.filter((key) => key.startsWith(cloudPrefix));
  return {
    name: "services",
    resources: [{ apiGroups: [""], resources: ["services"], operations: ["CREATE", "UPDATE"] }],
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
        expression: ofLoadBalancer(
          `variables.annotations.all(k, !k.startsWith(${celText(cloudPrefix)}) || k in ${celList(ofStack)} || k + '=' + variables.annotations[k] in variables.asked)`,
        ),
        message: `a tenant's load balancer asks for nothing by annotations '${cloudPrefix}…' but what its file exposes`,
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
        expression: String.raw`object.spec.type != 'ExternalName' || !object.spec.externalName.matches('(^|\\.)svc(\\.|$)|^[0-9.]+$')`,
        message: "a Service of type ExternalName names no Service of another namespace, and no address",
      },
    ],
  };
}
