import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a tool answers, by its arguments: a text, something to print as JSON, or what it fails with and prints all the same. */
export type Replies = Readonly<Record<string, string | object | { readonly fails: string; readonly prints?: string }>>;

/**
 * Puts tools into a folder that answer as they are told, and fail for everything else.
 *
 * @returns the folder, to be all of PATH
 */
export function fakeTools(root: string, tools: Readonly<Record<string, Replies>>): string {
  const folder = join(root, "bin");
  mkdirSync(folder);
  for (const [name, replies] of Object.entries(tools)) {
    const script = `#!${process.execPath}
const args = process.argv.slice(2).join(" ");
const reply = ${JSON.stringify(replies)}[args] ?? { fails: name + " does not know: " + args };
if (reply.fails === undefined) console.log(typeof reply === "string" ? reply : JSON.stringify(reply));
else { console.log(reply.prints ?? ""); console.error(reply.fails); process.exit(1); }
`.replace("name +", `${JSON.stringify(name)} +`);
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  }
  return folder;
}
