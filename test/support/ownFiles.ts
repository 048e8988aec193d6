import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Loaded before every test: the root's stack settings, tenants, waivers and pipelines are the adopter's, who may change or delete them. A
 * test that looks at one fails here by name, before the day on which it would fail in somebody else's repository.
 */

// Support ends while time goes by, and a test's statement holds on any day: this is the day on which the facts were looked up.
process.env.VIRTUAL_CLUSTERS_TODAY ??= "2026-08-21";

const repository = join(import.meta.dirname, "..", "..");
const adopters =
  /^(tenants(\/|$)|waivers(\/|$)|Pulumi\.[^/]+\.yaml$|\.github\/(?!workflows\/ci\.yml$)|\.azuredevops(\/|$))/;

function refuseAdopters(path: unknown, options: unknown): void {
  if (typeof path !== "string" && !(path instanceof URL)) return;
  const { cwd = "." } = (options ?? {}) as { cwd?: string };
  const named = typeof path === "string" ? path : fileURLToPath(path);
  // Nearly all that tests look at is in folders of their own.
  if (isAbsolute(named) && !named.startsWith(repository) && !named.includes("..")) return;
  const whole = resolve(cwd, named);
  const file = whole.startsWith(repository + sep) ? whole.slice(repository.length + 1) : "";
  if (adopters.test(file)) throw new Error(`a test looks at ${file}, which is the adopter's: use test/fixtures/`);
}

/** Test files that share a process are each preceded by this one: a look that is guarded is not guarded again. */
const isGuarded = Symbol.for("virtual-clusters: looks at adopters' files are refused");

const looking = ["readFileSync", "readdirSync", "existsSync", "statSync", "cpSync", "globSync"] as const;
const guarded = looking.map((name) => {
  const original = fs[name] as (...args: unknown[]) => unknown;
  if (isGuarded in original) return [name, original] as const;
  const look = (path: unknown, ...rest: unknown[]) => {
    refuseAdopters(path, rest[0]);
    return original(path, ...rest);
  };
  return [name, Object.assign(look, { [isGuarded]: true })] as const;
});
Object.assign(fs, Object.fromEntries(guarded));
syncBuiltinESMExports();
