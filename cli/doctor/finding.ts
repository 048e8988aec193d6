/** What one check found. */
export interface Finding {
  /** What was looked at, in a few words. */
  readonly subject: string;
  /** Whether a deployment can go on: yes, no, or nobody could tell. */
  readonly state: "ok" | "fix" | "unknown";
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** It is as it must be. */
export function ok(subject: string, found: string): Finding {
  return { subject, state: "ok", found };
}

/** It keeps a deployment from going on. */
export function broken(subject: string, found: string, fix: string): Finding {
  return { subject, state: "fix", found, fix };
}

/** It could not be told, or only some use of the program needs it. */
export function unsure(subject: string, found: string, fix: string): Finding {
  return { subject, state: "unknown", found, fix };
}
