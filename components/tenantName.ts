import { PrivateRecordSet } from "@pulumi/azure-native/privatedns/privateRecordSet.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Address } from "../model/deploy/address.ts";
import type { NameZone } from "./hostNetwork.ts";

/** Seconds that a resolver may keep a name: an address that is changed in the settings is found soon. */
const timeToLive = 300;

/**
 * Registers the name of an internal tenant with a fixed address in the stack's private zone; nothing where it has none. One
 * more registration, for those tenants alone: docs/decisions/0011.
 */
export function recordName(
  tenant: string,
  address: Address | undefined,
  zone: NameZone | undefined,
  parent: pulumi.Resource,
): void {
  if (zone === undefined || address?.fixed === undefined || address.host === undefined) return;
  new PrivateRecordSet(
    `${tenant}-name`,
    {
      resourceGroupName: zone.resourceGroup,
      privateZoneName: zone.name,
      recordType: "A",
      relativeRecordSetName: tenant,
      ttl: timeToLive,
      aRecords: [{ ipv4Address: address.fixed }],
    },
    { parent },
  );
}
