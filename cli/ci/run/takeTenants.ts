import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts the tenant files of a change into another tree, in place of those that are there: the program and the settings of that
 * tree stay as they are, so that a preview with an identity runs nothing that the change brings. Links and whatever else is no
 * plain file are left out, for they could point at something that the change may not read.
 *
 * @param from the change's project
 * @param to the project whose program runs
 * @returns the files taken, from the project's folder
 */
export function takeTenants(from: string, to: string): string[] {
  const taken = foldersIn(join(from, "tenants")).flatMap((stack) =>
    filesIn(join(from, "tenants", stack)).map((file) => join("tenants", stack, file)),
  );
  for (const stack of foldersIn(join(to, "tenants"))) {
    for (const file of filesIn(join(to, "tenants", stack))) rmSync(join(to, "tenants", stack, file));
  }
  for (const file of taken) {
    mkdirSync(join(to, file, ".."), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  return taken;
}

function foldersIn(folder: string): string[] {
  return isA("directory", folder) ? namesIn(folder).filter((name) => isA("directory", join(folder, name))) : [];
}

function filesIn(folder: string): string[] {
  return namesIn(folder).filter((name) => /^[^.].*\.ya?ml$/.test(name) && isA("file", join(folder, name)));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Links are neither. */
function isA(what: "file" | "directory", path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return (what === "file" ? stat?.isFile() : stat?.isDirectory()) ?? false;
}
