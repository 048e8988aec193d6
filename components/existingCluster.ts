import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingClusterSettings } from "../model/settings/settingsSchema.ts";

/** A cluster that is there already, reached by a kubeconfig. Nothing of Azure or Entra ID is registered for it. */
export class ExistingCluster extends pulumi.ComponentResource {
  readonly provider: Provider;

  constructor(name: string, settings: ExistingClusterSettings, opts?: pulumi.ComponentResourceOptions) {
    super("virtual-clusters:index:ExistingCluster", name, { clusterName: settings.name }, opts);
    this.provider = new Provider(
      `${name}-provider`,
      {
        // The path, never the content: a kubeconfig may hold credentials, and inputs are kept in the state.
        ...(settings.kubeconfig !== "" && { kubeconfig: settings.kubeconfig }),
        ...(settings.context !== "" && { context: settings.context }),
        clusterIdentifier: settings.name,
        // Otherwise a change of who has access would delete the file that says it, and make it anew.
        enableConfigMapMutable: true,
      },
      { parent: this },
    );
    // By its name: the provider itself holds a kubeconfig.
    this.registerOutputs({ provider: this.provider.urn });
  }
}
