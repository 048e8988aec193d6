import { createRequire, Module } from "node:module";
import { join } from "node:path";

/*
 * Commands have Node.js load this before the SDK. Two thirds of what that takes to load are two packages by which it can write
 * functions out as text for a cloud, and this program has none of those. They are loaded when something is asked of them, and so is
 * what else of the SDK this program has no use for.
 */

/** As the SDK names them, and what is known of each without loading it. */
const seldomUsed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Npm's way of finding the files of packages, and TypeScript's compiler.
  "@npmcli/arborist": {},
  "./typescript-shim": {},
  // Node.js's debugger, which tells where functions are written. The SDK waits for it before it begins, and Node.js tells it of
  // every module from then on.
  "./runtime/closure/v8Hooks": { isInitializedAsync: () => Promise.resolve() },
  // Programs that run the CLI.
  "./automation": {},
};

// The SDK of the program, which is in the working folder. What else Node.js runs there may have none.
const sdk = find(createRequire(join(process.cwd(), "package.json")), "@pulumi/pulumi");
if (sdk !== undefined) for (const [name, known] of Object.entries(seldomUsed)) putOff(createRequire(sdk), name, known);

/** Has a module be there, and be loaded when something of it is read that is not known. */
function putOff(require: NodeJS.Require, name: string, known: Readonly<Record<string, unknown>>): void {
  const file = find(require, name);
  if (file === undefined) return;
  let loaded: object | undefined;
  const load = () => {
    if (loaded !== undefined) return loaded;
    delete require.cache[file];
    loaded = require(file) as object;
    return loaded;
  };
  const instead = new Module(file);
  // The SDK copies all of a module that does not say the first of itself.
  const told: Readonly<Record<string | symbol, unknown>> = { __esModule: true, ...known };
  instead.exports = new Proxy(
    {},
    {
      get: (_, key) => (Object.hasOwn(told, key) ? told[key] : Reflect.get(load(), key)),
      has: (_, key) => Object.hasOwn(told, key) || Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, key) => {
        const own = Reflect.getOwnPropertyDescriptor(load(), key);
        return own && { ...own, configurable: true };
      },
    },
  );
  instead.loaded = true;
  require.cache[file] = instead;
}

/** The file of a module; undefined where there is none, as another release of the SDK may have none of these. */
function find(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
