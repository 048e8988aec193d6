import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** What decides what a program registers, beside a stack's settings and tenants; from the project's root. */
export const programFiles = ["index.ts", "{components,model}/**/*", "package.json", "package-lock.json", "Pulumi.yaml"];

const digests = new Map<string, string>();

/**
 * Stands for a program, with its packages: another release or an edit of it has another one. Read once a process.
 *
 * @param main where its `index.ts` is; what belongs to it is beside the file that a link leads to
 */
export function programDigest(main: string): string {
  const root = dirname(realpathSync(main));
  const known = digests.get(root);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const file of globSync(programFiles, { cwd: root }).sort()) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path)).update("\0");
  }
  // The lock says what is to be installed, and an old installation is not what it says.
  for (const [name, version] of installedSdks(root)) hash.update(`${name}@${version}\0`);
  const digest = hash.digest("hex").slice(0, 16);
  digests.set(root, digest);
  return digest;
}

const manifestSchema = z.object({
  version: z.string().default(""),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** The packages that a program registers with, and which versions of them it has. */
function installedSdks(root: string): (readonly [name: string, version: string])[] {
  const read = (folder: string) => manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  const names = existsSync(join(root, "package.json")) ? Object.keys(read(root).dependencies) : [];
  return names
    .filter((name) => name.startsWith("@pulumi/"))
    .sort()
    .map((name) => {
      const folder = join(root, "node_modules", name);
      return [name, existsSync(folder) ? read(folder).version : "not installed"] as const;
    });
}
