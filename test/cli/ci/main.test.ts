import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "../../support/command.ts";

/** GitHub's REST interface with these answers; the requests that would change something are kept. */
async function serve(answers: Readonly<Record<string, unknown>>) {
  const sent: { readonly request: string; readonly body: unknown; readonly token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const text = Buffer.concat(parts).toString();
      const { method = "", url = "", headers } = request;
      if (method !== "GET")
        sent.push({ request: `${method} ${url}`, body: JSON.parse(text), token: headers.authorization });
      const answer = answers[url.replace(/\?.*/, "")];
      response.writeHead(method === "GET" && answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { sent, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

function workspace(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "ci-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("the comment is made from GitHub's own word of the run, and the artifact's plan", async () => {
  const server = await serve({
    "/repos/contoso/tenants/pulls/5": {
      state: "open",
      head: { sha: "abc", repo: { id: 2 } },
      base: { ref: "main", sha: "b5e" },
    },
    "/repos/contoso/tenants/compare/b5e...abc": { files: [{ filename: "platform/tenants/dev/ml.yaml" }] },
    "/repos/contoso/tenants/issues/5/comments": [],
  });
  const event = {
    workflow_run: { html_url: "https://x/1", conclusion: "failure", head_sha: "abc", head_repository: { id: 2 } },
    repository: { default_branch: "main" },
  };
  const root = workspace({
    "event.json": JSON.stringify(event),
    "plan/pull-request": "5\n",
    "plan/plan.md": "**1 tenant created**",
    "platform/Pulumi.yaml": "",
  });
  const { code, stdout, stderr } = await runCommand("cli/ci/run/main.ts", ["comment", join(root, "plan")], {
    cwd: join(root, "platform"),
    env: {
      GITHUB_API_URL: server.url,
      GITHUB_REPOSITORY: "contoso/tenants",
      GITHUB_EVENT_PATH: join(root, "event.json"),
      GITHUB_WORKSPACE: root,
      GH_TOKEN: "secret-1",
    },
  });
  expect([code, stdout, stderr]).toEqual([0, "comment of pull request 5: written\n", ""]);
  expect(server.sent).toEqual([
    {
      request: "POST /repos/contoso/tenants/issues/5/comments",
      body: {
        body: expect.stringContaining(
          "<!-- tenants: plan -->\n**1 tenant created**\n\n<sub>**The checks did not pass**",
        ),
      },
      token: "Bearer secret-1",
    },
  ]);
});

test("issues about dates are opened for the owners in CODEOWNERS, and closed where a date is extended", async () => {
  const old = {
    number: 3,
    title: "t",
    body: "<!-- tenants: expiry dev/old -->\n",
    user: { login: "github-actions[bot]" },
  };
  const server = await serve({ "/repos/contoso/tenants/issues": [old] });
  const tenant = {
    stack: "dev",
    name: "ml",
    file: "tenants/dev/ml.yaml",
    owner: "ml@contoso.com",
    expires: "2027-03-31",
  };
  const root = workspace({
    "expiring.json": JSON.stringify([tenant]),
    ".github/CODEOWNERS": "/platform/tenants/dev/ml.yaml @contoso/ml\n",
    "platform/Pulumi.yaml": "",
  });
  const { stdout } = await runCommand("cli/ci/run/main.ts", ["expiry", join(root, "expiring.json")], {
    cwd: join(root, "platform"),
    env: {
      GITHUB_API_URL: server.url,
      GITHUB_REPOSITORY: "contoso/tenants",
      GITHUB_WORKSPACE: root,
      GH_TOKEN: "secret-1",
    },
  });
  expect(stdout).toBe("1 wanted: 1 opened, 0 edited, 1 closed\n");
  expect(server.sent.map(({ request }) => request)).toEqual([
    "POST /repos/contoso/tenants/issues",
    "PATCH /repos/contoso/tenants/issues/3",
  ]);
  expect(server.sent[0]?.body).toMatchObject({ body: expect.stringContaining("`platform/tenants/dev/ml.yaml`") });
  expect(server.sent[0]?.body).toMatchObject({ body: expect.stringContaining("here @contoso/ml.") });
});

test("without issues, a stack that differs fails the run, and a date is a warning", async () => {
  const stack = { stack: "dev", headline: "1 changed", changes: true, alarms: [], shared: [], tenants: [] };
  const tenant = { stack: "dev", name: "ml", file: "f", owner: "o", expires: "2027-03-31" };
  const root = workspace({
    "drift.json": JSON.stringify({ stacks: [stack, { ...stack, stack: "prod", changes: false }] }),
    "expiring.json": JSON.stringify([tenant]),
  });
  const main = (...args: string[]) => runCommand("cli/ci/run/main.ts", args, { cwd: root });
  const differs = await main("differs", "dev", "drift.json");
  expect(differs.code).toBe(1);
  expect(differs.stderr).toMatch(/^error: Stack dev is not as main says\nA preview of main/);
  expect(await main("differs", "prod", "drift.json")).toEqual({
    code: 0,
    stdout: "stack prod is as the files say\n",
    stderr: "",
  });
  expect((await main("warn", "expiring.json")).stdout).toBe(
    "##vso[task.logissue type=warning;]Tenant ml of stack dev: its date is 2027-03-31\n",
  );
});

test("what cannot be done is said in a line", async () => {
  expect(await runCommand("cli/ci/run/main.ts", ["constructor"])).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: no such command: comment, azure-comment, expiry, drift, differs, warn, take-tenants\n",
  });
});

test("tenant files are taken from the merge of the run's own commit alone", async () => {
  const root = workspace({ "event.json": JSON.stringify({ pull_request: { head: { sha: "0".repeat(40) } } }) });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=ada", "-c", "user.email=ada@contoso.com", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("commit", "--quiet", "--allow-empty", "--message=base");
  git("checkout", "--quiet", "-b", "change");
  mkdirSync(join(root, "tenants/dev"), { recursive: true });
  writeFileSync(join(root, "tenants/dev/ml.yaml"), "owner: ada@contoso.com\n");
  git("add", "tenants");
  git("commit", "--quiet", "--message=change");
  const change = git("rev-parse", "HEAD");
  git("checkout", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--no-edit", "change");
  const to = workspace({});
  const take = () =>
    runCommand("cli/ci/run/main.ts", ["take-tenants", root], {
      cwd: to,
      env: { PATH: process.env.PATH, GITHUB_EVENT_PATH: join(root, "event.json") },
    });
  expect(await take()).toEqual({
    code: 1,
    stdout: "",
    stderr: `error: GitHub has not merged 00000000 yet: its merge is of ${change.slice(0, 8)}, and a preview of that would mislead. Run this job again; where the branch has conflicts, resolve those first\n`,
  });
  writeFileSync(join(root, "event.json"), JSON.stringify({ pull_request: { head: { sha: change } } }));
  expect(await take()).toEqual({ code: 0, stdout: `1 tenant files taken from ${root}\n`, stderr: "" });
});
