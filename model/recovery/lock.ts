/** Whose a stack's lock is. */
export interface Lock {
  /** Left out where the backend does not say. */
  readonly holder?: { readonly user: string; readonly host: string; readonly pid: number; readonly since: Date };
  /** True for one in a folder of this machine, as far as its address tells. */
  readonly isLocal?: boolean;
}

/** What the CLI says of locks, where it is refused by them; none where it was refused for something else. Wording: Pulumi. */
export function locksIn(said: string): Lock[] {
  const named = [...said.matchAll(/(?:(\S+): )?created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, address = "", user = "", host = "", pid = "", since = ""]): Lock => ({
      holder: { user, host, pid: Number(pid), since: new Date(since) },
      isLocal: address.startsWith("file:"),
    }),
  );
  if (named.length > 0) return named;
  // Pulumi Cloud tells nobody's name, and the file of a lock that was cut off neither.
  const unnamed = /is currently locked|Another update is currently in progress|unexpected end of JSON input/;
  return unnamed.test(said) ? [{}] : [];
}

/**
 * How many seconds a process has run, as `ps -o etime=` says it.
 *
 * @example elapsed("2-03:04:05") // 183_845
 * @returns undefined for something else
 */
export function elapsed(etime: string): number | undefined {
  const [, days = "0", hours = "0", minutes = "", seconds = ""] =
    /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)$/.exec(etime.trim()) ?? [];
  if (minutes === "") return undefined;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** How long something has been so, in the largest unit that says enough. */
export function age(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
