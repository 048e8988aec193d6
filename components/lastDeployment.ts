import * as pulumi from "@pulumi/pulumi";
import { type Deployed, nothingDeployed } from "../model/rules/transitions.ts";

/**
 * What this stack's last deployment left behind: its own outputs `tenants` and `retained`, or nothing on the first run.
 * Reading them registers nothing that could change the stack.
 */
export async function lastDeployment(): Promise<Deployed> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const reference = new pulumi.StackReference(self);
  const [tenants, retained] = await Promise.all(
    ["tenants", "retained"].map((name) => reference.getOutputDetails(name)),
  );
  return {
    tenants: (tenants?.value as Deployed["tenants"] | undefined) ?? nothingDeployed.tenants,
    retained: (retained?.value as Deployed["retained"] | undefined) ?? nothingDeployed.retained,
  };
}
