/*
 * Every script of package.json loads this first. It is plain JavaScript and imports Node.js's
 * own modules alone, so that it can explain in a sentence what any Node.js would otherwise answer with a stack trace:
 * ERR_UNKNOWN_FILE_EXTENSION for a TypeScript file where `npm ci` has not brought the project's own Node.js, or somebody's own is
 * used, ERR_MODULE_NOT_FOUND where it has brought no packages.
 */
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

// What npm writes at the end of an installation.
const installed = existsSync(new URL("../node_modules/.package-lock.json", import.meta.url));
const loadsTypeScript = Boolean(process.features.typescript);

if (!installed) {
  console.error(
    `error: run 'npm ci' first: it installs what this project needs, its own Node.js 24 among it (this is Node.js ${process.versions.node})`,
  );
  process.exit(1);
}
if (!loadsTypeScript) {
  const isThere = existsSync(new URL("../node_modules/node/bin/node", import.meta.url));
  const way = isThere
    ? "start it by 'npm run', as in 'npm run preview' and 'npm run up', which takes this project's own Node.js 24"
    : "this project's own Node.js 24 is missing; run 'npm ci' again, without --ignore-scripts, and start commands by 'npm run'";
  console.error(`error: Node.js ${process.versions.node} cannot load this project's TypeScript: ${way}`);
  process.exit(1);
}

// The folder of model/settings/compileCache.ts: to load that, or anything in TypeScript, before the cache is on takes longer than all
// that a small command needs.
module.enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url)));
