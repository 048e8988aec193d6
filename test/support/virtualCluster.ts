import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "./kubectl.ts";

/** A way into a virtual cluster. */
export interface Connection {
  /** The path of its administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly close: () => void;
}

/** Connects as `vcluster connect` does, by port-forward and the administrator's kubeconfig. */
export async function connectVirtualCluster(name: string, namespace: string): Promise<Connection> {
  const folder = mkdtempSync(join(tmpdir(), "vcluster-"));
  const port = await freePort();
  const forwarding = ["port-forward", "-n", namespace, `service/${name}`, `${port}:443`];
  const forward = spawn("kubectl", forwarding, { stdio: "ignore" });
  const close = () => {
    forward.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const kubeconfig = join(folder, "kubeconfig");
  for (let attempt = 0; ; attempt++) {
    try {
      const encoded = kubectl("get", "secret", `vc-${name}`, "-n", namespace, "-o", "jsonpath={.data.config}");
      const text = Buffer.from(encoded, "base64")
        .toString("utf8")
        .replace(/server: \S+/, `server: https://localhost:${port}`);
      writeFileSync(kubeconfig, text, { mode: 0o600 });
      kubectl("--kubeconfig", kubeconfig, "get", "namespaces");
      return { kubeconfig, close };
    } catch (error) {
      // The control plane writes its kubeconfig some seconds after it is ready.
      if (attempt === 60) {
        close();
        throw error;
      }
      await sleep(2000);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}
