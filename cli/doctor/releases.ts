import { recoverCommand } from "../../model/recovery/errors.ts";
import { isHalfway, newest, previousOf, type Revision, releaseId } from "../../model/recovery/releases.ts";
import type { Tenant } from "../../model/tenant/tenantSchema.ts";
import { helmRevisions } from "../helmRecords.ts";
import { ask } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

const subject = "releases";

/**
 * The tenants' Helm releases that an interrupted deployment has left halfway, of which Helm touches none until somebody has said
 * what is to become of it, and those whose last upgrade failed. What else is installed in a tenant's namespace is its team's.
 *
 * @param cluster kubectl's flags for the host
 */
export async function checkReleases(
  cluster: readonly string[],
  tenants: readonly Pick<Tenant, "name" | "namespace">[],
  stack: string,
): Promise<Finding[]> {
  const found = await helmRevisions(cluster);
  if (!Array.isArray(found)) {
    if (!found.installed) return [unsure(subject, "whether one is stuck: kubectl is not on PATH", "install kubectl")];
    return [unsure(subject, `whether one is stuck: ${found.reason}`, "ask as somebody who may list Secrets")];
  }
  const own = new Set(tenants.map(releaseId));
  const revisions = found.filter((one) => own.has(releaseId(one)));
  // What an older revision is does not matter to Helm.
  const last = [...newest(revisions).values()];
  const stuck = last.filter((one) => isHalfway(one) || one.status === "uninstalling");
  const failed = last.filter(({ status }) => status === "failed");
  if (stuck.length + failed.length === 0) return [ok(subject, "none is stuck halfway, and none has failed")];
  const fix = `see that no deployment runs, then: ${recoverCommand(stack)}`;
  return [
    ...stuck.map(({ namespace, name, status }) =>
      broken(subject, `'${name}' in namespace '${namespace}' is ${status}: Helm does nothing more with it`, fix),
    ),
    ...failed.map((one) => failure(one, revisions, stack)),
  ];
}

/** A failed release keeps no deployment from going on: the next one upgrades it again. */
function failure(last: Revision, revisions: readonly Revision[], stack: string): Finding {
  const { namespace, name, revision, age } = last;
  const found = `'${name}' in namespace '${namespace}' is failed: revision ${revision}, for ${age}`;
  const forward = "mend the cause, and 'npm run up' goes forward";
  if (previousOf(last, revisions) === undefined) return unsure(subject, found, forward);
  const back = recoverCommand(stack, "--rollback", name);
  return unsure(subject, found, `${forward}; or, where both revisions allow it, back to the one before: ${back}`);
}

/** Where kubectl's context is not the stack's cluster, nothing is known of its releases. */
export const otherContext = unsure(
  subject,
  "whether one is stuck: kubectl's context is not the stack's cluster",
  "az aks get-credentials, or kubectl config use-context",
);

/** kubectl's flags for the stack's own cluster: none where its context is that cluster's, undefined where it is another's. */
export async function ownContext(server: string): Promise<readonly string[] | undefined> {
  const question = ["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"];
  const { stdout } = await ask("kubectl", question);
  return stdout.trim().toLowerCase().startsWith(`https://${server.toLowerCase()}`) ? [] : undefined;
}
