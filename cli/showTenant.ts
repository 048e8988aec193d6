import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { paint } from "../console/terminal.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import { formatProblem, isError } from "../model/text/problems.ts";
import { describeTenant } from "./describeTenant.ts";
import { findTenant } from "./findTenant.ts";
import { releaseOnSandbox } from "./sandboxState.ts";

export interface ShowOptions {
  readonly stack: string;
  readonly cwd: string;
}

/**
 * Prints everything about one tenant: what its file says and where each default comes from, its people's rights, its quota,
 * how to connect, and what the sandbox has deployed. It asks nobody: the cloud is not looked at.
 *
 * @throws Refusal where there is no such tenant, or its file is not right.
 */
export async function showTenant(name: string, { stack, cwd }: ShowOptions): Promise<void> {
  const root = resolve(cwd);
  const { tenant, settings, locate, problems } = findTenant(root, stack, name);
  const start = locate(name);
  const lineOf = (field: string) => {
    const place = locate(name, field);
    return isDeepStrictEqual(place, start) ? undefined : place.line;
  };
  const file = tenantFile(stack, name);
  console.log(`tenant ${name} of stack ${stack}: ${file}`);
  const parts = describeTenant({ stack, tenant, settings, lineOf, onSandbox: releaseOnSandbox(root, stack, name) });
  for (const { heading, lines } of parts) {
    console.log([paint("bold", `\n${heading}`), ...lines.map((line) => `  ${line}`)].join("\n"));
  }
  const said = problems.filter(({ location }) => location.file === file);
  if (said.length > 0) console.log("");
  for (const problem of said) {
    const word = isError(problem) ? paint("red", "error:") : paint("yellow", "warning:");
    console.log(`${word} ${formatProblem(problem)}`);
  }
}
