import { allowedCidrsAnnotation, exposeAnnotation, tenantLabel } from "../namespace.ts";
import { celList, celText, type GuardRule } from "./policy.ts";

/** The annotations with which cloud providers are told what a Service of type LoadBalancer gets. */
const cloudPrefix = "service.beta.kubernetes.io/";

/** Makes Azure give a Service an address of the virtual network. Source: AKS, "internal load balancer". */
export const internalAnnotation = `${cloudPrefix}azure-load-balancer-internal`;

/**
 * Those that the release may have. All others attach an address, another resource group, another subnet or a private link.
 * Source: cloud-provider-azure, "LoadBalancer annotations".
 */
const allowed = [internalAnnotation, `${cloudPrefix}azure-dns-label-name`];

const isLoadBalancer = "object.spec.type == 'LoadBalancer'";
const ofLoadBalancer = (expression: string) => `${isLoadBalancer} ? (${expression}) : true`;
const annotationsOf = (what: string) => `(has(${what}.metadata.annotations) ? ${what}.metadata.annotations : {})`;

/**
 * Services of a tenant's namespace, whoever makes them. The one that may have an address outside of the cluster is the
 * release's, and only what the tenant's file exposes, which its namespace says. What is not changed is not judged, so
 * that a load balancer can always be taken down.
 *
 * @param annotations annotations that the stack's own values put on everything (`controlPlane.advanced.globalMetadata`)
 */
export function services(annotations: readonly string[]): GuardRule {
  const keys = [...new Set([...allowed, ...annotations.filter((key) => key.startsWith(cloudPrefix))])];
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
      cidrs: `${celText(allowedCidrsAnnotation)} in variables.said ? variables.said[${celText(allowedCidrsAnnotation)}].split(',') : []`,
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
          `variables.annotations.all(k, !k.startsWith(${celText(cloudPrefix)}) || k in ${celList(keys)})`,
        ),
        message: `of the annotations '${cloudPrefix}…' a tenant's load balancer has none but ${keys.join(", ")}`,
      },
      {
        expression: ofLoadBalancer(
          `variables.expose != 'internal' || (${celText(internalAnnotation)} in variables.annotations && variables.annotations[${celText(internalAnnotation)}] == 'true')`,
        ),
        message: `the tenant's file says 'expose: internal': its load balancer has the annotation ${internalAnnotation}: "true"`,
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
