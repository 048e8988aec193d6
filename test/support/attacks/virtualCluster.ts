import { execFileSync } from "node:child_process";
import { connectVirtualCluster } from "../virtualCluster.ts";
import { Api } from "./api.ts";

/**
 * How the suite gets into a virtual cluster, as its administrator. Environment variable `VIRTUAL_CLUSTER`: left out, by
 * port-forward and Secret `vc-<name>`, which needs nodes that run pods, as kind's; `none` where there are none; or a
 * command that is given namespace and name and prints the path of a kubeconfig.
 */
export class VirtualClusterAccess {
  readonly api: Api;
  readonly #disconnect: () => void;

  private constructor(api: Api, disconnect: () => void) {
    this.api = api;
    this.#disconnect = disconnect;
  }

  /** Why there is no way in; undefined where there is one. */
  static get missing(): string | undefined {
    return process.env.VIRTUAL_CLUSTER === "none" ? "VIRTUAL_CLUSTER is 'none'" : undefined;
  }

  /** @param name the tenant's name and its namespace's */
  static async open(name: string): Promise<VirtualClusterAccess> {
    const command = process.env.VIRTUAL_CLUSTER;
    const connection =
      command === undefined
        ? await connectVirtualCluster(name, name)
        : { kubeconfig: execFileSync(command, [name, name], { encoding: "utf8" }).trim(), close: () => {} };
    return new VirtualClusterAccess(await Api.connect(connection.kubeconfig), connection.close);
  }

  close(): void {
    this.api.close();
    this.#disconnect();
  }
}
