import { type CiOptions, switchVariable } from "./githubWorkflows.ts";

/** What nobody but you can set up on GitHub, for the workflows to work; docs/ci.md says why. */
export function githubSetUp({ stacks, branch }: CiOptions): string {
  return numbered([
    [
      `Protect the branch '${branch}': pull requests alone, reviews by code owners, and the check 'check and plan' required.`,
      "Copy .github/CODEOWNERS.example to .github/CODEOWNERS, with your teams.",
    ],
    [
      "In Settings, Actions, General: workflow permissions 'Read repository contents'; approval for all outside collaborators.",
    ],
    [
      "Two environments for each stack, both for that branch alone:",
      ...stacks.flatMap((stack) => [
        `  ${stack}: required reviewers; the identity that deploys (docs/identity.md)`,
        `  ${stack}-preview: no reviewers; an identity that only reads, with the rights in docs/ci.md`,
      ]),
    ],
    [
      "In each environment the variables ARM_CLIENT_ID, ARM_TENANT_ID, ARM_SUBSCRIPTION_ID, PULUMI_BACKEND_URL, and the secret",
      "PULUMI_CONFIG_PASSPHRASE where the stack's secrets have one.",
    ],
    [
      "For each environment a federated credential of its identity:",
      "  az ad app federated-credential create --id <client id> --parameters '{",
      '    "name": "<environment>", "issuer": "https://token.actions.githubusercontent.com",',
      '    "subject": "repo:<owner>/<repository>:environment:<environment>", "audiences": ["api://AzureADTokenExchange"] }\'',
    ],
    stackSetUp(stacks),
    [
      `Last: gh variable set ${switchVariable} --body true`,
      "Until then tenants, comment and expiry run, which need none of the above, and nothing signs in.",
    ],
  ]);
}

/** The same for Azure Pipelines. */
export function azureSetUp({ stacks, branch }: CiOptions): string {
  return numbered([
    ["A pipeline for each file in .azuredevops/; for Azure Repos a build validation policy with tenants.yml."],
    [
      `Protect the branch '${branch}': reviewers required, and the platform team for program, settings, waivers/ and .azuredevops/`,
      "by policies on paths.",
    ],
    ["The build service's account: 'Contribute to pull requests' on the repository, and nothing else."],
    [
      "Service connections with workload identity federation, each with a check that allows that branch alone:",
      ...stacks.flatMap((stack) => [
        `  ${stack}: the identity that deploys (docs/identity.md)`,
        `  ${stack}-preview: an identity that only reads, with the rights in docs/ci.md`,
      ]),
    ],
    stackSetUp(stacks),
    [`Environments with approvals and an exclusive lock: ${stacks.join(", ")}.`],
    [
      `Variable groups ${stacks.map((stack) => `tenants-${stack}`).join(", ")}: PULUMI_BACKEND_URL and the secret PULUMI_CONFIG_PASSPHRASE,`,
      "each with a check that allows that branch alone.",
    ],
  ]);
}

/** A pipeline selects stacks, and makes none. */
function stackSetUp(stacks: readonly string[]): string[] {
  return [
    "Each stack once, with PULUMI_BACKEND_URL as above:",
    ...stacks.map((stack) => `  npx pulumi stack init ${stack}`),
  ];
}

function numbered(steps: readonly (readonly string[])[]): string {
  return steps
    .map((lines, i) => lines.map((line, j) => (j === 0 ? `${i + 1}. ${line}` : `   ${line}`)).join("\n"))
    .join("\n");
}
