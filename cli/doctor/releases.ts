import { shellCommand } from "../../model/text/shell.ts";
import { ask } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

const subject = "releases";

/**
 * Helm releases of the stack's tenants that an interrupted deployment has left halfway: Helm touches none of them until
 * somebody has said what is to become of it. Names and labels alone are asked for, never what the Secrets hold.
 *
 * @param cluster kubectl's flags for the host
 */
export async function checkReleases(cluster: readonly string[], namespaces: readonly string[]): Promise<Finding[]> {
  const selector = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback,uninstalling)";
  // A table is made by the API server, from the objects' metadata.
  const columns = ["--label-columns", "name,status", "--no-headers"];
  const question = [...cluster, "--request-timeout", "15s", "get", "secrets", "--all-namespaces"];
  const reply = await ask("kubectl", [...question, "--selector", selector, ...columns]);
  if (!reply.ok) {
    if (!reply.installed) return [];
    return [unsure(subject, `whether one is stuck: ${reply.reason}`, "ask as somebody who may list Secrets")];
  }
  const stuck = reply.stdout.split("\n").flatMap((line) => {
    const [namespace = "", , , , , name = "", status = ""] = line.trim().split(/\s+/);
    return namespaces.includes(namespace) && name !== "" ? [{ namespace, name, status }] : [];
  });
  if (stuck.length === 0) return [ok(subject, "none is stuck halfway")];
  return stuck.map(({ namespace, name, status }) => {
    const undo = status === "pending-upgrade" || status === "pending-rollback" ? "rollback" : "uninstall";
    const fix = `see that no deployment runs, then: ${shellCommand(["helm", undo, name, "--namespace", namespace])}, and npm run up`;
    return broken(subject, `'${name}' in namespace '${namespace}' is ${status}: Helm does nothing more with it`, fix);
  });
}

/** kubectl's flags for the stack's own cluster: none where its context is that cluster's, undefined where it is another's. */
export async function ownContext(server: string): Promise<readonly string[] | undefined> {
  const question = ["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"];
  const { stdout } = await ask("kubectl", question);
  return stdout.trim().toLowerCase().startsWith(`https://${server.toLowerCase()}`) ? [] : undefined;
}
