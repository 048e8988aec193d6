import { columns, paint } from "../console/terminal.ts";
import { type DriftStep, driftOf } from "../model/plan/drift.ts";
import { plain } from "../model/plan/words.ts";
import { oneLine, printable } from "../model/text/printable.ts";
import { Refusal } from "../model/text/problems.ts";
import { shellCommand } from "../model/text/shell.ts";
import type { Helm } from "./kubectl.ts";
import type { Rollback } from "./plan/helmHistory.ts";
import { type EngineState, placesOf } from "./plan/previewJson.ts";
import { deployedBy } from "./plan/realEngine.ts";
import { putBack, type ReleaseDrift } from "./plan/releaseDrift.ts";
import { driftInReleases, onStackCluster } from "./plan/stackReleases.ts";
import { driftText } from "./plan/text.ts";

/**
 * Puts back what is inside a stack's releases, where it is not as their charts have rendered it, and releases that somebody has
 * deployed with other values, where no engine sees that. Nothing else is changed, and nothing else is deleted than what such a
 * release has got beside.
 *
 * @param stack the stack, as the CLI knows it
 * @param signal ends it before anything is put back
 * @returns true where all of it is as it should be now
 * @throws Refusal where the cluster cannot be asked, or does not take something back
 */
export async function mendReleases(root: string, stack: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const resources = await deployedBy(stack, { root });
  const found = await driftInReleases(resources, { root });
  for (const note of found.notes)
    console.error(`${paint("yellow", "warning:", process.stderr)} ${printable(plain(note))}`);
  const steps = stepsOf(found);
  if (steps.length === 0) {
    if (found.notes.length === 0) console.log("What is inside releases is as their charts have rendered it.");
    return found.notes.length === 0;
  }
  if (signal.aborted) return false;
  tell(steps, resources);
  const rollbacks = found.releases.flatMap(({ rollback }) => rollback ?? []);
  const putBackNow = await onStackCluster(resources, { root }, async (kubectl, helm) => {
    for (const rollback of rollbacks) await rollBack(rollback, helm);
    // What is inside a release is that of another revision then.
    const { objects } = rollbacks.length === 0 ? found : await driftInReleases(resources, { root });
    await putBack(objects, kubectl);
    return rollbacks.length + objects.filter(({ step }) => step.refused === undefined).length;
  });
  const after = await driftInReleases(resources, { root });
  console.log(`${putBackNow} put back; nothing else was changed`);
  const left = stepsOf(after).length;
  if (left > 0)
    throw new Refusal(`${left} of them differ still: npm run preview -- --refresh --report text --stack ${stack}`);
  return after.notes.length === 0;
}

const stepsOf = ({ releases, objects }: ReleaseDrift): DriftStep[] => [...releases, ...objects].map(({ step }) => step);

function tell(steps: readonly DriftStep[], resources: readonly EngineState[]): void {
  const drift = driftOf({ steps, deployed: placesOf(resources), mend: "this run" });
  console.log(driftText(drift, { width: columns(), paint }));
}

/** @throws Refusal where Helm is not there, or does not do it. */
async function rollBack({ name, namespace, revision }: Rollback, helm: Helm): Promise<void> {
  const words = ["rollback", name, String(revision), "--namespace", namespace];
  const { ok, stderr, installed } = await helm([...words, "--timeout", "10m"]);
  if (ok) return;
  const why = installed ? oneLine(stderr.trim()) : "helm is not on PATH (helm.sh/docs/intro/install)";
  throw new Refusal(`${shellCommand(["helm", ...words])}: ${why}`);
}
