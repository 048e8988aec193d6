import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { keepAzureComment } from "../../../cli/ci/run/azureDevOps.ts";
import { comment } from "../../../cli/ci/run/comment.ts";
import { GitHub, githubOf } from "../../../cli/ci/run/github.ts";
import { planComment, programFiles } from "../../../cli/ci/run/planComment.ts";
import { takeTenants } from "../../../cli/ci/run/takeTenants.ts";
import { hostileTexts } from "../../support/hostileTexts.ts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "ci-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const url = "https://github.com/contoso/tenants/actions/runs/1";
const run = { html_url: url, conclusion: "success", head_sha: "abc", head_repository: { id: 2 } };

/** A repository with a pull request of a fork. */
function repository(changes: { files?: object[]; pull?: object; comments?: object[] } = {}) {
  const sent: { method: string; path: string; body: unknown }[] = [];
  const pull = {
    number: 5,
    state: "open",
    head: { sha: "abc", repo: { id: 2 } },
    base: { ref: "main", sha: "b5e" },
    ...changes.pull,
  };
  const github = new GitHub(async (method, path, body) => {
    if (method !== "GET") {
      sent.push({ method, path, body });
      return undefined;
    }
    if (path === "/compare/b5e...abc") return { files: changes.files ?? [{ filename: "tenants/dev/ml.yaml" }] };
    if (path.startsWith("/issues/5/comments")) return changes.comments ?? [];
    return pull;
  });
  const write = (
    artifact: Readonly<Record<string, string>> = { "pull-request": "5\n", "plan.md": "**1 tenant created**\n" },
  ) => comment(github, { run, defaultBranch: "main", folder: folderWith(artifact), below: "" });
  return { sent, write };
}

const body = (sent: readonly { body: unknown }[]) => (sent[0]?.body as { body: string } | undefined)?.body ?? "";

