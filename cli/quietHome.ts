import { createHash } from "node:crypto";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { optionsOf, optionsOfEnvironment } from "./pulumiOptions.ts";

/** What the CLI shares between commands, and looks for in its home. Source: pulumi, sdk/go/common/workspace/paths.go. */
const shared = ["plugins", "policies", "workspaces"];

/** Options by which somebody looks into the CLI itself. */
const looksInside = /^--(debug|verbose|logtostderr|logflow)$/;

/** True for a command that changes nothing: whatever its debug log would tell, another run tells, too. */
function onlyAsks(args: readonly string[]): boolean {
  const [command, of] = args;
  return (
    command === "preview" ||
    (command === "refresh" && args.includes("--preview-only")) ||
    (command === "stack" && (of === "export" || of === "history"))
  );
}

/**
 * What the CLI is given to keep no debug log of a command that changes nothing, and that nobody looks into: the log is half of what it computes in a preview, and it has no switch for it, but does
 * without where it cannot make the folder (pulumi, pkg/logging/encrypted.go). So it gets a home in which a file has that name, and
 * everything else is the one that it has otherwise, by links. Nothing where nobody has logged in, for who an agent then is depends on
 * its home, nor where such a home cannot be made: it takes longer then.
 *
 * @param args the command
 * @param environment what the CLI is started with otherwise
 * @param root the project's folder
 */
export function quietHome(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  root = join(import.meta.dirname, ".."),
): NodeJS.ProcessEnv {
  if (!onlyAsks(args)) return {};
  const options = [...optionsOfEnvironment(environment), ...optionsOf(args)];
  if (options.some(({ name }) => looksInside.test(name))) return {};
  const home = resolve(environment.PULUMI_HOME || join(userInfo().homedir, ".pulumi"));
  const credentials = environment.PULUMI_CREDENTIALS_PATH || home;
  const isLoggedIn =
    (environment.PULUMI_BACKEND_URL || environment.PULUMI_ACCESS_TOKEN) !== undefined ||
    existsSync(join(credentials, "credentials.json"));
  if (!isLoggedIn) return {};
  const name = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const quiet = join(root, "node_modules", ".cache", "pulumi-home", name);
  try {
    mkdirSync(quiet, { recursive: true, mode: 0o700 });
    for (const folder of shared) {
      mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
      link(join(home, folder), join(quiet, folder));
    }
    writeFileSync(join(quiet, "logs"), "the CLI keeps no debug log of a command that changes nothing\n");
  } catch {
    return {};
  }
  return { PULUMI_HOME: quiet, PULUMI_CREDENTIALS_PATH: credentials };
}

/** A link that may be there: two may make it at once. */
function link(target: string, path: string): void {
  try {
    // On Windows a junction, which needs no rights.
    symlinkSync(target, path, "junction");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
