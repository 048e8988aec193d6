import { expiryNoticeDays } from "../../../model/facts/support.ts";
import type { CiFile } from "./ciFile.ts";
import { type CiOptions, deployScript, kubeloginVersion } from "./githubWorkflows.ts";
import { yamlText } from "./yamlText.ts";

type Step = Readonly<Record<string, unknown>>;

const pool = { vmImage: "ubuntu-24.04" };
const checkout = (fetchDepth: number): Step => ({ checkout: "self", fetchDepth, persistCredentials: false });
const node: Step = { task: "NodeTool@0", inputs: { versionSpec: "24.x" } };
/** What prints what somebody wrote: of the commands to the agent in it, only those that tell of the step itself are listened to. */
const careful = { target: { commands: "restricted", settableVariables: "none" } };
const summary = (file: string): Step => ({
  bash: `echo "##vso[task.uploadsummary]${file}"`,
  displayName: "summary",
  condition: "succeededOrFailed()",
});

/** The pipelines for Azure Pipelines. docs/ci.md says what is to be set up, and what differs from GitHub. */
export function azurePipelines(options: CiOptions): CiFile[] {
  const pipeline = (name: string, about: string, rest: object): CiFile => ({
    path: `.azuredevops/${name}.yml`,
    about,
    text: yamlText({ ...rest }),
  });
  const main = { branches: { include: [options.branch] } };
  const nightly = (cron: string) => ({
    trigger: "none",
    pr: "none",
    schedules: [{ cron, displayName: "every night", branches: { include: [options.branch] }, always: true }],
    pool,
  });
  return [
    pipeline(
      "tenants",
      "Pull requests: checks, and a plan of what the change does, in one comment. No secret, no account.\nIn Azure Repos a branch policy (build validation) starts it.",
      { trigger: "none", pr: main, pool, stages: [plan(options), comment(options)] },
    ),
    pipeline(
      "deploy",
      "Deploys what is merged, one stack after the other: a preview, then the deployment once the environment's approvers say so.\nAfter a stack that fails, no other begins.",
      { trigger: { ...main, batch: true }, pr: "none", lockBehavior: "sequential", pool, stages: deployments(options) },
    ),
    pipeline("drift", "Fails at night where what is deployed is not what the files say.", {
      ...nightly("17 3 * * *"),
      stages: options.stacks.map((stack) => drift(stack, options)),
    }),
    pipeline("expiry", "Warns of each tenant whose date is near or past. Deletes nothing.", {
      ...nightly("23 5 * * *"),
      jobs: [{ job: "expiry", steps: expiry(options) }],
    }),
  ];
}

/** A step in the project's folder. */
function inProject({ below }: CiOptions, script: readonly string[], displayName: string, rest: object = {}): Step {
  const folder = below === "" ? {} : { workingDirectory: below.replace(/\/$/, "") };
  return { bash: script.join("\n"), displayName, ...folder, ...rest };
}

function prepared(options: CiOptions, fetchDepth = 0): Step[] {
  return [checkout(fetchDepth), node, inProject(options, ["npm ci --no-audit --no-fund"], "install")];
}

function plan(options: CiOptions): object {
  // The build is of a merge, whose first parent is the branch that the pull request goes to.
  const both = { condition: "succeededOrFailed()", ...careful };
  return {
    stage: "plan",
    displayName: "check and plan",
    jobs: [
      {
        job: "plan",
        timeoutInMinutes: 30,
        steps: [
          ...prepared(options),
          inProject(options, ["npm run --silent chart || true"], "chart", careful),
          inProject(options, ["npm run --silent tenants -- check --format azure --base HEAD^1"], "check", careful),
          inProject(
            options,
            [
              'mkdir -p "$AGENT_TEMPDIRECTORY/plan"',
              'npm run --silent tenants -- plan --base HEAD^1 --format markdown --page "$AGENT_TEMPDIRECTORY/plan/plan.html" > "$AGENT_TEMPDIRECTORY/plan/plan.md"',
            ],
            "plan",
            both,
          ),
          summary("$AGENT_TEMPDIRECTORY/plan/plan.md"),
          {
            publish: "$(Agent.TempDirectory)/plan",
            artifact: "plan",
            displayName: "keep the plan",
            condition: "succeededOrFailed()",
          },
        ],
      },
    ],
  };
}

function comment({ below }: CiOptions): object {
  return {
    stage: "comment",
    dependsOn: "plan",
    condition: "and(not(canceled()), eq(variables['Build.Reason'], 'PullRequest'))",
    jobs: [
      {
        job: "comment",
        timeoutInMinutes: 10,
        steps: [
          checkout(2),
          node,
          { download: "current", artifact: "plan", continueOnError: true },
          {
            bash: [
              'git worktree add "$AGENT_TEMPDIRECTORY/base" HEAD^1',
              `node "$AGENT_TEMPDIRECTORY/base/${below}cli/ci/run/main.ts" azure-comment "$PIPELINE_WORKSPACE/plan"`,
            ].join("\n"),
            displayName: "comment",
            ...(below !== "" && { workingDirectory: below.replace(/\/$/, "") }),
            ...careful,
            env: { SYSTEM_ACCESSTOKEN: "$(System.AccessToken)" },
          },
        ],
      },
    ],
  };
}