describe("the comment of a pull request", () => {
  test("has the plan as it is where only data changes", async () => {
    const { sent, write } = repository();
    expect(await write()).toBe("comment of pull request 5: written");
    expect(sent).toEqual([
      {
        method: "POST",
        path: "/issues/5/comments",
        body: {
          body: `<!-- tenants: plan -->\n**1 tenant created**\n\n<sub>The checks passed: [the run](${url}) of \`abc\`.</sub>`,
        },
      },
    ]);
  });

  test("is edited in place, and left where it says the same; nobody else's is taken for it", async () => {
    const theirs = { id: 1, body: "<!-- tenants: plan -->\nhello", user: { login: "joan" } };
    const ours = { id: 2, body: "<!-- tenants: plan -->\nbefore", user: { login: "github-actions[bot]" } };
    const { sent, write } = repository({ comments: [theirs, ours] });
    expect(await write()).toBe("comment of pull request 5: edited");
    expect(sent.map(({ method, path }) => [method, path])).toEqual([["PATCH", "/issues/comments/2"]]);
    const same = repository({ comments: [{ ...ours, body: body(sent) }] });
    expect(await same.write()).toBe("comment of pull request 5: left");
    expect(same.sent).toEqual([]);
  });

  test.each([
    ["another commit is the newest", { pull: { head: { sha: "def", repo: { id: 2 } } } }],
    ["the commit is another repository's", { pull: { head: { sha: "abc", repo: { id: 3 } } } }],
    ["its fork is gone", { pull: { head: { sha: "abc", repo: null } } }],
    ["it is closed", { pull: { state: "closed" } }],
  ])("is not written where %s", async (_, changes) => {
    const { sent, write } = repository(changes);
    expect(await write()).toBe("pull request 5 is closed, or its newest commit is not the run's: nothing is written");
    expect(sent).toEqual([]);
  });

  test.each(["", "0", "5; echo", "../5", "5 6", "١", "12345678901"])(
    "takes no number like %j from a run",
    async (number) => {
      const { sent, write } = repository();
      expect(await write({ "pull-request": number, "plan.md": "x" })).toBe(
        "the run names no pull request: nothing is written",
      );
      expect(sent).toEqual([]);
    },
  );

  test("says that there is no plan where the run left none, one that is too large, or a link", async () => {
    for (const artifact of [{}, { "plan.md": "x".repeat(300_001) }]) {
      const { sent, write } = repository();
      await write({ "pull-request": "5", ...artifact });
      expect(body(sent)).toContain("**No plan was made.**");
    }
    const folder = folderWith({ "pull-request": "5", secret: "hello" });
    symlinkSync(join(folder, "secret"), join(folder, "plan.md"));
    const sent: string[] = [];
    const github = new GitHub(async (method, path, content) => {
      if (method !== "GET") sent.push((content as { body: string }).body);
      return path.includes("?")
        ? []
        : {
            number: 5,
            state: "open",
            ...run,
            head: { sha: "abc", repo: { id: 2 } },
            base: { ref: "main", sha: "b5e" },
          };
    });
    await comment(github, { run, defaultBranch: "main", folder, below: "" });
    expect(sent).toEqual([expect.stringContaining("**No plan was made.**")]);
  });

  test.each([
    [
      "a workflow changes",
      { files: [{ filename: ".github/workflows/tenants.yml" }] },
      "`.github/workflows/tenants.yml`",
    ],
    [
      "a program's file was renamed",
      { files: [{ filename: "a.md", previous_filename: "cli/plan.ts" }] },
      "`cli/plan.ts`",
    ],
    [
      "GitHub does not list all files",
      { files: Array.from({ length: 300 }, (_, n) => ({ filename: `tenants/dev/t${n}.yaml` })) },
      "`(more files than GitHub lists)`",
    ],
    [
      "it goes to a branch with another program",
      { pull: { base: { ref: "topic", sha: "b5e" } } },
      "`(the branch topic)`",
    ],
  ])("warns, and shows the run's words as plain text, where %s", async (_, changes, named) => {
    const { sent, write } = repository(changes);
    await write({ "pull-request": "5", "plan.md": "**nothing changes** @everyone" });
    expect(body(sent)).toContain(
      "> [!CAUTION]\n> **This pull request changes more than tenants, settings and waivers**",
    );
    expect(body(sent)).toContain(`Read the code first: ${named}`);
    expect(body(sent)).toContain("\n````text\n**nothing changes** @everyone\n````\n");
  });

  test("asks for the files of the run's own commit, whatever has been pushed since", async () => {
    const asked: string[] = [];
    const github = new GitHub(async (method, path) => {
      asked.push(`${method} ${path}`);
      if (path.startsWith("/compare/")) return { files: [] };
      if (path.includes("?")) return [];
      return { number: 5, state: "open", head: { sha: "abc", repo: { id: 2 } }, base: { ref: "main", sha: "b5e" } };
    });
    const folder = folderWith({ "pull-request": "5", "plan.md": "x" });
    await comment(github, { run, defaultBranch: "main", folder, below: "" });
    expect(asked.slice(0, 2)).toEqual(["GET /pulls/5", "GET /compare/b5e...abc"]);
  });

  test.each(hostileTexts)("leaves %j without a meaning where the program's word is not taken", (text) => {
    const whole = planComment({ plan: text, program: [`cli/${text}.ts`], passed: false, url, commit: "abc" });
    const lines = whole.split("\n");
    const fence = lines.findIndex((line) => /^`{4,}text$/.test(line));
    const ticks = (lines[fence] ?? "").replace("text", "");
    const end = lines.indexOf(ticks, fence + 1);
    const outside = [...lines.slice(1, fence), ...lines.slice(end + 1)];
    expect(text).not.toContain(ticks);
    // Outside of the fence: four lines of a warning, with the file's name in code, the fold, and the run.
    expect(outside).toEqual([
      "> [!CAUTION]",
      "> **This pull request changes more than tenants, settings and waivers**, and what follows was computed by the changed code:",
      expect.stringMatching(/^> it may say anything\. Read the code first: (`+)(?!`).*[^`]?\1\.$/),
      "",
      "<details><summary>What the run says</summary>",
      "",
      "",
      "</details>",
      "",
      `<sub>**The checks did not pass**: [the run](${url}) of \`abc\`.</sub>`,
    ]);
  });

  test.each([10, 64_000, 65_400, 70_000, 250_000])("fits where the plan has %i characters", (length) => {
    const plan = "ab\n".repeat(length / 3);
    for (const program of [[], Array.from({ length: 30 }, (_, i) => `cli/${"x".repeat(300)}${i}.ts`)]) {
      expect(planComment({ plan, program, url, commit: "abc" }).length).toBeLessThanOrEqual(65_536);
    }
    expect(planComment({ plan: "`".repeat(length), program: ["a.ts"], url, commit: "abc" }).length).toBeLessThanOrEqual(
      65_536,
    );
  });
});

describe("what a change is made of", () => {
  test("is data where it is tenants, settings, waivers or prose", () => {
    const data = ["tenants/dev/ml.yaml", "tenants/schema.yaml", "Pulumi.dev.yaml", "waivers/dev.yaml", "docs/x.md"];
    const program = [
      "Pulumi.yaml",
      "tenants/dev/x.ts",
      "a/tenants/dev/ml.yaml",
      ".github/CODEOWNERS",
      "waivers/a/b.yaml",
      "package.json",
    ];
    expect(programFiles([...data, ...program])).toEqual([...program].sort());
    expect(programFiles(["platform/tenants/dev/ml.yaml", "tenants/dev/ml.yaml"], "platform/")).toEqual([
      "tenants/dev/ml.yaml",
    ]);
  });
});

