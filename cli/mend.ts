import { columns, paint } from "../console/terminal.ts";
import { type DriftStep, driftOf } from "../model/plan/drift.ts";
import { plain } from "../model/plan/words.ts";
import { recoverCommand } from "../model/recovery/errors.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import { terminal } from "./askWayIn.ts";
import type { Helm, Kubectl } from "./kubectl.ts";
import { newestOf, type Rollback } from "./plan/helmHistory.ts";
import { type EngineState, placesOf } from "./plan/previewJson.ts";
import { deployedBy } from "./plan/realEngine.ts";
import { putBack, type ReleaseDrift } from "./plan/releaseDrift.ts";
import { byHandInReleases, driftInReleases, onStackCluster } from "./plan/stackReleases.ts";
import { driftText } from "./plan/text.ts";
import { StackOfEngine } from "./recover/engine.ts";

/** How a deployment that mends is run. */
interface Mending {
  /** The project's folder. */
  readonly root: string;
  /** The stack, as the CLI knows it. */
  readonly stack: string;
  /** Ends it before anything more is put back. */
  readonly signal: AbortSignal;
}

/**
 * Has Helm put releases back that somebody has deployed with other values, where no engine sees that. Before the deployment: its
 * refresh would take over what was set by hand, and never see it again.
 *
 * @param isConfirmed whether it is done without asking; where there is no terminal to ask at, it is not
 * @throws Refusal where the stack is locked.
 */
export async function rollBackByHand({ root, stack, signal }: Mending, isConfirmed: boolean): Promise<void> {
  const resources = await deployedBy(stack, { root });
  const drifted = await byHandInReleases(resources, { root });
  const able = drifted.flatMap(({ step, rollback }) => (rollback === undefined ? [] : [{ step, ...rollback }]));
  if (able.length === 0) return;
  tell(
    able.map(({ step }) => step),
    resources,
  );
  const names = able.map(({ release, revision }) => `${release.name} to revision ${revision}`).join(", ");
  const question = `Have Helm put back ${names}? Their control planes restart (yes to do it) `;
  if (!isConfirmed && (await terminal(signal)?.(question))?.trim().toLowerCase() !== "yes") return;
  // The deployment after it would be refused, also for the lock of somebody who runs no more.
  const locks = await new StackOfEngine(root, stack).locks();
  if (locks.length > 0) throw new Refusal(`the stack is locked, by whom says: ${recoverCommand(stack)}`);
  await onStackCluster(resources, { root }, async (kubectl, helm) => {
    for (const rollback of able) {
      signal.throwIfAborted();
      const failure = await rollBack(rollback, kubectl, helm);
      if (signal.aborted) {
        console.error(`stopped: Helm may have stopped halfway at ${rollback.release.name}: ${recoverCommand(stack)}`);
        signal.throwIfAborted();
      }
      if (failure !== undefined) warn(failure);
      else console.log(printable(`Release ${rollback.release.name}: revision ${rollback.revision} is back`));
    }
  });
}

/** Why a release was not put back; undefined where it was. */
async function rollBack(
  { release, revision, from }: Rollback,
  kubectl: Kubectl,
  helm: Helm,
): Promise<string | undefined> {
  const { name, namespace } = release;
  const words = ["rollback", name, String(revision), "--namespace", namespace];
  // Helm would roll back in the middle of somebody's upgrade.
  const newest = await newestOf(release, kubectl);
  if (newest?.revision !== from || newest.status !== "deployed") return `${name}: somebody is at its release`;
  const { ok, stderr, installed } = await helm([...words, "--timeout", "10m"]);
  if (ok) return undefined;
  const why = installed ? oneLine(stderr.trim()) : "helm is not on PATH (helm.sh/docs/intro/install)";
  return `${shellCommand(["helm", ...words])}: ${why}`;
}

/**
 * Puts back what is inside a stack's releases, where it is not as their charts have rendered it. Nothing else is changed, and
 * nothing is deleted.
 *
 * @returns true where all of it is as it should be now
 * @throws Refusal where the cluster cannot be asked, or does not take something back
 */
export async function mendReleases({ root, stack, signal }: Mending): Promise<boolean> {
  if (signal.aborted) return false;
  const resources = await deployedBy(stack, { root });
  const found = await driftInReleases(resources, { root });
  for (const note of found.notes) warn(plain(note));
  if (stepsOf(found).length === 0) {
    if (found.notes.length === 0) console.log("What is inside releases is as their charts have rendered it.");
    return found.notes.length === 0;
  }
  if (signal.aborted) return false;
  tell(stepsOf(found), resources);
  await onStackCluster(resources, { root }, (kubectl) => putBack(found.objects, kubectl));
  const after = await driftInReleases(resources, { root });
  for (const note of after.notes) if (!found.notes.map(plain).includes(plain(note))) warn(plain(note));
  const able = found.objects.filter(({ step }) => step.refused === undefined).length;
  console.log(`${able} put back; nothing else was changed`);
  const left = stepsOf(after).length;
  if (left > 0)
    throw new Refusal(`${left} of them differ still: npm run preview -- --refresh --report text --stack ${stack}`);
  return after.notes.length === 0;
}

/** What differs still once releases have gone back: of those that have not, a line before says why. */
function stepsOf({ releases, objects }: ReleaseDrift): DriftStep[] {
  const left = releases.map(({ step }) => ({ refused: "Helm was not asked to, or did not do it", ...step }));
  return [...left, ...objects.map(({ step }) => step)];
}

function warn(text: string): void {
  console.error(`${paint("yellow", "warning:", process.stderr)} ${printable(text)}`);
}

function tell(steps: readonly DriftStep[], resources: readonly EngineState[]): void {
  const drift = driftOf({ steps, deployed: placesOf(resources), mend: "this run" });
  console.log(driftText(drift, { width: columns(), paint }));
}
