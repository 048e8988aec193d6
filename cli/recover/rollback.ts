import { clusterIdIn } from "../../model/recovery/checkpoint.ts";
import { isStale } from "../../model/recovery/findings.ts";
import { isHalfway, newest, previousOf, releaseId, rollbackProblems } from "../../model/recovery/releases.ts";
import { loadInputs } from "../../model/rules/inputs.ts";
import { readProject } from "../../model/settings/project.ts";
import { settingsOfProject } from "../../model/settings/settings.ts";
import { Refusal } from "../../model/text/problems.ts";
import { ask } from "../doctor/ask.ts";
import { StackOfEngine } from "./engine.ts";
import { askHost, revisionContent } from "./host.ts";

interface Rollback {
  readonly root: string;
  readonly stack: string;
  readonly tenant: string;
  /** Asks, and throws where the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
}

/**
 * Puts a tenant's release back to the revision before, with Helm.
 *
 * @throws Refusal where its data do not allow that, with the reason
 */
export async function rollBack({ root, stack, tenant, confirm }: Rollback): Promise<void> {
  const { settings, tenants } = loadInputs(settingsOfProject(readProject(root, stack)));
  const namespace = tenants.find(({ name }) => name === tenant)?.namespace;
  if (namespace === undefined) throw new Refusal(`stack '${stack}' has no tenant '${tenant}'`);
  const engine = new StackOfEngine(root, stack);
  const { state } = await engine.export();
  const { host, flags } = await askHost(root, settings, clusterIdIn(state), new Set([namespace]));
  if (!host.answers || flags === undefined) throw new Refusal("the host cluster does not answer: npm run recover");
  const last = newest(host.revisions).get(releaseId({ namespace, name: tenant }));
  const before = last && previousOf(last, host.revisions);
  if (last === undefined || before === undefined) {
    throw new Refusal(`'${tenant}' has no revision to go back to: 'npm run up' goes forward`);
  }
  if (last.status === "deployed")
    throw new Refusal(`the last upgrade of '${tenant}' went well: change its file instead`);
  if (last.status !== "failed" && !isHalfway(last)) {
    throw new Refusal(
      `Helm says of revision ${last.revision} of '${tenant}' that it is ${last.status}: npm run recover`,
    );
  }
  // A deployment that runs may be at it.
  if (!(await engine.locks()).every(isStale)) throw new Refusal("the stack is locked: npm run recover says by whom");
  const problems = rollbackProblems(await revisionContent(flags, last), await revisionContent(flags, before));
  if (problems.length > 0) {
    throw new Refusal(
      `'${tenant}' cannot go back from revision ${last.revision} to ${before.revision}, for its data would not be read: ${problems.join("; ")}. Mend the cause, and npm run up goes forward`,
    );
  }
  console.log(`Release '${tenant}' in namespace '${namespace}': revision ${last.revision} is ${last.status}.`);
  await confirm(`Have Helm put back revision ${before.revision}? (yes to do it) `);
  const target = [tenant, String(before.revision), "--namespace", namespace];
  const { ok, installed, reason } = await ask("helm", ["rollback", ...target, "--timeout", "10m", ...helmFlags(flags)]);
  if (!ok)
    throw new Refusal(installed ? `helm rollback: ${reason}` : "helm is not on PATH: helm.sh/docs/intro/install");
  console.log(
    `Revision ${before.revision} is back. Change the tenant's file before 'npm run up', which upgrades it again.`,
  );
}

/** Helm has another name for one of kubectl's flags. */
function helmFlags(flags: readonly string[]): string[] {
  return flags.map((flag) => (flag === "--context" ? "--kube-context" : flag));
}
