import { expiryNoticeDays } from "../../../model/facts/support.ts";
import type { CiFile } from "./ciFile.ts";
import { type ActionName, pinned } from "./pinnedActions.ts";
import { yamlText } from "./yamlText.ts";

/** What the pipelines of a repository are made for. */
export interface CiOptions {
  /** The stacks that are deployed, in their order. */
  readonly stacks: readonly string[];
  /** The branch that changes are merged into. */
  readonly branch: string;
  /** The project's folder in the repository, with a "/" at its end; empty where it is the root. */
  readonly below: string;
}

/** The repository's variable without which nothing signs in to Azure. */
export const switchVariable = "TENANTS_DEPLOY";

/** The kubelogin that deploys; the version that docs/identity.md was written with. */
export const kubeloginVersion = "v0.2.19";

/** What GitHub puts in when the workflow runs. It stands in inputs, names and variables, never in a script. */
export const expression = (what: string) => `${"$"}{{ ${what} }}`;

/**
 * Deploys a stack: after a merge what its plan showed, and no more; whoever starts it by hand has looked at the report.
 *
 * @param merged a shell's condition, true after a merge
 */
export const deployScript = (merged: string) => [
  `if ${merged}; then set -- --as-planned; fi`,
  'npm run up -- --stack "$STACK" --yes "$@"',
];

type Step = Readonly<Record<string, unknown>>;

const step = (name: ActionName, inputs: object): Step => ({ uses: pinned(name), with: inputs });
const checkout = (inputs: object = {}) => step("actions/checkout", { "persist-credentials": false, ...inputs });
// No cache: what one run keeps there, another one with more rights would run.
const node = step("actions/setup-node", { "node-version": 24, "package-manager-cache": false });
const install: Step = { name: "install", id: "install", run: "npm ci --no-audit --no-fund" };
const token = { GH_TOKEN: expression("github.token") };
const artifact = { name: "tenants-plan", path: `${expression("runner.temp")}/plan` };
const machine = (minutes: number) => ({ "runs-on": "ubuntu-24.04", "timeout-minutes": minutes });

/** What signs in to Azure: the variables of the job's environment, and a token of the job. */
const azure = {
  ARM_USE_OIDC: "true",
  ARM_CLIENT_ID: expression("vars.ARM_CLIENT_ID"),
  ARM_TENANT_ID: expression("vars.ARM_TENANT_ID"),
  ARM_SUBSCRIPTION_ID: expression("vars.ARM_SUBSCRIPTION_ID"),
  PULUMI_BACKEND_URL: expression("vars.PULUMI_BACKEND_URL"),
};
const passphrase = { PULUMI_CONFIG_PASSPHRASE: expression("secrets.PULUMI_CONFIG_PASSPHRASE") };
const signIn: readonly Step[] = [
  step("azure/use-kubelogin", { "kubelogin-version": kubeloginVersion }),
  // For the state in Blob Storage, which reads the Azure CLI's sign-in.
  step("azure/login", {
    "client-id": expression("vars.ARM_CLIENT_ID"),
    "tenant-id": expression("vars.ARM_TENANT_ID"),
    "subscription-id": expression("vars.ARM_SUBSCRIPTION_ID"),
  }),
];
const each = expression("matrix.stack");
const switchedOn = `vars.${switchVariable} == 'true'`;

