import { guardName } from "../../model/deploy/namespace.ts";
import { recoverCommand } from "../../model/recovery/errors.ts";
import { isHalfway, newest, previousOf, releaseId, rollbackProblems } from "../../model/recovery/releases.ts";
import { isStale } from "../../model/recovery/situation.ts";
import { readInputs } from "../../model/rules/inputs.ts";
import { readProject, stackOfFiles } from "../../model/settings/project.ts";
import { settingsOfProject } from "../../model/settings/settings.ts";
import { Refusal } from "../../model/text/problems.ts";
import { helmFlags } from "../kubectl.ts";
import { StackOfEngine } from "./engine.ts";
import { askOnHost, type HostAccess, revisionContent, withHost } from "./host.ts";

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
export async function rollBack(rollback: Rollback): Promise<void> {
  const { root, stack, tenant: name } = rollback;
  const project = readProject(root, stackOfFiles(stack));
  const { settings, written = settings, tenants } = readInputs(settingsOfProject(project));
  const tenant = tenants.find((one) => one.name === name);
  if (tenant === undefined) throw new Refusal(`stack '${stack}' has no tenant '${name}' whose file is right`);
  const { namespace, lifecycle } = tenant;
  if (lifecycle !== "active") {
    throw new Refusal(
      `tenant '${name}' is ${lifecycle}, and the revision before may run: mend the cause, and npm run up goes forward`,
    );
  }
  const engine = new StackOfEngine(root, stack);
  const { state } = await engine.export();
  const guard = guardName(project.name, project.stack);
  const question = { root, settings: written, state, namespaces: new Set([namespace]), guard };
  await withHost(question, (access) => rollBackOn(access, engine, { ...rollback, namespace }));
}

async function rollBackOn(
  { host, flags }: HostAccess,
  engine: StackOfEngine,
  { stack, tenant, namespace, confirm }: Rollback & { readonly namespace: string },
): Promise<void> {
  const recover = recoverCommand(stack);
  if (!host.answers || flags === undefined) throw new Refusal(`the host cluster does not answer: ${recover}`);
  const last = newest(host.revisions).get(releaseId({ namespace, name: tenant }));
  const before = last && previousOf(last, host.revisions);
  if (last === undefined || before === undefined) {
    throw new Refusal(`'${tenant}' has no revision to go back to: 'npm run up' goes forward`);
  }
  if (last.status === "deployed")
    throw new Refusal(`the last upgrade of '${tenant}' went well: change its file instead`);
  if (last.status !== "failed" && !isHalfway(last)) {
    throw new Refusal(`Helm says of revision ${last.revision} of '${tenant}' that it is ${last.status}: ${recover}`);
  }
  const requireFree = async () => {
    // A deployment that runs may be at it.
    if (!(await engine.locks()).every(isStale)) throw new Refusal(`the stack is locked, by whom says: ${recover}`);
  };
  await requireFree();
  const problems = rollbackProblems(await revisionContent(flags, last), await revisionContent(flags, before));
  if (problems.length > 0) {
    throw new Refusal(
      `'${tenant}' cannot go back from revision ${last.revision} to ${before.revision}, for its data would not be read: ${problems.join("; ")}. Mend the cause, and npm run up goes forward`,
    );
  }
  console.log(`Release '${tenant}' in namespace '${namespace}': revision ${last.revision} is ${last.status}.`);
  await confirm(`Have Helm put back revision ${before.revision}? (yes to do it) `);
  // Whoever was asked may have thought about it for an hour.
  await requireFree();
  const target = [tenant, String(before.revision), "--namespace", namespace];
  const { ok, installed, reason } = await askOnHost([], "helm", [
    "rollback",
    ...[...target, "--timeout", "10m", ...helmFlags(flags)],
  ]);
  if (!ok)
    throw new Refusal(installed ? `helm rollback: ${reason}` : "helm is not on PATH: helm.sh/docs/intro/install");
  console.log(
    `Revision ${before.revision} is back. Change the tenant's file before 'npm run up', which upgrades it again.`,
  );
}
