import { join } from "node:path";

/**
 * Where Node.js keeps what it has compiled of the program, the SDK and libraries: loading them is most of a small command's time.
 *
 * @param root the project's root
 */
export function compileCache(root: string): string {
  return join(root, "node_modules", ".cache", "compile");
}
