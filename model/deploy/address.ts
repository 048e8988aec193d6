import { v5 as uuidv5 } from "uuid";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { type Values, valueAt } from "./chartFacts.ts";
import { privateZone } from "./hostNetwork.ts";

/** The annotations with which cloud providers are told what a Service of type LoadBalancer gets begin with this. */
const cloudPrefix = "service.beta.kubernetes.io/";
/** Makes Azure give a Service of type LoadBalancer an address of the virtual network. Source: AKS, "internal load balancer". */
const internalAnnotation = `${cloudPrefix}azure-load-balancer-internal`;
/** Fixes the address of a load balancer. Source: cloud-provider-azure, "LoadBalancer annotations". */
export const fixedAddressAnnotation = `${cloudPrefix}azure-load-balancer-ipv4`;
/** Gives a public address a name in the region. Source: the same. */
export const dnsLabelAnnotation = `${cloudPrefix}azure-dns-label-name`;

/** How a tenant's API server is found from outside: what its Service asks of the load balancer, and its name. */
export interface Address {
  readonly annotations: Readonly<Record<string, string>>;
  /** Set where the address is known before there is one. */
  readonly fixed?: string;
  /** A name that stays, and that the certificate has; undefined where people go by the address. */
  readonly host?: string;
}

/** What decides it. */
export interface AddressContext {
  readonly settings: Pick<Settings, "azure">;
  /** The subscription that the cluster is in; undefined where no tenant needs it, or the host is not Azure's. */
  readonly subscriptionId: string | undefined;
}

/** How a tenant is found from outside; undefined where it has no address of its own. */
export function addressOf(tenant: Tenant, context: AddressContext): Address | undefined {
  if (tenant.expose === "none") return undefined;
  return tenant.expose === "internal" ? internalAddress(tenant, context) : publicAddress(tenant, context);
}

/**
 * What the release's Service asks of the host's load balancer, as the tenant's file exposes it. The namespace says it too,
 * and the guard of the host refuses any other.
 */
export function loadBalancerAnnotations(
  { expose }: Pick<Tenant, "expose">,
  address: Address | undefined,
): Readonly<Record<string, string>> {
  // Whatever else is known of the address: without this one, it would be public.
  return { ...(expose === "internal" && { [internalAnnotation]: "true" }), ...address?.annotations };
}

function internalAddress({ name }: Tenant, { settings: { azure } }: AddressContext): Address {
  const fixed = azure?.network.addresses[name];
  const annotations = { [internalAnnotation]: "true" };
  if (azure === undefined || fixed === undefined) return { annotations };
  const host = azure.network.privateDnsZone === "" ? undefined : `${name}.${privateZone(azure).domain}`;
  return {
    annotations: { ...annotations, [fixedAddressAnnotation]: fixed },
    fixed,
    ...(host !== undefined && { host }),
  };
}

/** Seed of labels: every other one names every public tenant anew. */
const labels = "0c4b1d0e-9f0b-5a7e-8b43-6d6f5e1c2a77";
/** Most characters of a label of a public address. Source: Azure, "Public IP addresses", DNS name label. */
const maxLabel = 63;
/** Characters of the part that makes a label the only one of its kind. */
const unique = 10;

/**
 * A public address gets a label that is nobody else's in the region, and so a name that stays when the address changes. It is
 * derived from where the cluster is, with its subscription: others call their tenants and clusters the same.
 */
function publicAddress({ name }: Tenant, { settings: { azure }, subscriptionId }: AddressContext): Address {
  if (azure === undefined || subscriptionId === undefined) return { annotations: {} };
  const { clusterName, resourceGroup, location } = azure;
  const hash = uuidv5([subscriptionId, resourceGroup, clusterName, name].join("|").toLowerCase(), labels)
    .replaceAll("-", "")
    .slice(0, unique);
  const cluster = clusterName.toLowerCase().replaceAll("_", "-");
  const words = `${name}-${cluster}`.slice(0, maxLabel - unique - 1).replace(/-+$/, "");
  const label = `${words}-${hash}`;
  return { annotations: { [dnsLabelAnnotation]: label }, host: hostOfLabel(label, location) };
}

/** The name of a public address with this label. Source: Azure, "Public IP addresses", DNS name label. */
export function hostOfLabel(label: string, location: string): string {
  return `${label}.${location}.cloudapp.azure.com`;
}

/** How a release with these values is exposed; the annotation stands for Azure's load balancer alone. */
export function exposureOf(values: Values): Tenant["expose"] {
  if (valueAt(values, "controlPlane.service.spec.type") !== "LoadBalancer") return "none";
  return annotationsOf(values)[internalAnnotation] === "true" ? "internal" : "public";
}

/** What the Service of a release with these values asks of the load balancer. */
export function annotationsOf(values: Values): Readonly<Record<string, unknown>> {
  return (valueAt(values, "controlPlane.service.annotations") ?? {}) as Readonly<Record<string, unknown>>;
}