/** Runs something with the identity of a service connection, which has its token from the pipeline's own. */
function withIdentity(
  { below }: CiOptions,
  connection: string,
  stack: string,
  script: readonly string[],
  displayName: string,
): Step {
  return {
    task: "AzureCLI@2",
    displayName,
    inputs: {
      azureSubscription: connection,
      addSpnToEnvironment: true,
      scriptType: "bash",
      scriptLocation: "inlineScript",
      ...(below !== "" && { workingDirectory: below.replace(/\/$/, "") }),
      inlineScript: [
        "set -eu",
        "umask 077",
        'printf %s "$idToken" > "$AGENT_TEMPDIRECTORY/identity-token"',
        "export ARM_USE_OIDC=true",
        'export ARM_CLIENT_ID="$servicePrincipalId"',
        'export ARM_TENANT_ID="$tenantId"',
        'export ARM_OIDC_TOKEN_FILE_PATH="$AGENT_TEMPDIRECTORY/identity-token"',
        'ARM_SUBSCRIPTION_ID="$(az account show --query id --output tsv)"',
        "export ARM_SUBSCRIPTION_ID",
        ...script,
      ].join("\n"),
    },
    env: {
      STACK: stack,
      PULUMI_CONFIG_PASSPHRASE: "$(PULUMI_CONFIG_PASSPHRASE)",
      PULUMI_BACKEND_URL: "$(PULUMI_BACKEND_URL)",
    },
  };
}

const kubelogin: Step = { task: "KubeloginInstaller@0", inputs: { kubeloginVersion } };
const group = (stack: string) => [{ group: `tenants-${stack}` }];

function deployments(options: CiOptions): object[] {
  return options.stacks.flatMap((stack, i) => {
    const before = options.stacks[i - 1];
    const preview = {
      stage: stageName("preview", stack),
      displayName: `preview ${stack}`,
      dependsOn: before === undefined ? [] : [stageName("deploy", before)],
      variables: group(stack),
      jobs: [
        {
          job: "preview",
          timeoutInMinutes: 30,
          steps: [
            ...readingSteps(
              options,
              stack,
              'npm run --silent preview -- --stack "$STACK" --report markdown > "$AGENT_TEMPDIRECTORY/report.md"',
              "preview",
            ),
            summary("$AGENT_TEMPDIRECTORY/report.md"),
          ],
        },
      ],
    };
    const deploy = {
      stage: stageName("deploy", stack),
      displayName: `deploy ${stack}`,
      dependsOn: [stageName("preview", stack)],
      variables: group(stack),
      jobs: [
        {
          deployment: "deploy",
          environment: stack,
          timeoutInMinutes: 180,
          strategy: {
            runOnce: {
              deploy: {
                steps: [
                  ...prepared(options),
                  kubelogin,
                  withIdentity(options, stack, stack, deployScript('[ "$BUILD_REASON" != Manual ]'), "deploy"),
                ],
              },
            },
          },
        },
      ],
    };
    return [preview, deploy];
  });
}

/** Azure Pipelines takes letters, digits and underscores. */
function stageName(what: string, stack: string): string {
  return `${what}_${stack.replaceAll("-", "_")}`;
}

/** Steps that ask with the identity that may read a stack and change nothing. */
function readingSteps(options: CiOptions, stack: string, command: string, displayName: string): Step[] {
  return [...prepared(options), kubelogin, withIdentity(options, `${stack}-preview`, stack, [command], displayName)];
}

function drift(stack: string, options: CiOptions): object {
  const report = '"$AGENT_TEMPDIRECTORY/drift.json"';
  return {
    stage: stageName("drift", stack),
    displayName: `drift ${stack}`,
    dependsOn: [],
    variables: group(stack),
    jobs: [
      {
        job: "drift",
        timeoutInMinutes: 60,
        steps: [
          ...readingSteps(
            options,
            stack,
            // What a deployment would need a waiver for is told like everything else: the report is there.
            `npm run --silent preview -- --stack "$STACK" --refresh --report json > ${report} || test -s ${report}`,
            "preview after a refresh",
          ),
          inProject(options, [`node cli/ci/run/main.ts differs "$STACK" ${report}`], "compare", {
            ...careful,
            env: { STACK: stack },
          }),
        ],
      },
    ],
  };
}

function expiry(options: CiOptions): Step[] {
  return [
    ...prepared(options, 1),
    inProject(
      options,
      [
        `npm run --silent tenants -- expiring --days ${expiryNoticeDays} --format json > "$AGENT_TEMPDIRECTORY/expiring.json"`,
        'node cli/ci/run/main.ts warn "$AGENT_TEMPDIRECTORY/expiring.json"',
      ],
      "whose date is near",
      careful,
    ),
  ];
}
