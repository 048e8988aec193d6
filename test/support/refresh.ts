import { readFileSync, writeFileSync } from "node:fs";
import { upgradePatches } from "../../sandbox/cloud/azure.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider } from "../../sandbox/cloud/provider.ts";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn, providerType } from "../../sandbox/engine/urn.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import type { TestProject } from "./project.ts";

const cloudOf = ({ root, stack }: TestProject) => new Cloud(stackFiles(root, stack).cloud);

/** Lets the simulated AKS upgrade its clusters to their next patch by itself. */
export function upgradePatchesOf(project: TestProject): Promise<void> {
  return upgradePatches(cloudOf(project));
}

/** Does to a stack's state what `pulumi refresh` does: each resource is as its provider reads it. */
export async function refresh(project: TestProject): Promise<void> {
  const { state } = stackFiles(project.root, project.stack);
  const file = JSON.parse(readFileSync(state, "utf8")) as { deployment: { resources: ResourceState[] } };
  const provider = new CloudProvider(cloudOf(project), () => undefined);
  const isRead = ({ urn, custom }: ResourceState) =>
    custom && !urn.includes("::pulumi:") && !parseUrn(urn).type.startsWith(providerType);
  const refreshed = file.deployment.resources.map(async (resource) => {
    if (!isRead(resource)) return resource;
    const { props, inputs } = await provider.read(resource.id ?? "", resource.urn, resource.outputs ?? {});
    return { ...resource, outputs: props, ...(inputs !== undefined && { inputs }) };
  });
  file.deployment.resources = await Promise.all(refreshed);
  writeFileSync(state, JSON.stringify(file));
}
