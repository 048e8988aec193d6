import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietHome } from "../../cli/quietHome.ts";
import { TestProject } from "../support/project.ts";

/** An empty folder. */
function emptyFolder(): string {
  const folder = join(new TestProject({}).root, "empty");
  mkdirSync(folder);
  return folder;
}

/** A home of Pulumi's in which somebody has logged in, and a project. */
function loggedIn() {
  const home = new TestProject({ "credentials.json": "{}", "plugins/resource-kubernetes-v4/PulumiPlugin.yaml": "" })
    .root;
  const project = emptyFolder();
  const ask = (...args: string[]) => quietHome(args, { PULUMI_HOME: home }, project);
  return { home, project, ask };
}

test("what only asks has a home in which a file is where the CLI would make its folder of logs, and all else is the usual one", () => {
  const { home, ask } = loggedIn();
  const { PULUMI_HOME: quiet = "", ...others } = ask("preview", "--stack", "dev");
  expect(others).toEqual({ PULUMI_CREDENTIALS_PATH: home });
  expect(readdirSync(quiet)).toEqual(["logs", "plugins", "policies", "workspaces"]);
  expect(statSync(join(quiet, "logs")).isFile()).toBe(true);
  for (const folder of ["plugins", "policies", "workspaces"]) {
    expect(readlinkSync(join(quiet, folder)).replace(/\/$/, "")).toBe(join(home, folder));
  }
  expect(existsSync(join(quiet, "plugins/resource-kubernetes-v4/PulumiPlugin.yaml"))).toBe(true);
  // What the CLI puts there, such as a plugin that it downloads, is in the usual home.
  writeFileSync(join(quiet, "workspaces/selected.json"), "{}");
  expect(existsSync(join(home, "workspaces/selected.json"))).toBe(true);
});

test("questions about a stack have the same home, also where it is there already", () => {
  const { ask } = loggedIn();
  const first = ask("preview");
  expect(first.PULUMI_HOME).toBeDefined();
  for (const args of [
    ["stack", "export"],
    ["stack", "history", "--json"],
    ["refresh", "--preview-only"],
    ["preview", "-s", "dev"],
  ])
    expect(ask(...args), args.join(" ")).toEqual(first);
});

test("what changes something keeps its log, and so does what somebody looks into", () => {
  const { ask, home, project } = loggedIn();
  const logged = [
    ["up", "--yes"],
    ["refresh", "--yes"],
    ["destroy"],
    ["stack", "import"],
    ["cancel"],
    ["preview", "--debug"],
    ["preview", "-d"],
    ["preview", "-v", "9"],
    ["preview", "--verbose=9"],
    ["preview", "--logtostderr"],
  ];
  for (const args of logged) expect(ask(...args), args.join(" ")).toEqual({});
  expect(quietHome(["preview"], { PULUMI_HOME: home, PULUMI_OPTION_VERBOSE: "9" }, project)).toEqual({});
});

test("each home has one of its own", () => {
  const [one, other] = [loggedIn(), loggedIn()];
  const quiet = (home: string) => quietHome(["preview"], { PULUMI_HOME: home }, one.project).PULUMI_HOME;
  expect(quiet(one.home)).not.toBe(quiet(other.home));
});

test("credentials that are kept elsewhere stay there, and a backend or a token that is named needs none", () => {
  const { home, project } = loggedIn();
  const [elsewhere, bare] = [new TestProject({ "credentials.json": "{}" }).root, emptyFolder()];
  const credentials = (environment: NodeJS.ProcessEnv) =>
    quietHome(["preview"], environment, project).PULUMI_CREDENTIALS_PATH;
  expect(credentials({ PULUMI_HOME: home, PULUMI_CREDENTIALS_PATH: elsewhere })).toBe(elsewhere);
  expect(credentials({ PULUMI_HOME: bare, PULUMI_BACKEND_URL: "file:///state" })).toBe(bare);
  expect(credentials({ PULUMI_HOME: bare, PULUMI_ACCESS_TOKEN: "token" })).toBe(bare);
});

test("where nobody has logged in, or no such home can be made, the CLI has its own", () => {
  const { home, project } = loggedIn();
  const bare = emptyFolder();
  expect(quietHome(["preview"], { PULUMI_HOME: bare }, project)).toEqual({});
  expect(readdirSync(bare)).toEqual([]);
  writeFileSync(join(project, "node_modules"), "no folder");
  expect(quietHome(["preview"], { PULUMI_HOME: home }, project)).toEqual({});
});
