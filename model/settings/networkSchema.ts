import { z } from "zod";
import { isCidr, isIpv4 } from "../text/cidr.ts";

/** An IPv4 range, such as "10.0.0.0/16". */
export const cidr = z
  .string()
  .refine(isCidr, 'not an IPv4 range; write its first address and length, such as "10.0.0.0/16"');

/** A text that may be left empty, and is of a form otherwise. */
const emptyOr = (form: RegExp, otherwise: string) =>
  z
    .string()
    .refine((text) => text === "" || form.test(text), otherwise)
    .default("");

const group = "\\/subscriptions\\/[^/]+\\/resourceGroups\\/[^/]+\\/providers\\/Microsoft\\.Network";
const vnetForm = new RegExp(`^${group}\\/virtualNetworks\\/[^/]+$`, "i");
const subnetForm = new RegExp(`^${group}\\/virtualNetworks\\/[^/]+\\/subnets\\/[^/]+$`, "i");
const zoneForm = new RegExp(`^${group}\\/privateDnsZones\\/[^/]+$`, "i");
/** A domain of at least two labels, in lower case: what Azure takes for a private zone. */
const domainForm = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const startOfId = "/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network";

/** The subnet of the nodes and of internal load balancers (setting `azure.network.subnet`): one to make, or one that is there. */
const subnet = z.strictObject({
  cidr: cidr.describe("addresses of the nodes and of internal load balancers"),
  vnetCidr: z
    .string()
    .refine((range) => range === "" || isCidr(range), 'not an IPv4 range, such as "10.10.0.0/16"')
    .default("")
    .describe("addresses of the virtual network that the program makes around the subnet; empty with id"),
  id: emptyOr(subnetForm, `not the id of a subnet: ${startOfId}/virtualNetworks/<name>/subnets/<name>`).describe(
    "id of a subnet that is there; empty with vnetCidr",
  ),
});

const reach = z.strictObject({
  vnet: emptyOr(vnetForm, `not the id of a virtual network: ${startOfId}/virtualNetworks/<name>`).describe(
    "id of a virtual network that the program's own is peered with; empty with routed",
  ),
  cidrs: z.array(cidr).default([]).describe("its addresses, which may overlap with nothing here"),
  gateway: z.boolean().default(false).describe("true where that network's gateway leads on, to an office for example"),
  routed: z.string().trim().default("").describe("who routes to the subnet by other means; empty with vnet"),
});

/** Setting `azure.network`. */
export const networkSchema = z.strictObject({
  podCidr: cidr.default("10.244.0.0/16").describe("addresses of the pods (overlay network)"),
  serviceCidr: cidr.default("10.0.0.0/16").describe("addresses of the Services"),
  dnsServiceIp: z
    .string()
    .refine(isIpv4, "not an IPv4 address")
    .default("10.0.0.10")
    .describe("address of the cluster's DNS, inside serviceCidr"),
  subnet: subnet.optional().describe("a network of one's own for the nodes: cidr, and vnetCidr or id"),
  reachableFrom: z
    .array(reach)
    .default([])
    .describe(
      "from where internal addresses are reached: { vnet, cidrs, gateway } to peer with, or { routed: <by whom> }",
    ),
  privateDnsZone: z
    .string()
    .refine(
      (zone) => zone === "" || domainForm.test(zone) || zoneForm.test(zone),
      `neither a domain in lower case, such as aks.contoso.internal, nor the id of a zone: ${startOfId}/privateDnsZones/<domain>`,
    )
    .default("")
    .describe("private zone for the names of internal tenants: a domain to make it of, or the id of one that is there"),
  addresses: z
    .record(z.string(), z.string().refine(isIpv4, "not an IPv4 address"))
    .default({})
    .describe("fixed addresses of internal tenants, by the tenant's name"),
});

/** The network's settings. */
export type NetworkSettings = z.output<typeof networkSchema>;
/** One of `azure.network.reachableFrom`. */
export type Reach = NetworkSettings["reachableFrom"][number];
