import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { headerOf } from "../../../cli/ci/write/ciFile.ts";
import { ciFiles } from "../../../cli/ci/write/ciFiles.ts";
import { expression } from "../../../cli/ci/write/githubWorkflows.ts";
import { versionOf } from "../../../cli/ci/write/pinnedActions.ts";
import { repository } from "../../support/frame.ts";

/** Why a test is skipped, for its name; nothing where its variable names what it needs. */
const without = (variable: string, what: string) =>
  process.env[variable] === undefined ? ` (skipped: ${variable} does not name ${what})` : "";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface AzureTask {
  readonly properties: { readonly task?: { readonly pattern?: string } };
}

interface AzureSchema {
  readonly definitions: Readonly<Record<string, object>> & { readonly task: { readonly anyOf: readonly AzureTask[] } };
}

/** For Azure Pipelines every value is a text; for its schema, those of a task's inputs that are true or false are none. */
const plainTexts = (key: unknown, value: unknown) =>
  typeof value === "number" || (typeof value === "boolean" && key !== "addSpnToEnvironment") ? String(value) : value;

const stacks = ["dev", "prod-north"];
const written = ciFiles({ stacks, branch: "main", below: "" }, "github").filter(({ path }) => path.endsWith(".yml"));
/** The workflow with the program's tests. All others are the adopter's, who may add, change or delete them. */
const own = [".github/workflows/ci.yml"].flatMap((path) =>
  existsSync(join(repository, path)) ? [{ path, text: readFileSync(join(repository, path), "utf8") }] : [],
);
const workflow = (name: string) => parse(textOf(name)) as Workflow;
const textOf = (name: string) => written.find(({ path }) => basename(path) === name)?.text ?? "";
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe("a workflow", () => {
  test.each([...written, ...own])("$path uses actions by commits of their releases alone", ({ text }) => {
    const uses = [...text.matchAll(/uses: (\S+)(?: # (\S+))?$/gm)].map(([, name = "", said]) => ({ name, said }));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter(({ name, said }) => said === undefined || versionOf(name) !== said)).toEqual([]);
  });

  test.each([...written, ...own])("$path puts nothing that GitHub fills in into a script", ({ text }) => {
    expect(stepsOf(parse(text) as Workflow).filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });

  test.each([...written, ...own])(
    "$path gives no right to all jobs, and keeps no token in the work tree",
    ({ text }) => {
      const { permissions, jobs, ...rest } = parse(text) as Workflow;
      expect(permissions).toEqual({});
      const checkouts = stepsOf({ permissions, jobs, ...rest }).filter(({ uses }) =>
        uses?.startsWith("actions/checkout@"),
      );
      expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
    },
  );

  test("has exactly these rights", () => {
    const rights = written.flatMap(({ text, path }) =>
      Object.entries((parse(text) as Workflow).jobs).map(([job, { permissions, environment = "none" }]) =>
        [
          basename(path, ".yml"),
          job,
          environment,
          ...Object.entries(permissions).map(([what, right]) => `${what}:${right}`),
        ].join(" "),
      ),
    );
    expect(rights).toEqual([
      "tenants plan none contents:read",
      "comment comment none actions:read contents:read pull-requests:write",
      `preview preview ${expression("matrix.stack")}-preview contents:read id-token:write`,
      "deploy preview-dev dev-preview contents:read id-token:write",
      "deploy deploy-dev dev contents:read id-token:write",
      "deploy preview-prod-north prod-north-preview contents:read id-token:write",
      "deploy deploy-prod-north prod-north contents:read id-token:write",
      `drift drift ${expression("matrix.stack")}-preview contents:read id-token:write issues:write`,
      "expiry expiry none contents:read issues:write",
    ]);
  });

  test.skipIf(process.env.ACTIONLINT === undefined).each([...written, ...own])(
    `$path passes actionlint${without("ACTIONLINT", "it")}`,
    ({ text }) => {
      const { status, stdout, stderr } = spawnSync(
        process.env.ACTIONLINT ?? "",
        ["-no-color", "-shellcheck=", "-pyflakes=", "-"],
        {
          input: text,
          encoding: "utf8",
        },
      );
      expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
    },
  );

  const refused = `is refused by actionlint where a script has a title in it${without("ACTIONLINT", "it")}`;
  test.skipIf(process.env.ACTIONLINT === undefined)(refused, () => {
    const input = textOf("tenants.yml").replace(
      "run: npm ci",
      `run: echo ${expression("github.event.pull_request.title")}; npm ci`,
    );
    const { status, stdout } = spawnSync(
      process.env.ACTIONLINT ?? "",
      ["-no-color", "-shellcheck=", "-pyflakes=", "-"],
      { input, encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stdout).toContain("potentially untrusted");
  });
});

describe("a workflow that somebody's own code runs in", () => {
  test.each([{ path: "tenants.yml", text: textOf("tenants.yml") }, ...own])(
    "$path has no secret, no identity and nothing that it could write",
    ({ text }) => {
      expect(Object.keys((parse(text) as Workflow).on)).toContain("pull_request");
      expect(text).not.toMatch(/secrets\.|github\.token|id-token|: write|azure\/login/);
    },
  );

  test("is never one that has rights: those run the default branch's code", () => {
    for (const { path, text } of written) {
      const { on, jobs } = parse(text) as Workflow;
      const rights = Object.values(jobs).flatMap(({ permissions }) => Object.values(permissions));
      if (rights.includes("write")) expect(Object.keys(on), path).not.toContain("pull_request");
    }
  });

  test("fails where check or plan fails, and keeps the plan all the same", () => {
    const steps = stepsOf(workflow("tenants.yml"));
    const [chart, check, plan, ...after] = steps.slice(3) as (Step & { if?: string })[];
    // Without the chart, values are checked less, which is said.
    expect([chart?.run, check?.name, plan?.name]).toEqual(["npm run --silent chart || true", "check", "plan"]);
    expect(textOf("tenants.yml")).not.toContain("continue-on-error");
    expect([plan, ...after].map((step) => step?.if)).toEqual(
      Array(3).fill("!cancelled() && steps.install.outcome == 'success'"),
    );
  });
});

describe("comment.yml", () => {
  test("installs no package, and gives its token to GitHub's action and to this program's code alone", () => {
    const steps = stepsOf(workflow("comment.yml"));
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['node cli/ci/run/main.ts comment "$RUNNER_TEMP/plan"']);
    expect(steps.filter((step) => JSON.stringify(step).includes("github.token")).map(({ name }) => name)).toEqual([
      "get the plan",
      "comment",
    ]);
  });
});

describe("preview.yml", () => {
  test("is for branches of the same repository that go to the branch which is deployed", () => {
    const { on, jobs } = workflow("preview.yml");
    expect(on).toMatchObject({ pull_request_target: { branches: ["main"], paths: ["tenants/**"] } });
    expect(jobs.preview?.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
  });

  test("takes nothing of the change but tenant files, and runs in the tree of the base", () => {
    const steps = stepsOf(workflow("preview.yml"));
    const trees = steps
      .filter(({ uses }) => uses?.startsWith("actions/checkout@"))
      .map((step) => [step.with?.path, step.with?.ref]);
    expect(trees).toEqual([
      [undefined, undefined],
      [".change", `refs/pull/${expression("github.event.number")}/merge`],
    ]);
    expect(steps.filter(({ run }) => run?.includes(".change")).map(({ run }) => run)).toEqual([
      'node cli/ci/run/main.ts take-tenants "$GITHUB_WORKSPACE/.change"',
    ]);
  });
});

describe("deploy.yml", () => {
  test("deploys one stack after the other, each after its preview, and none after one that fails", () => {
    const { jobs, concurrency } = workflow("deploy.yml");
    expect(Object.entries(jobs).map(([name, { needs, environment }]) => [name, needs, environment])).toEqual([
      ["preview-dev", undefined, "dev-preview"],
      ["deploy-dev", "preview-dev", "dev"],
      ["preview-prod-north", "deploy-dev", "prod-north-preview"],
      ["deploy-prod-north", "preview-prod-north", "prod-north"],
    ]);
    expect(concurrency).toEqual({ group: "deploy", "cancel-in-progress": false });
  });

  test.each([
    ["preview-dev", 'npm run --silent preview -- --stack "$STACK" --report markdown >> "$GITHUB_STEP_SUMMARY"'],
    ["deploy-dev", 'if [ "$EVENT" = push ]; then set -- --as-planned; fi\nnpm run up -- --stack "$STACK" --yes "$@"'],
  ])("has the secret in one step of %s alone", (job, run) => {
    const steps = workflow("deploy.yml").jobs[job]?.steps ?? [];
    const withSecret = steps.filter((step) => JSON.stringify(step).includes("secrets."));
    expect(withSecret.map((step) => step.run)).toEqual([run]);
    expect(steps.at(-1)).toBe(withSecret[0]);
  });
});

describe("a project in a folder of its repository", () => {
  const files = ciFiles({ stacks, branch: "trunk", below: "platform/" }, "github");
  const text = (name: string) => files.find(({ path }) => path === `.github/workflows/${name}`)?.text ?? "";

  test("has its workflows in the repository's root, and each script runs in the folder", () => {
    for (const { path, text: whole } of files.filter(({ path }) => path.endsWith(".yml"))) {
      expect(parse(whole), path).toMatchObject({ defaults: { run: { "working-directory": "platform" } } });
    }
    expect(text("preview.yml")).toContain("      - platform/tenants/**\n");
    expect(text("preview.yml")).toContain('take-tenants "$GITHUB_WORKSPACE/.change/platform"');
  });

  test("may be merged into another branch than main", () => {
    expect(headerOf(text("deploy.yml"))?.options).toBe("--github --branch trunk --stack dev --stack prod-north");
    expect(parse(text("deploy.yml"))).toMatchObject({ on: { push: { branches: ["trunk"] } } });
  });
});

describe("pipelines for Azure Pipelines", () => {
  const pipelines = ciFiles({ stacks, branch: "main", below: "platform/" }, "azure-pipelines");
  const textOfPipeline = (name: string) =>
    pipelines.find(({ path }) => path === `.azuredevops/${name}.yml`)?.text ?? "";

  test("are one for pull requests, one that deploys, and two that look at night", () => {
    expect(pipelines.map(({ path }) => basename(path, ".yml"))).toEqual(["tenants", "deploy", "drift", "expiry"]);
  });

  test("give pull requests no connection, no group of variables and no secret but the comment's token", () => {
    const text = textOfPipeline("tenants");
    expect(text).not.toMatch(/azureSubscription|group:|PULUMI/);
    const { stages } = parse(text) as { stages: { stage: string }[] };
    expect(
      stages.filter((stage) => JSON.stringify(stage).includes("System.AccessToken")).map(({ stage }) => stage),
    ).toEqual(["comment"]);
  });

  test("let a deployment wait for its environment, one stack after the other", () => {
    const { stages } = parse(textOfPipeline("deploy")) as {
      stages: { stage: string; dependsOn: string[]; jobs: { environment?: string }[] }[];
    };
    expect(stages.map(({ stage, dependsOn, jobs }) => [stage, dependsOn, jobs[0]?.environment])).toEqual([
      ["preview_dev", [], undefined],
      ["deploy_dev", ["preview_dev"], "dev"],
      ["preview_prod_north", ["deploy_dev"], undefined],
      ["deploy_prod_north", ["preview_prod_north"], "prod-north"],
    ]);
  });

  test("keep commands of what they print away from the agent", () => {
    const { stages } = parse(textOfPipeline("tenants")) as {
      stages: { jobs: { steps: { bash?: string; target?: object }[] }[] }[];
    };
    const printing = stages
      .flatMap(({ jobs }) => jobs.flatMap(({ steps }) => steps))
      .filter(({ bash }) => /npm run|node /.test(bash ?? ""));
    expect(printing).toHaveLength(4);
    for (const { target } of printing) expect(target).toEqual({ commands: "restricted", settableVariables: "none" });
  });

  const asPublished = `are as Microsoft's schema of them says${without("AZURE_PIPELINES_SCHEMA", "it")}`;
  test.skipIf(process.env.AZURE_PIPELINES_SCHEMA === undefined)(asPublished, () => {
    const schema = JSON.parse(readFileSync(process.env.AZURE_PIPELINES_SCHEMA ?? "", "utf8")) as AzureSchema;
    // Of its hundreds of tasks those that are used: all of them take ten seconds to compile.
    const used = new Set(
      [
        ...pipelines
          .map(({ text }) => text)
          .join("\n")
          .matchAll(/task: (\S+)/g),
      ].map(([, name = ""]) => name),
    );
    const { task } = schema.definitions;
    const isUsed = ({ properties: { task: name } }: AzureTask) =>
      [...used].some((one) => new RegExp(name?.pattern ?? "^$", "i").test(one));
    const validate = new Ajv({ strict: false, unicodeRegExp: false }).compile({
      ...schema,
      definitions: { ...schema.definitions, task: { ...task, anyOf: task.anyOf.filter(isUsed) } },
    });
    for (const { path, text } of pipelines) {
      validate(parse(text, plainTexts));
      expect([path, validate.errors?.slice(0, 3)]).toEqual([path, undefined]);
    }
    expect(validate({ steps: [{ task: "NodeTool@0", inputs: { versoin: "24.x" } }] })).toBe(false);
  });
});
