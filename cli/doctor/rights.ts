import { type PrincipalType, rightsCommands } from "../../model/access/deployer.ts";
import { peerings, privateZone } from "../../model/deploy/hostNetwork.ts";
import { stackFile } from "../../model/settings/project.ts";
import type { Settings } from "../../model/settings/settingsSchema.ts";
import { Refusal } from "../../model/text/problems.ts";

interface Deployer {
  readonly stack: string;
  readonly principal: string | undefined;
  /** What that is: a pipeline's is a service principal. */
  readonly principalType: PrincipalType | undefined;
  readonly subscriptionId: string | undefined;
}

/**
 * What an owner of the subscription runs, so that a pipeline can deploy a stack and do next to nothing else: lines for a
 * shell, with the rest as its comments.
 *
 * @throws Refusal for a stack that has nothing of Azure.
 */
export function rightsToGive(
  { azure }: Pick<Settings, "azure">,
  { stack, principal, principalType, subscriptionId }: Deployer,
): string[] {
  if (azure === undefined) {
    throw new Refusal(`stack '${stack}' uses a cluster as it is (existingCluster): it needs no rights in Azure`);
  }
  const place = {
    ...azure,
    subnetId: azure.network.subnet?.id ?? "",
    peered: peerings(azure).map(({ vnet }) => vnet),
    zoneId: privateZone(azure).isOwn ? "" : azure.network.privateDnsZone,
    subscriptionId: subscriptionId || "<subscription id>",
  };
  return [
    "# Once, by an owner of the subscription (docs/identity.md says what each is for):",
    ...rightsCommands(place, principal ?? "<object id of the deploying identity>", principalType),
    azure.existingResourceGroup
      ? "# That the group is there, the stack's settings say already."
      : `# A new stack then says in ${stackFile(stack)}, below virtual-clusters:azure, existingResourceGroup: true. A stack that has made its group leaves that as it is.`,
    "# The identity must be among azure.clusterAdmins, too.",
  ];
}
