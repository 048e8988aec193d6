import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { onTestFinished } from "vitest";

/** Has files of a name refuse to be read in the test that calls this: whoever runs it may be let read everything. */
export function cannotRead(name: string, code: string): void {
  const { readFileSync } = fs;
  const replace = (by: typeof readFileSync) => {
    fs.readFileSync = by;
    syncBuiltinESMExports();
  };
  const failing = (...args: Parameters<typeof readFileSync>) => {
    if (String(args[0]).endsWith(`/${name}`)) throw Object.assign(new Error(`${code}: told`), { code });
    return readFileSync(...args);
  };
  replace(failing as typeof readFileSync);
  onTestFinished(() => replace(readFileSync));
}