/** The workflows for GitHub Actions. docs/ci.md says who can do what in each of them. */
export function githubWorkflows(options: CiOptions): CiFile[] {
  const { below } = options;
  const folder = below === "" ? {} : { defaults: { run: { "working-directory": below.replace(/\/$/, "") } } };
  const workflow = (name: string, about: string, on: object, rest: object): CiFile => ({
    path: `.github/workflows/${name}.yml`,
    about,
    text: yamlText({ name, on, permissions: {}, ...folder, ...rest }),
  });
  return [
    workflow(
      "tenants",
      "Pull requests, those of forks too: checks, and a plan of what the change does. No secret, no account.",
      // `edited`, too: a pull request that is to go to another branch has another plan.
      { pull_request: { types: ["opened", "synchronize", "reopened", "edited"] } },
      {
        concurrency: { group: `tenants-${expression("github.event.number")}`, "cancel-in-progress": true },
        jobs: { plan: plan() },
      },
    ),
    workflow(
      "comment",
      "Puts the plan into one comment of the pull request. Runs the code of the default branch alone; what the pull request's run\nleft is data to it.",
      { workflow_run: { workflows: ["tenants"], types: ["completed"] } },
      {
        // Two runs of one branch would each write a comment.
        concurrency: {
          group: `comment-${expression("github.event.workflow_run.head_repository.id")}-${expression("github.event.workflow_run.head_branch")}`,
          "cancel-in-progress": false,
        },
        jobs: { comment: comment() },
      },
    ),
    workflow(
      "preview",
      "What the real engine would do to the tenants of a pull request, for branches of this repository. Program, settings and workflow\nare those of the branch that it goes to; only the tenant files are the pull request's.",
      {
        pull_request_target: {
          types: ["opened", "synchronize", "reopened"],
          branches: [options.branch],
          paths: [`${below}tenants/**`],
        },
      },
      {
        concurrency: { group: `preview-${expression("github.event.number")}`, "cancel-in-progress": true },
        jobs: { preview: preview(options) },
      },
    ),
    workflow(
      "deploy",
      "Deploys what is merged, one stack after the other; after one that fails, no other begins.",
      { push: { branches: [options.branch] }, workflow_dispatch: {} },
      // A cancelled deployment leaves releases halfway.
      { concurrency: { group: "deploy", "cancel-in-progress": false }, jobs: deploy(options) },
    ),
    workflow(
      "drift",
      "Looks every night whether what is deployed is what the files say; one issue for each stack where it is not.",
      { schedule: [{ cron: "17 3 * * *" }], workflow_dispatch: {} },
      { concurrency: { group: "drift", "cancel-in-progress": false }, jobs: { drift: drift(options) } },
    ),
    workflow(
      "expiry",
      "One issue for each tenant whose date is near or past. Deletes nothing.",
      { schedule: [{ cron: "23 5 * * *" }], workflow_dispatch: {} },
      { concurrency: { group: "expiry", "cancel-in-progress": false }, jobs: { expiry: expiry(options) } },
    ),
  ];
}

function plan(): object {
  const base = { BASE: expression("github.base_ref") };
  const installed = "!cancelled() && steps.install.outcome == 'success'";
  return {
    name: "check and plan",
    ...machine(30),
    permissions: { contents: "read" },
    steps: [
      checkout({ "fetch-depth": 0 }),
      node,
      install,
      // So that chart values are held against the chart's own schema; where it cannot be had, the check says so.
      { name: "chart", run: "npm run --silent chart || true" },
      {
        name: "check",
        env: base,
        run: 'npm run --silent tenants -- check --format github --base "origin/$BASE"',
      },
      {
        name: "plan",
        if: installed,
        env: { ...base, NUMBER: expression("github.event.number") },
        run: [
          'mkdir -p "$RUNNER_TEMP/plan"',
          'echo "$NUMBER" > "$RUNNER_TEMP/plan/pull-request"',
          'npm run --silent tenants -- plan --base "origin/$BASE" --format markdown --page "$RUNNER_TEMP/plan/plan.html" > "$RUNNER_TEMP/plan/plan.md"',
        ].join("\n"),
      },
      { name: "summary", if: installed, run: 'cat "$RUNNER_TEMP/plan/plan.md" >> "$GITHUB_STEP_SUMMARY"' },
      {
        name: "keep the plan",
        if: installed,
        ...step("actions/upload-artifact", { ...artifact, "retention-days": 7, "if-no-files-found": "error" }),
      },
    ],
  };
}

function comment(): object {
  return {
    name: "comment",
    if: "github.event.workflow_run.event == 'pull_request'",
    ...machine(10),
    permissions: { actions: "read", contents: "read", "pull-requests": "write" },
    steps: [
      checkout(),
      node,
      {
        name: "get the plan",
        "continue-on-error": true,
        ...step("actions/download-artifact", {
          ...artifact,
          "run-id": expression("github.event.workflow_run.id"),
          "github-token": expression("github.token"),
        }),
      },
      { name: "comment", env: token, run: 'node cli/ci/run/main.ts comment "$RUNNER_TEMP/plan"' },
    ],
  };
}

