/** How one run of the CLI ended. */
export interface Attempt {
  readonly status: number;
  /** What the CLI wrote with `--event-log`: one JSON object a line. */
  readonly events: string;
}

/** What waiting needs of the world, so that tests need no time. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** AKS refuses with these words whoever has no role for a request in Azure RBAC. Source: AKS, "Azure RBAC for Kubernetes". */
const refusal = "User does not have access to the resource in Azure";

/** Time between two attempts, and until the last one. Azure: a role assignment takes up to five minutes to work. */
const interval = 30_000;
export const limit = 600_000;

/**
 * Deploys, and again where the only thing that went wrong is that Azure has not put the deploying identity's role into
 * effect yet. What has been deployed stays; the next attempt goes on from there.
 *
 * @param attempt runs the CLI; `again` is true for every attempt but the first
 * @returns the CLI's last exit code
 */
export async function withPatience(
  attempt: (again: boolean) => Attempt,
  say: (text: string) => void,
  clock: Clock,
): Promise<number> {
  const began = clock.now();
  for (let again = false; ; again = true) {
    const { status, events } = attempt(again);
    if (status === 0 || !isTooEarly(events)) return status;
    const waited = clock.now() - began;
    if (waited + interval > limit) {
      say(
        `error: after ${minutes(waited)} minutes AKS still refuses the deploying identity. It needs the role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster: name it in the stack's setting azure.clusterAdmins`,
      );
      return status;
    }
    say(
      `Azure has not put the deploying identity's role at the cluster into effect yet, which takes up to five minutes. Trying again in ${interval / 1000} s (${minutes(waited)} of ${minutes(limit)} minutes; Ctrl-C stops here and loses nothing)`,
    );
    await clock.sleep(interval);
  }
}

function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** True where every error of a run is AKS's refusal: anything else would not mend itself by waiting. */
function isTooEarly(events: string): boolean {
  const errors = events
    .split("\n")
    .flatMap((line) => errorOf(line) ?? [])
    // The engine's last word, whatever went wrong.
    .filter((message) => !/^(update|preview) failed\b/.test(message));
  return errors.length > 0 && errors.every((message) => message.includes(refusal));
}

function errorOf(line: string): string | undefined {
  const { diagnosticEvent } = parseEvent(line);
  if (diagnosticEvent?.severity !== "error") return undefined;
  // The CLI's marks for colours are not for readers.
  return diagnosticEvent.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim();
}

interface EngineEvent {
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
}

/** An event of the log; one without anything in it where the line is cut off, as the last one of a killed run can be. */
function parseEvent(line: string): EngineEvent {
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return {};
  }
}
