import { createRequire, Module } from "node:module";

/*
 * Pulumi.yaml has Node.js load this before the SDK. Two thirds of what that takes to load are two packages by which it can write
 * functions out as text for a cloud, and this program has none of those. They are loaded when something is asked of them.
 */

const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));

/** Npm's way of finding the files of packages, and TypeScript's compiler, as the SDK names them. */
const seldomUsed = ["@npmcli/arborist", "./typescript-shim"];

for (const name of seldomUsed) putOff(name);

/** Has a module be there, and be loaded when something of it is read. */
function putOff(name: string): void {
  const file = find(name);
  if (file === undefined) return;
  let loaded: object | undefined;
  const load = () => {
    if (loaded !== undefined) return loaded;
    delete sdk.cache[file];
    loaded = sdk(file) as object;
    return loaded;
  };
  const instead = new Module(file);
  // The SDK copies all of a module that does not say this of itself.
  instead.exports = new Proxy({}, { get: (_, key) => key === "__esModule" || Reflect.get(load(), key) });
  instead.loaded = true;
  sdk.cache[file] = instead;
}

/** The file of a module; undefined where another release of the SDK has none, which must not keep that from working. */
function find(name: string): string | undefined {
  try {
    return sdk.resolve(name);
  } catch {
    return undefined;
  }
}
