import * as pulumi from "@pulumi/pulumi";
import { type Deployed, readDeployed } from "../model/rules/deployed.ts";

/** What the last deployment left behind. */
export interface LastDeployment extends Deployed {
  /** The output `tenants` as it is, for what is carried over. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * What this stack's last deployment left behind: its own outputs `tenants`, `retained` and `cluster`, or nothing on the
 * first run.
 * Reading them registers nothing that could change the stack.
 *
 * @throws UnreadableOutputs where they are there and cannot be read.
 */
export async function lastDeployment(): Promise<LastDeployment> {
  const stack = pulumi.getStack();
  const reference = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
  const [tenants, retained, cluster] = await Promise.all([
    reference.getOutputDetails("tenants"),
    reference.getOutputDetails("retained"),
    reference.getOutputDetails("cluster"),
  ]);
  const deployed = readDeployed({ tenants, retained, cluster }, stack);
  return { ...deployed, outputs: (tenants.value ?? {}) as LastDeployment["outputs"] };
}
