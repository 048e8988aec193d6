import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { compileCache } from "../../model/settings/compileCache.ts";
import { repository } from "./project.ts";

/** A line of the CLI's event log that says something. */
export const event = (message: string, severity: string) => JSON.stringify({ diagnosticEvent: { severity, message } });

/**
 * Starts `npm run up` with a CLI that does as the script says; `calls` is a file to write to. Its preview has these steps, and
 * `before` is done before any answer.
 */
export function startCommand(
  script: string,
  {
    command = "up",
    args = [] as readonly string[],
    steps = [] as readonly object[],
    before = "",
    files = {} as Readonly<Record<string, string>>,
    stack = ["--stack", "dev"] as readonly string[],
    fromNpm = false,
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [temporary, calls] = [join(folder, "tmp"), join(folder, "calls")];
  const bin = join(folder, fromNpm ? "home/versions/1.2.3/bin" : "bin");
  for (const path of [bin, temporary]) mkdirSync(path, { recursive: true });
  const lines = [`#!${process.execPath}`, 'import { appendFileSync, readFileSync, writeFileSync } from "node:fs";'];
  const variables = [
    `const note = (text) => appendFileSync(${JSON.stringify(calls)}, text + "\\n");`,
    `const noted = () => readFileSync(${JSON.stringify(calls)}, "utf8").trim().split("\\n");`,
    "const log = process.argv.at(-1);",
    before,
    "const answer = (value) => { console.log(JSON.stringify(value)); process.exit(); };",
    'if (process.argv[2] === "stack") answer({ deployment: { resources: [] } });',
    `if (process.argv.includes("--json")) answer({ config: {}, steps: ${JSON.stringify(steps)} });`,
  ];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(bin, "pulumi"), [...lines, ...variables, script].join("\n"), { mode: 0o755 });
  const child = spawn(process.execPath, [join(repository, "cli/pulumi.ts"), command, ...stack, ...args], {
    cwd: folder,
    env: {
      PATH: join(folder, "bin"),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_VERSION: "1.2.3",
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: compileCache(repository),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    child,
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    leftOver: () => readdirSync(temporary),
  };
}

/** How a command has ended, and what it has said. */
export async function output(child: ReturnType<typeof startCommand>["child"]) {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (part: Buffer) => {
      said[stream] += part.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}
