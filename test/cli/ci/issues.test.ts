import { describe, expect, test } from "vitest";
import { type DriftReport, driftIssues } from "../../../cli/ci/run/driftIssue.ts";
import { codeOwnersOf, expiryIssues } from "../../../cli/ci/run/expiryIssues.ts";
import { GitHub } from "../../../cli/ci/run/github.ts";
import { issueActions, marked, type OpenIssue } from "../../../cli/ci/run/issueUpkeep.ts";
import { hostileTexts } from "../../support/hostileTexts.ts";

const open = (number: number, key: string, fields: Partial<OpenIssue> = {}): OpenIssue => ({
  number,
  title: "a title",
  body: marked(key, "a text"),
  ours: true,
  ...fields,
});
const wanted = { key: "expiry dev/ml", title: "a title", body: "a text" };

describe("the open issues of a kind", () => {
  test("get one for what is so and has none", () => {
    expect(issueActions("expiry", [wanted], [])).toEqual([
      { do: "open", title: "a title", body: "<!-- tenants: expiry dev/ml -->\na text" },
    ]);
  });

  test("are left alone where they say what is so, whatever GitHub made of their line ends", () => {
    expect(issueActions("expiry", [wanted], [open(7, wanted.key)])).toEqual([]);
    const windows = marked(wanted.key, "a text").replaceAll("\n", "\r\n");
    expect(issueActions("expiry", [wanted], [open(7, wanted.key, { body: windows })])).toEqual([]);
  });

  test("are edited where something else is so", () => {
    const other = { ...wanted, title: "another title" };
    expect(issueActions("expiry", [other], [open(7, wanted.key)])).toEqual([
      { do: "edit", number: 7, title: "another title", body: "<!-- tenants: expiry dev/ml -->\na text" },
    ]);
  });

  test("are closed where it is not so any more, and so are all but the oldest of two", () => {
    expect(issueActions("expiry", [], [open(7, wanted.key)])).toEqual([{ do: "close", number: 7 }]);
    expect(issueActions("expiry", [wanted], [open(9, wanted.key), open(7, wanted.key)])).toEqual([
      { do: "close", number: 9 },
    ]);
  });

  test("are never those of another kind, of somebody else, or without a marker at their beginning", () => {
    const others = [
      open(1, "drift dev"),
      open(2, "expiryX dev/ml"),
      open(3, wanted.key, { ours: false }),
      open(4, "", { body: `see ${marked(wanted.key, "")}` }),
    ];
    expect(issueActions("expiry", [], others)).toEqual([]);
    expect(issueActions("drift dev", [], [open(5, "drift dev-2")])).toEqual([]);
  });
});

