import { azureRoles } from "../access/roles.ts";

/** How one attempt at a deployment ended. */
export interface Attempt {
  readonly ok: boolean;
  /** The errors that it told, one for each resource. */
  readonly errors: readonly string[];
}

/** What waiting needs of the world, so that tests and the sandbox need no time. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Rejects as soon as the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly say: (text: string) => void;
  /** Ends the waiting: no other attempt is made. */
  readonly signal?: AbortSignal | undefined;
}

/** AKS refuses with these words whoever has no role for a request in Azure RBAC. Source: AKS, "Azure RBAC for Kubernetes". */
export const azureRefusal = "User does not have access to the resource in Azure";

/** Milliseconds before the second attempt; each wait after it is twice as long, up to the longest. */
const firstWait = 15_000;
const longestWait = 60_000;
/** Milliseconds until the last attempt. Azure: a role assignment takes up to five minutes to work. */
export const patience = 600_000;

/**
 * Deploys, and again where the only thing that went wrong is that Azure has not put the deploying identity's role into
 * effect yet. What has been deployed stays; the next attempt goes on from there.
 *
 * @param attempt deploys once; `again` is true for every attempt but the first
 * @returns the last attempt
 */
export async function withPatience<A extends Attempt>(
  attempt: (again: boolean) => Promise<A>,
  { clock, say, signal }: PatienceOptions,
): Promise<A> {
  const began = clock.now();
  let wait = firstWait;
  for (let again = false; ; again = true) {
    const result = await attempt(again);
    if (result.ok || signal?.aborted || !isTooEarly(result)) return result;
    const waited = clock.now() - began;
    if (waited + wait > patience) {
      say(
        `after ${minutes(waited)} minutes AKS still refuses the deploying identity. It needs the role '${azureRoles.clusterAdmin.name}' at the cluster: name it in the stack's setting azure.clusterAdmins`,
      );
      return result;
    }
    const soon = `Trying again in ${wait / 1000} s (${minutes(waited)} of ${minutes(patience)} minutes; Ctrl-C stops here and loses nothing)`;
    // What is waited for is said once.
    say(again ? soon : `${reason} ${soon}`);
    try {
      await clock.sleep(wait, signal);
    } catch (error) {
      if (signal?.aborted) return result;
      throw error;
    }
    wait = Math.min(2 * wait, longestWait);
  }
}

const reason =
  "AKS refuses the deploying identity: its role at the cluster is not in effect yet, which takes up to five minutes, or azure.clusterAdmins does not name it.";

/** True where every error is AKS's refusal: anything else would not mend itself by waiting. */
function isTooEarly({ errors }: Attempt): boolean {
  return errors.length > 0 && errors.every((error) => error.includes(azureRefusal));
}

function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
