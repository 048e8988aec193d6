import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { optionsOf, optionsOfEnvironment } from "./pulumiOptions.ts";

/** Options by which somebody looks into the CLI itself. */
const looksInside = /^--(debug|verbose|logtostderr|logflow)$/;

/** What commands of the CLI share in its home. Source: pulumi, sdk/go/common/workspace/paths.go. */
const shared = ["plugins", "policies", "workspaces"];

/** The key of encrypted credentials, where a machine has such: in the home alone. Source: pulumi, securestore/tpmfile.go. */
const credentialsKey = "credentials-key.tpm";

/**
 * What the CLI is given to keep no debug log of a command that changes nothing, and that nobody looks into: a home in which a file
 * has the name of the folder of logs, and all else is the usual home's. It has no switch for the log, which is half of what it
 * computes in a preview. Nothing where the state is kept in Pulumi Cloud, for credentials are looked after in the home; nor where
 * such a home cannot be made, and it takes longer. See docs/decisions/0024.
 *
 * @param args the command
 * @param environment what the CLI is started with otherwise
 * @param cwd the folder that it is started in: the project's
 * @param cache where such homes are kept
 */
export function quietHome(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  cwd: string,
  cache = join(import.meta.dirname, "../node_modules/.cache/pulumi-home"),
): NodeJS.ProcessEnv {
  if (!onlyAsks(args)) return {};
  const options = [...optionsOfEnvironment(environment), ...optionsOf(args)];
  if (options.some(({ name }) => looksInside.test(name))) return {};
  try {
    const home = resolve(cwd, environment.PULUMI_HOME || join(userInfo().homedir, ".pulumi"));
    const credentials = resolve(cwd, environment.PULUMI_CREDENTIALS_PATH || home);
    const place = environment.PULUMI_BACKEND_URL || placeIn(cwd, credentials);
    if (/^https?:/.test(place) || existsSync(join(home, credentialsKey))) return {};
    const quiet = join(cache, createHash("sha256").update(home).digest("hex").slice(0, 12));
    mkdirSync(quiet, { recursive: true });
    for (const folder of shared) {
      mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
      link(join(home, folder), join(quiet, folder));
    }
    writeFileSync(join(quiet, "logs"), "the CLI keeps no debug log of a command that changes nothing\n");
    return { PULUMI_HOME: quiet, PULUMI_CREDENTIALS_PATH: credentials };
  } catch {
    return {};
  }
}

/** True for a command that changes nothing: whatever its debug log would tell, another run tells, too. */
function onlyAsks([command, of, ...others]: readonly string[]): boolean {
  if (command === "refresh") return [of, ...others].includes("--preview-only");
  return command === "preview" || (command === "stack" && (of === "export" || of === "history"));
}

/**
 * Where the state is kept, as the last login said.
 *
 * @throws Error where that is not told, or the project itself says where.
 */
function placeIn(cwd: string, credentials: string): string {
  if (/^backend:/m.test(readFileSync(join(cwd, "Pulumi.yaml"), "utf8"))) throw new Error("the project says where");
  const { current } = JSON.parse(readFileSync(join(credentials, "credentials.json"), "utf8")) as { current?: unknown };
  if (typeof current !== "string" || current === "") throw new Error("nobody has logged in");
  return current;
}

/** @throws Error where something else than such a link is there. */
function link(target: string, path: string): void {
  try {
    // On Windows a junction, which needs no rights.
    symlinkSync(target, path, "junction");
  } catch (error) {
    // Two may make it at once.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (realpathSync(path) !== realpathSync(target)) throw new Error(`${path} is something else`);
}
