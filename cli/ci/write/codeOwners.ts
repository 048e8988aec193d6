import type { CiFile } from "./ciFile.ts";
import type { CiOptions } from "./githubWorkflows.ts";

/**
 * An example of who must approve what. GitHub takes no notice of a file with this name: its teams are yours to fill in.
 */
export function codeOwnersExample({ below, stacks }: CiOptions): CiFile {
  const stack = stacks[0] ?? "dev";
  const line = (path: string, owner: string) => `${path.padEnd(40)} ${owner}`;
  return {
    path: ".github/CODEOWNERS.example",
    about:
      "Who must approve what. Copy it to .github/CODEOWNERS with your own teams; of several lines that match, the last one holds.",
    text: [
      "",
      "# Everything is the platform team's: program, packages, workflows, and this file.",
      line("*", "@your-organization/platform"),
      "",
      "# A team owns its tenant's file: a line for each. `tenants` issues about its date mention the team.",
      line(`/${below}tenants/${stack}/payments.yaml`, "@your-organization/payments @your-organization/platform"),
      "",
      "# What decides for all tenants stays the platform team's, whatever stands above.",
      line(`/${below}waivers/`, "@your-organization/platform"),
      line(`/${below}Pulumi.yaml`, "@your-organization/platform"),
      line(`/${below}Pulumi.*.yaml`, "@your-organization/platform"),
      line("/.github/", "@your-organization/platform"),
      "",
    ].join("\n"),
  };
}
