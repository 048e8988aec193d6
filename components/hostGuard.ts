import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { Values } from "../model/deploy/chartFacts.ts";
import { ciliumDenials } from "../model/deploy/hostGuard/cilium.ts";
import { hostGuard } from "../model/deploy/hostGuard/hostGuard.ts";

export interface HostGuardArgs {
  /** What the stack's guard is called: the start of its policies' names. */
  readonly guard: string;
  /** The stack's own chart values, which must pass (setting `vcluster.helmValues`). */
  readonly helmValues: Values;
  /** Whether the host's network is Cilium, which can deny what no policy of a release can. */
  readonly cilium: boolean;
  /** Whether pods reach the host's API server at a private address. */
  readonly privateApiServer: boolean;
  /** Whether the guard refuses to be deleted: without it a tenant's administrators reach other tenants. */
  readonly protect: boolean;
}

/**
 * The guard of the host: admission policies that refuse what a role in a tenant's namespace would allow. Once a stack,
 * whatever tenants there are; their namespaces come after it.
 */
export class HostGuard extends pulumi.ComponentResource {
  /** What puts the policies into force, to depend on. */
  readonly bindings: readonly pulumi.Resource[];

  constructor(
    name: string,
    { guard, helmValues, cilium, privateApiServer, protect }: HostGuardArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("virtual-clusters:index:HostGuard", name, { guard }, opts);
    const options = { parent: this, protect };
    // Whoever may not make one is told once: the others come after it.
    let first: pulumi.Resource | undefined;
    const after = () => ({ ...options, ...(first !== undefined && { dependsOn: first }) });
    const bindings: pulumi.Resource[] = hostGuard(guard, helmValues).map(({ name: rule, policy, binding }) => {
      const made = new ValidatingAdmissionPolicy(`${name}-${rule}`, policy, after());
      first ??= made;
      return new ValidatingAdmissionPolicyBinding(`${name}-${rule}-binding`, binding, { ...options, dependsOn: made });
    });
    if (cilium) {
      bindings.push(new CustomResource(`${name}-network`, ciliumDenials(guard, { privateApiServer }), after()));
    }
    this.bindings = bindings;
    this.registerOutputs({ guard });
  }
}
