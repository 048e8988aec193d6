import { existsSync, globSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder that a backend's URL means; undefined where it is kept elsewhere. The CLI reads what stands after `file://` as a
 * path: from the project's folder, or with `~` from the home of whoever runs it.
 *
 * @example stateFolder("file://./state", "/work/clusters") // "/work/clusters/state"
 */
export function stateFolder(url: string, root: string, home = userInfo().homedir): string | undefined {
  const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
  return path === undefined
    ? undefined
    : resolve(
        root,
        decodeURIComponent(path).replace(/^~(?=\/|$)/, () => home),
      );
}

/** A stack as its files are called. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/**
 * Files beside those of a stack's state in a folder that were cut off while they were written: each says how the one beside it is
 * stored, and the CLI reads that no more, but "EOF". The state itself is whole, for it is written under another name first; and
 * read without such a file, too. Source: gocloud.dev, blob/fileblob, its attributes.
 *
 * @param url where the CLI says that it keeps the state; undefined where it does not say
 * @param root the project's folder
 */
export function cutOffFiles(url: string | undefined, root: string, { project, stack }: StackName): string[] {
  const folder = url && stateFolder(url, root);
  if (!folder) return [];
  const cwd = join(folder, ".pulumi");
  const places = [
    "meta.yaml",
    `stacks/${project}/${stack}.json*`,
    `history/${project}/${stack}/*`,
    `locks/*/${project}/${stack}/*`,
  ];
  return globSync(
    places.map((place) => `${place}.attrs`),
    { cwd },
  )
    .map((file) => join(cwd, file))
    .filter((file) => existsSync(file) && !isWhole(readFileSync(file, "utf8")))
    .sort();
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
