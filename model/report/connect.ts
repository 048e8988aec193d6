import { effectiveRights } from "../access/effectiveRights.ts";
import { privateZone } from "../deploy/hostNetwork.ts";
import { internalReach } from "../settings/reach.ts";
import type { Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";

/** How each of a tenant's people gets into its virtual cluster, with the command where there is one. */
export function connectLines(stack: string, tenant: Tenant, settings: Settings): string[] {
  const { name, namespace, lifecycle, expose } = tenant;
  if (lifecycle !== "active") return [`nobody: it is ${lifecycle}, and its control plane is stopped`];
  const rights = Object.entries(effectiveRights(tenant, { signIn: settings.signIn !== undefined }));
  const by = (way: string) => rights.filter(([, right]) => right.way === way).map(([list]) => list);
  const opening = ["platform administrators", ...by("control plane")].join(", ");
  const signing = by("access");
  const outside = [...by("no sign-in"), ...by("unreachable")];
  return [
    `${opening}: vcluster connect ${name} --namespace ${namespace}`,
    ...(signing.length === 0
      ? []
      : [
          `${signing.join(", ")}: npm run --silent tenants -- kubeconfig ${name} --stack ${stack} > ${name}.kubeconfig`,
        ]),
    ...(outside.length === 0 ? [] : [`${outside.join(", ")}: cannot by themselves ('tenants check' says why)`]),
    expose === "none"
      ? "it has no address of its own: these commands reach it by port-forward, through the host"
      : addressLine(tenant, settings),
  ];
}

/** From where an address is reached, and the name that it has. */
function addressLine({ name, expose, allowedCidrs }: Tenant, { azure, existingCluster }: Settings): string {
  if (expose === "public") {
    const named = azure === undefined ? "" : "; its name is the stack's output 'host'";
    return `it has a public address, reached from ${allowedCidrs.join(", ")}${named}`;
  }
  const reach = internalReach({ azure, existingCluster });
  const from = reach.reachable ? `reached from ${reach.from}` : reach.why;
  const fixed = azure?.network.addresses[name];
  const isNamed = azure !== undefined && fixed !== undefined && azure.network.privateDnsZone !== "";
  const where = [...(isNamed ? [`${name}.${privateZone(azure).domain}`] : []), ...(fixed === undefined ? [] : [fixed])];
  return `it has an internal address${where.length === 0 ? "" : ` (${where.join(", ")})`}, ${from}`;
}
