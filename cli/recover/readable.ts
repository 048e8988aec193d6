import { rmSync } from "node:fs";
import { type HeldLock, isStale } from "../../model/recovery/situation.ts";
import { Refusal } from "../../model/text/problems.ts";
import type { StackOfEngine } from "./engine.ts";
import { say, show } from "./show.ts";

interface Readable {
  readonly stack: string;
  /** True where whoever calls has seen that no deployment runs. */
  readonly cancelLock?: boolean;
}

/**
 * Deletes what keeps the CLI from reading the state, which is whole.
 *
 * @param how how it is confirmed, and what ends it
 * @throws Refusal where it is not, or somebody may hold the stack
 */
export async function makeReadable(
  engine: StackOfEngine,
  options: Readable,
  { confirm, signal }: { readonly confirm: (question: string) => Promise<void>; readonly signal: AbortSignal },
): Promise<void> {
  const { files, locks } = await engine.cutOffFiles();
  if (files.length === 0) return;
  requireFree(locks, options);
  const found = `the CLI was killed while it wrote ${files.join(", ")}: it reads nothing beside that, and says EOF`;
  const todo = "deleted: the state beside it is whole, and is read without it";
  show(options.stack, [{ about: "state", found, todo, action: { do: "clear" } }]);
  await confirm(`Do what stands at 'will'? (yes to do it) `);
  // One that is being written is whole by now.
  const left = await engine.cutOffFiles();
  signal.throwIfAborted();
  requireFree(left.locks, options);
  for (const file of left.files) rmSync(file, { force: true });
  say(2, "done: the state can be read again");
}

/** @throws Refusal where somebody may hold the stack: a file that seems cut off may be half written. */
function requireFree(locks: readonly HeldLock[], { cancelLock }: Readable): void {
  const [holder] = locks.flatMap((lock) => (isStale(lock) ? [] : (lock.holder ?? [])));
  if (holder === undefined || cancelLock) return;
  throw new Refusal(
    `the stack is held by ${holder.user}@${holder.host}, process ${holder.pid}: wait for its end; where no deployment runs there, add --cancel-lock`,
  );
}
