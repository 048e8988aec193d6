import * as pulumi from "@pulumi/pulumi";
import type { DeployedTenants } from "../model/transitions.ts";

/**
 * What this stack's last deployment said of its tenants: its own output `tenants`, or nothing on the first run.
 * Reading it registers nothing that could change the stack.
 */
export async function deployedTenants(): Promise<DeployedTenants> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference(self).getOutputDetails("tenants");
  return (value as DeployedTenants | undefined) ?? {};
}
