import { recoverCommand } from "../../model/recovery/errors.ts";
import { isHalfway, newest } from "../../model/recovery/releases.ts";
import { helmRevisions } from "../helmRecords.ts";
import { ask } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

const subject = "releases";

/**
 * Helm releases of the stack's tenants that an interrupted deployment has left halfway: Helm touches none of them until
 * somebody has said what is to become of it.
 *
 * @param cluster kubectl's flags for the host
 */
export async function checkReleases(
  cluster: readonly string[],
  namespaces: readonly string[],
  stack: string,
): Promise<Finding[]> {
  const found = await helmRevisions(cluster);
  if (!Array.isArray(found)) {
    if (!found.installed) return [];
    return [unsure(subject, `whether one is stuck: ${found.reason}`, "ask as somebody who may list Secrets")];
  }
  // What an older revision is does not matter to Helm.
  const stuck = [...newest(found.filter(({ namespace }) => namespaces.includes(namespace))).values()].filter(
    (one) => isHalfway(one) || one.status === "uninstalling",
  );
  if (stuck.length === 0) return [ok(subject, "none is stuck halfway")];
  const fix = `see that no deployment runs, then: ${recoverCommand(stack)}`;
  return stuck.map(({ namespace, name, status }) =>
    broken(subject, `'${name}' in namespace '${namespace}' is ${status}: Helm does nothing more with it`, fix),
  );
}

/** kubectl's flags for the stack's own cluster: none where its context is that cluster's, undefined where it is another's. */
export async function ownContext(server: string): Promise<readonly string[] | undefined> {
  const question = ["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"];
  const { stdout } = await ask("kubectl", question);
  return stdout.trim().toLowerCase().startsWith(`https://${server.toLowerCase()}`) ? [] : undefined;
}
