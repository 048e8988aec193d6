import { shellCommand } from "../text/shell.ts";

/** What the engine warns of where a run was cut off; it goes on all the same. */
export const warnsOfPending = "pending operations from previous deployment";

/** What the CLI says of a state in a folder where it was killed while it wrote a file of it. */
const unreadable =
  /failed to load checkpoint: EOF|reading history file \S+: EOF|^error: EOF$|unexpected end of JSON input/m;

/**
 * What engines and clouds say where something is left of a run that was cut off: another run meets it again. Wording: Helm, the
 * Kubernetes API server, Pulumi's providers of Kubernetes and Azure, Azure RBAC.
 */
const leftBehind = [
  /another operation \(install\/upgrade\/rollback\) is in progress/,
  /cannot re-use a name that is still in use/,
  /has no deployed releases/,
  /cannot create already existing resource/,
  /\balready exists\b/,
  /RoleAssignmentExists/,
  /cluster is unreachable|unreachable cluster/,
  // The cluster, or its group, which the program asks for its credentials.
  /ResourceNotFound[\s\S]*managedClusters|ManagedClusterUserCredentials[\s\S]*Resource(?:Group)?NotFound/i,
  // What Helm no longer has is neither upgraded nor removed by it.
  /release: not found/,
  unreadable,
  new RegExp(warnsOfPending),
];

/** True where `npm run recover` mends the cause of an error, or tells what does. */
export function needsRecovery(error: string): boolean {
  return leftBehind.some((wording) => wording.test(error));
}

/** What to say of a stack's errors where {@link needsRecovery} is true of one; undefined where it is of none. */
export function recoveryAdvice(errors: readonly string[], stack: string): string | undefined {
  return errors.some(needsRecovery) ? `'npm run up' alone does not mend that: ${recoverCommand(stack)}` : undefined;
}

/**
 * The command that mends what a run of a stack has left.
 *
 * @example recoverCommand("dev", "--rollback", "ml") // "npm run recover -- --stack dev --rollback ml"
 */
export function recoverCommand(stack: string, ...more: readonly string[]): string {
  return shellCommand(["npm", "run", "recover", "--", "--stack", stack, ...more]);
}
