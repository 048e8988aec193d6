import { upgradePatches } from "../../sandbox/cloud/azure.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import type { TestProject } from "./project.ts";

const cloudOf = ({ root, stack }: TestProject) => new Cloud(stackFiles(root, stack).cloud);

/** Lets the simulated AKS upgrade its clusters to their next patch by itself. */
export function upgradePatchesOf(project: TestProject): Promise<void> {
  return upgradePatches(cloudOf(project));
}