describe("an issue about a tenant's date", () => {
  const tenant = {
    stack: "dev",
    name: "ml",
    file: "tenants/dev/ml.yaml",
    owner: "team-ml@contoso.com",
    expires: "2027-03-31",
  };

  test("says whose it is, what to do, and that nothing is deleted", () => {
    expect(
      expiryIssues([tenant], "* @contoso/platform\n/tenants/dev/ml.yaml @contoso/ml ml@contoso.com # its team\n"),
    ).toEqual([
      {
        key: "expiry dev/ml",
        title: "Tenant ml of stack dev: its date is 2027-03-31",
        body: [
          "The virtual cluster `ml` of stack `dev` has the date `2027-03-31`. Nothing is deleted by itself.",
          "- Still needed? Set a later `expires` in `tenants/dev/ml.yaml`, or remove the line. This issue closes then.",
          "- Not any more? `lifecycle: offboarding`, then remove the file: docs/offboarding.md.",
          "Owner: `team-ml@contoso.com`, here @contoso/ml.",
        ].join("\n"),
      },
    ]);
  });

  test("notifies whom CODEOWNERS names last for the file, and nobody that a tenant file names", () => {
    const text =
      "/tenants/dev/ml.yaml @contoso/old\n/tenants/dev/ml.yaml @joan @contoso/ml <script>\n/tenants/dev/ml @x";
    expect(codeOwnersOf(text, "tenants/dev/ml.yaml")).toEqual(["@joan", "@contoso/ml"]);
    expect(codeOwnersOf("*.yaml @contoso/platform", "tenants/dev/ml.yaml")).toEqual([]);
  });

  test.each(hostileTexts)("keeps in code what an owner is called: %j", (owner) => {
    const [issue] = expiryIssues([{ ...tenant, owner }]);
    const line = issue?.body.split("\n").find((text) => text.startsWith("Owner: ")) ?? "";
    expect(issue?.body.split("\n")).toHaveLength(4);
    expect(line).toMatch(/^Owner: (`+)(?!`).*[^`]?\1\.$/);
  });
});

describe("an issue about drift", () => {
  const resource = { op: "update", kind: "Release", name: "ml", values: [{ path: "values.x" }] };
  const report = (stack: Partial<DriftReport["stacks"][number]>): DriftReport => ({
    stacks: [
      {
        stack: "dev",
        headline: "0 tenants created, 1 changed",
        changes: true,
        alarms: [],
        shared: [],
        tenants: [],
        ...stack,
      },
    ],
  });

  test("names what differs, each in a line", () => {
    const [issue] = driftIssues(
      "dev",
      report({
        alarms: [{ text: "PROTECTION OFF" }],
        tenants: [{ name: "ml", resources: [resource] }],
        shared: [{ ...resource, values: [] }],
      }),
    );
    expect(issue?.key).toBe("drift dev");
    expect(issue?.body.split("\n").slice(2)).toEqual([
      "- **`PROTECTION OFF`**",
      "- `update` `Release` `ml`",
      "- `ml`: `update` `Release` `ml` (`values.x`)",
    ]);
  });

  test("is not there where nothing differs, and names the first fifty of many", () => {
    expect(driftIssues("dev", report({ changes: false }))).toEqual([]);
    const [issue] = driftIssues("dev", report({ shared: Array.from({ length: 70 }, () => resource) }));
    expect(issue?.body.split("\n").at(-1)).toBe("- and 20 more");
  });

  test("tells what was changed by hand, though a deployment would change nothing", () => {
    const [issue] = driftIssues(
      "dev",
      report({ changes: false, drift: [{ ...resource, kind: "ManagedCluster", name: "aks" }] }),
    );
    expect(issue?.body.split("\n").at(-1)).toBe("- by hand: `update` `ManagedCluster` `aks` (`values.x`)");
  });

  test("tells whose it is, what comes of it and what puts it back", () => {
    const [issue] = driftIssues(
      "dev",
      report({
        changes: false,
        drift: [
          {
            ...{
              op: "delete",
              kind: "NetworkPolicy",
              name: "vc-work-ml",
              tenant: "ml",
              consequence: "traffic is let through",
            },
            mend: "npm run up -- --stack dev --mend",
          },
        ],
      }),
    );
    expect(issue?.body.split("\n").slice(2)).toEqual([
      "- `npm run up -- --stack dev --mend`",
      "- by hand: `ml`: `delete` `NetworkPolicy` `vc-work-ml`: `traffic is let through`",
    ]);
  });

  test("is neither opened nor closed where nobody could look into releases", () => {
    const notes = ["What is inside releases was not compared: kubectl is not on PATH."];
    expect(() => driftIssues("dev", report({ changes: false, notes }))).toThrow(`stack 'dev': ${notes[0]}`);
  });

  test("is neither opened nor closed where the files cannot be deployed", () => {
    expect(() => driftIssues("dev", report({ changes: false, failures: [{}] }))).toThrow(
      "stack 'dev' could not be previewed: its report says why",
    );
  });

  test("is not closed by a report that tells nothing of the stack", () => {
    expect(() => driftIssues("prod", report({}))).toThrow("the report tells nothing of stack 'prod'");
  });
});

describe("GitHub", () => {
  test("is asked for all pages of open issues, and pull requests are none of them", async () => {
    const asked: string[] = [];
    const first = Array.from({ length: 100 }, (_, i) => ({
      number: i,
      title: "t",
      body: null,
      user: { login: "joan" },
    }));
    const second = [
      { number: 100, title: "t", body: "b", user: { login: "github-actions[bot]" } },
      { number: 101, title: "t", body: "b", user: { login: "github-actions[bot]" }, pull_request: {} },
    ];
    const github = new GitHub(async (_, path) => {
      asked.push(path);
      return path.endsWith("page=1") ? first : second;
    });
    const issues = await github.openIssues();
    expect(asked).toEqual(["/issues?state=open&per_page=100&page=1", "/issues?state=open&per_page=100&page=2"]);
    expect(issues).toHaveLength(101);
    expect(issues.filter(({ ours }) => ours).map(({ number }) => number)).toEqual([100]);
  });

  test("is told each action as it takes it", async () => {
    const sent: unknown[] = [];
    await new GitHub(async (...request) => sent.push(request)).carryOut([
      { do: "open", title: "t", body: "b" },
      { do: "edit", number: 7, title: "t", body: "b" },
      { do: "close", number: 8 },
    ]);
    expect(sent).toEqual([
      ["POST", "/issues", { title: "t", body: "b" }],
      ["PATCH", "/issues/7", { title: "t", body: "b" }],
      ["PATCH", "/issues/8", { state: "closed", state_reason: "completed" }],
    ]);
  });
});
