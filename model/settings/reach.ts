import type { AzureSettings, Settings } from "./settingsSchema.ts";

/** Whether an internal address leads anywhere on a stack: from where, or why not. */
export type InternalReach =
  | { readonly reachable: true; readonly from: string }
  | { readonly reachable: false; readonly why: string; readonly needs: string };

/** What decides it of a stack's settings. */
type Host = {
  readonly azure?: Pick<AzureSettings, "network"> | undefined;
  readonly existingCluster?: Settings["existingCluster"];
};

/**
 * Whether anybody reaches an internal address (`expose: internal`). An address of a load balancer lies in the network of the
 * nodes, and that is AKS's own where a stack has no subnet: it is peered with nothing, and nobody else may change it.
 */
export function internalReach({ azure, existingCluster }: Host): InternalReach {
  if (azure !== undefined) return reachOfAzure(azure);
  const from = existingCluster?.reachableFrom ?? "";
  if (from !== "") return { reachable: true, from };
  return {
    reachable: false,
    why: "nothing says from where the cluster's load balancer is reached; one that is not Azure's may even give a public address",
    needs: "existingCluster.reachableFrom",
  };
}

function reachOfAzure({ network: { subnet, reachableFrom } }: Pick<AzureSettings, "network">): InternalReach {
  if (subnet === undefined) {
    return {
      reachable: false,
      why: "the address would lie in AKS's own network, which AKS alone may change and which is peered with nothing",
      needs: "azure.network.subnet and reachableFrom, from a cluster's first deployment on",
    };
  }
  const stated = reachableFrom.map(({ vnet, routed }) => (vnet === "" ? routed : lastPart(vnet)));
  if (subnet.id === "" && stated.length === 0) {
    return {
      reachable: false,
      why: "the address would lie in a network that the program makes and that nothing leads to yet",
      needs: "azure.network.reachableFrom",
    };
  }
  const own = subnet.id === "" ? [] : [`the network of subnet ${lastPart(subnet.id)}`];
  return { reachable: true, from: new Intl.ListFormat("en").format([...own, ...stated]) };
}

/** The name at the end of a resource id. */
export function lastPart(id: string): string {
  return id.split("/").at(-1) ?? id;
}
