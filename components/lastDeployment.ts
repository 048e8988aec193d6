import * as pulumi from "@pulumi/pulumi";
import type { ChangedRun } from "../model/deploy/changedRun.ts";
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
 * @param changed the run of changed tenants that this is. What it brings is enough for a preview; a deployment asks for itself
 * @throws UnreadableOutputs where they are there and cannot be read.
 */
export async function lastDeployment(changed: ChangedRun | undefined): Promise<LastDeployment> {
  const outputs = pulumi.runtime.isDryRun() ? changed?.outputs : undefined;
  const { tenants, retained, cluster } = outputs === undefined ? await ownOutputs() : given(outputs);
  const deployed = readDeployed({ tenants, retained, cluster }, pulumi.getStack());
  return { ...deployed, outputs: (tenants.value ?? {}) as LastDeployment["outputs"] };
}

async function ownOutputs() {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const reference = new pulumi.StackReference(name);
  const [tenants, retained, cluster] = await Promise.all([
    reference.getOutputDetails("tenants"),
    reference.getOutputDetails("retained"),
    reference.getOutputDetails("cluster"),
  ]);
  return { tenants, retained, cluster };
}

function given({ tenants, retained, cluster }: NonNullable<ChangedRun["outputs"]>) {
  return { tenants: { value: tenants }, retained: { value: retained }, cluster: { value: cluster } };
}