describe("a preview with an identity", () => {
  test("takes a change's tenant files, in place of those that are there, and nothing else", () => {
    const change = folderWith({
      "tenants/dev/ml.yaml": "new",
      "tenants/dev/run.sh": "x",
      "tenants/prod/web.yaml": "web",
      "tenants/dev/a/b.yaml": "x",
      "Pulumi.dev.yaml": "changed",
      "index.ts": "changed",
    });
    const base = folderWith({
      "tenants/dev/ml.yaml": "old",
      "tenants/dev/gone.yaml": "x",
      "Pulumi.dev.yaml": "as it was",
      "index.ts": "as it was",
    });
    expect(takeTenants(change, base)).toEqual(["tenants/dev/ml.yaml", "tenants/prod/web.yaml"]);
    const text = (path: string) => readFileSync(join(base, path), "utf8");
    expect([text("tenants/dev/ml.yaml"), text("Pulumi.dev.yaml"), text("index.ts")]).toEqual([
      "new",
      "as it was",
      "as it was",
    ]);
    expect(() => text("tenants/dev/gone.yaml")).toThrow("ENOENT");
    expect(() => text("tenants/dev/run.sh")).toThrow("ENOENT");
  });

  test("follows no link of the change", () => {
    const outside = folderWith({ "secret.yaml": "a secret", "dev/x.yaml": "a secret" });
    const change = folderWith({ "tenants/dev/ml.yaml": "ml" });
    symlinkSync(join(outside, "secret.yaml"), join(change, "tenants/dev/linked.yaml"));
    symlinkSync(join(outside, "dev"), join(change, "tenants/linked"));
    expect(takeTenants(change, folderWith({}))).toEqual(["tenants/dev/ml.yaml"]);
  });
});

describe("what is refused", () => {
  test("is said with the service's answer, and without the token", async () => {
    const answer = async () => new Response('{"message":"Bad credentials"}', { status: 401 });
    const github = githubOf({ GH_TOKEN: "secret-1", GITHUB_REPOSITORY: "contoso/tenants" }, answer);
    await expect(github.openIssues()).rejects.toThrow(
      /^GitHub answered GET \/issues\?state=open&per_page=100&page=1 with 401: \{"message":"Bad credentials"\}$/,
    );
    await expect(keepAzureComment({ SYSTEM_ACCESSTOKEN: "secret-1" }, "plan", "x", answer)).rejects.toThrow(
      /^Azure DevOps answered GET _apis\/connectionData with 401: \{"message":"Bad credentials"\}$/,
    );
  });
});

describe("the comment in Azure Repos", () => {
  const environment = {
    SYSTEM_COLLECTIONURI: "https://dev.azure.com/contoso/",
    SYSTEM_TEAMPROJECTID: "p",
    BUILD_REPOSITORY_ID: "r",
    SYSTEM_PULLREQUEST_PULLREQUESTID: "5",
    SYSTEM_ACCESSTOKEN: "secret-1",
  };
  const threadsUrl = "https://dev.azure.com/contoso/p/_apis/git/repositories/r/pullRequests/5/threads";

  async function keep(threads: readonly object[], text = "<!-- tenants: plan -->\n@<1> **plan**") {
    const sent: unknown[] = [];
    const get: typeof fetch = async (input, init) => {
      const address = String(input).replace(/\?api-version=.*/, "");
      if (init?.method !== "GET") sent.push([init?.method, address, JSON.parse(String(init?.body))]);
      return Response.json(
        address.endsWith("connectionData") ? { authenticatedUser: { id: "me" } } : { value: threads },
      );
    };
    return [await keepAzureComment(environment, "plan", text, get), sent] as const;
  }

  test("is one, which is edited in place, and notifies nobody", async () => {
    const content = "<!-- tenants: plan -->\n@ <1> **plan**";
    expect(await keep([])).toEqual([
      "written",
      [["POST", threadsUrl, { comments: [{ parentCommentId: 0, commentType: "text", content }], status: "closed" }]],
    ]);
    const thread = (id: number, author: string, text: string) => ({
      id,
      comments: [{ id: 1, author: { id: author }, content: text }],
    });
    const before = [
      thread(1, "joan", "<!-- tenants: plan -->"),
      thread(2, "me", "hello"),
      thread(3, "me", "<!-- tenants: plan -->\nbefore"),
    ];
    expect(await keep(before)).toEqual(["edited", [["PATCH", `${threadsUrl}/3/comments/1`, { content }]]]);
    expect(await keep([thread(3, "me", content)])).toEqual(["left", []]);
  });
});
