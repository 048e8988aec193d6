import { azurePipelines } from "./azurePipelines.ts";
import { type CiFile, withHeader } from "./ciFile.ts";
import { codeOwnersExample } from "./codeOwners.ts";
import { type CiOptions, githubWorkflows } from "./githubWorkflows.ts";

/** The files for a service, as they stand in the repository. */
export function ciFiles(ci: CiOptions, service: "github" | "azure-pipelines"): { path: string; text: string }[] {
  const files: CiFile[] = service === "github" ? [...githubWorkflows(ci), codeOwnersExample(ci)] : azurePipelines(ci);
  const branch = ci.branch === "main" ? "" : ` --branch ${ci.branch}`;
  const options = `--${service}${branch}${ci.stacks.map((stack) => ` --stack ${stack}`).join("")}`;
  return files.map((file) => ({ path: file.path, text: withHeader(file, options) }));
}