/** A job that signs in as an environment says, for one stack. */
function signedIn(stack: string, environment: string, minutes: number, steps: readonly Step[]): object {
  return {
    ...machine(minutes),
    environment,
    permissions: { contents: "read", "id-token": "write" },
    env: { ...azure, STACK: stack },
    steps: [...steps.slice(0, -1), ...signIn, ...steps.slice(-1)],
  };
}

/** @param options further ones of the preview, each with a space before it */
const report = (options = ""): Step => ({
  name: "preview",
  env: passphrase,
  run: `npm run --silent preview -- --stack "$STACK"${options} --report markdown >> "$GITHUB_STEP_SUMMARY"`,
});

function preview({ stacks, below }: CiOptions): object {
  const change = `.change/${below}`.replace(/\/$/, "");
  return {
    name: `preview ${each}`,
    if: `${switchedOn} && github.event.pull_request.head.repo.full_name == github.repository`,
    strategy: { "fail-fast": false, matrix: { stack: stacks } },
    ...signedIn(each, `${each}-preview`, 30, [
      checkout(),
      {
        name: "get the tenant files",
        // With the parents of the merge: one of them must be the commit that this run is about.
        ...checkout({
          "fetch-depth": 2,
          path: ".change",
          ref: `refs/pull/${expression("github.event.number")}/merge`,
          "sparse-checkout": `${below}tenants`,
        }),
      },
      node,
      install,
      { name: "take the tenant files", run: `node cli/ci/run/main.ts take-tenants "$GITHUB_WORKSPACE/${change}"` },
      // What it changes, however many tenants there are; before a deployment, and at night, all of it is looked at.
      report(" --changed"),
    ]),
  };
}

function deploy({ stacks, branch }: CiOptions): object {
  const condition = { if: `${switchedOn} && github.ref == 'refs/heads/${branch}'` };
  const tree = [checkout({ "fetch-depth": 0 }), node, install];
  const jobs = stacks.flatMap((stack, i) => {
    const before = stacks[i - 1];
    const after = before === undefined ? {} : { needs: `deploy-${before}` };
    const up = {
      name: "deploy",
      env: { ...passphrase, EVENT: expression("github.event_name") },
      run: deployScript('[ "$EVENT" = push ]').join("\n"),
    };
    return [
      // Before the environment's reviewers are asked: they see what the real engine would do.
      [
        `preview-${stack}`,
        {
          name: `preview ${stack}`,
          ...condition,
          ...after,
          ...signedIn(stack, `${stack}-preview`, 60, [...tree, report()]),
        },
      ],
      [
        `deploy-${stack}`,
        {
          name: `deploy ${stack}`,
          ...condition,
          needs: `preview-${stack}`,
          ...signedIn(stack, stack, 180, [...tree, up]),
        },
      ],
    ] as const;
  });
  return Object.fromEntries(jobs);
}

function drift({ stacks, branch }: CiOptions): object {
  return {
    name: `drift ${each}`,
    if: `${switchedOn} && github.ref == 'refs/heads/${branch}'`,
    ...machine(60),
    strategy: { "fail-fast": false, matrix: { stack: stacks } },
    environment: `${each}-preview`,
    permissions: { contents: "read", "id-token": "write", issues: "write" },
    env: { ...azure, STACK: each },
    steps: [
      checkout({ "fetch-depth": 0 }),
      node,
      install,
      ...signIn,
      {
        name: "preview after a refresh",
        env: passphrase,
        // What a deployment would need a waiver for is told like everything else: the report is there.
        run: [
          'report="$RUNNER_TEMP/drift.json"',
          'npm run --silent preview -- --stack "$STACK" --refresh --report json > "$report" || test -s "$report"',
        ].join("\n"),
      },
      { name: "issue", env: token, run: 'node cli/ci/run/main.ts drift "$STACK" "$RUNNER_TEMP/drift.json"' },
    ],
  };
}

function expiry({ branch }: CiOptions): object {
  return {
    name: "expiry",
    if: `github.ref == 'refs/heads/${branch}'`,
    ...machine(10),
    permissions: { contents: "read", issues: "write" },
    steps: [
      checkout(),
      node,
      install,
      {
        name: "whose date is near",
        run: `npm run --silent tenants -- expiring --days ${expiryNoticeDays} --format json > "$RUNNER_TEMP/expiring.json"`,
      },
      { name: "issues", env: token, run: 'node cli/ci/run/main.ts expiry "$RUNNER_TEMP/expiring.json"' },
    ],
  };
}
