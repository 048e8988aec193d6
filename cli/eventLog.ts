interface EngineEvent {
  /** A step that ended well. */
  readonly resOutputsEvent?: {
    readonly metadata: { readonly op: string; readonly urn: string };
    readonly planning?: boolean;
  };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
}

/** The errors that a run told, from what the CLI wrote with `--event-log`: one JSON object a line. */
export function errorsIn(log: string): string[] {
  const errors = log
    .split("\n")
    .flatMap((line) => errorOf(line) ?? [])
    // The engine's last word, whatever went wrong. That of a preview counts: what nobody has confirmed is not tried again.
    .filter((message) => !/^update failed\b/.test(message));
  const causes = errors.filter((message) => !echo.test(message));
  return causes.length > 0 ? causes : errors;
}

/** What the SDK says of outputs that are made of a resource of which the engine has said why it failed. */
const echo = /\bfailed to register\b/;

/** What a run came to, from the same log; what it only previewed is none of it. */
export function progressIn(log: string): { readonly began: boolean; readonly done: readonly string[] } {
  const steps = log.split("\n").flatMap((line) => {
    const { metadata, planning } = parseEvent(line).resOutputsEvent ?? {};
    return metadata === undefined || planning ? [] : [metadata];
  });
  return { began: steps.length > 0, done: steps.flatMap(({ op, urn }) => (op === "same" ? [] : [urn])) };
}

function errorOf(line: string): string | undefined {
  const { diagnosticEvent } = parseEvent(line);
  if (diagnosticEvent?.severity !== "error") return undefined;
  // The CLI's marks for colours are not for readers.
  return diagnosticEvent.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim();
}

/** An event of the log; one without anything in it where the line is cut off, as the last one of a killed run can be. */
function parseEvent(line: string): EngineEvent {
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return {};
  }
}
