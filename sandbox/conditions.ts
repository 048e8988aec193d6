import { type Command, InvalidArgumentError } from "commander";
import { isIpv4 } from "../model/text/cidr.ts";
import { messageOf } from "../model/text/problems.ts";
import type { Conditions } from "./cloud/cloud.ts";
import { type Fault, faultKinds, parseFault } from "./cloud/faults.ts";
import { resourceTypes } from "./cloud/provider.ts";

/** What a command line says of the simulated cloud, as commander gives it. */
export interface ConditionOptions {
  readonly roleDelay?: number;
  /** False for an identity that may not read Entra ID. */
  readonly directory?: boolean;
  readonly vcpuQuota?: number;
  readonly requireTag?: string[];
  readonly resourceGroup?: string[];
  readonly upgradeUnderWay?: number;
  readonly from?: string;
  readonly fault?: Fault[];
}

function number(example: string) {
  return (value: string): number => {
    if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError(`Write a number ${example}.`);
    return Number(value);
  };
}

function address(value: string): string {
  if (!isIpv4(value)) throw new InvalidArgumentError("Write an IPv4 address, such as 203.0.113.9.");
  return value;
}

function fault(text: string): Fault {
  try {
    return parseFault(text, resourceTypes);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

const more = (value: string, before: string[] = []) => [...before, value];
const seconds = number("of seconds, such as 300");

/** Options that make a bad day of it: what Azure, a subscription's owner or a network may have in store. */
export function withConditions(command: Command, { deploys }: { readonly deploys: boolean }): Command {
  if (deploys) {
    command
      .option(
        "--role-delay <seconds>",
        "simulate that a new role assignment works only after a while, in Azure up to 300 seconds; waiting for it, a minute takes a second",
        seconds,
      )
      .option("--upgrade-under-way <seconds>", "simulate an upgrade of AKS's own that still takes as long", seconds)
      .option("--from <address>", "simulate that the deployment comes from this IPv4 address", address)
      .option(
        "--fault <fault>",
        `simulate that a step goes wrong: <type>[#name]:<kind>[xN], may be repeated; kinds: ${Object.keys(faultKinds).join(", ")}`,
        (text: string, before: Fault[] = []) => [...before, fault(text)],
      );
  }
  return command
    .option("--no-directory", "simulate a deploying identity that may not read Entra ID")
    .option(
      "--vcpu-quota <number>",
      "simulate a subscription with so many vCPUs a region (350)",
      number("of vCPUs, such as 20"),
    )
    .option("--require-tag <name>", "simulate an Azure Policy that requires a tag; may be repeated", more)
    .option("--resource-group <name>", "simulate a resource group that is there already; may be repeated", more);
}

/** The conditions that a command line asks for. */
export function conditionsOf(options: ConditionOptions): Partial<Conditions> {
  const { roleDelay, directory, vcpuQuota, requireTag, resourceGroup, upgradeUnderWay, from } = options;
  return {
    ...(roleDelay !== undefined && { roleDelay }),
    ...(directory !== undefined && { directoryReadable: directory }),
    ...(vcpuQuota !== undefined && { vCpuQuota: vcpuQuota }),
    ...(requireTag !== undefined && { requiredTags: requireTag }),
    ...(resourceGroup !== undefined && { resourceGroups: resourceGroup }),
    ...(upgradeUnderWay !== undefined && { upgradeUnderWay }),
    ...(from !== undefined && { deployer: from }),
  };
}
