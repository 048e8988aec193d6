import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
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

const logIn = (current: string) => ({ "credentials.json": JSON.stringify({ current }) });

/** A home of Pulumi's in which somebody has logged in to a place of their own, and a project. */
function loggedIn() {
  const home = new TestProject({
    ...logIn("azblob://state"),
    "plugins/resource-kubernetes-v4/PulumiPlugin.yaml": "",
  }).root;
  const cwd = new TestProject({ "Pulumi.yaml": "name: p\n" }).root;
  const cache = join(emptyFolder(), "cache");
  /** What the CLI is given for a command. */
  const given = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    quietHome(args, { PULUMI_HOME: home, ...environment }, cwd, cache);
  return { home, cwd, cache, given, ask: (...args: string[]) => given(args) };
}

test("what only asks has a home in which a file is where the CLI would make its folder of logs, and all else is the usual one", () => {
  const { home, ask } = loggedIn();
  const { PULUMI_HOME: quiet = "", ...others } = ask("preview", "--stack", "dev");
  expect(others).toEqual({ PULUMI_CREDENTIALS_PATH: home });
  expect(readdirSync(quiet)).toEqual(["logs", "plugins", "policies", "workspaces"]);
  expect(statSync(join(quiet, "logs")).isFile()).toBe(true);
  expect(existsSync(join(quiet, "plugins/resource-kubernetes-v4/PulumiPlugin.yaml"))).toBe(true);
  // What the CLI puts there, such as a plugin that it downloads, is in the usual home.
  for (const folder of ["plugins", "policies", "workspaces"]) {
    writeFileSync(join(quiet, folder, "new"), "");
    expect(existsSync(join(home, folder, "new"))).toBe(true);
  }
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
  const { ask, given } = loggedIn();
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
  expect(given(["preview"], { PULUMI_OPTION_VERBOSE: "9" })).toEqual({});
});

test("each home has one of its own, also where it is named from the project's folder", () => {
  const { cwd, cache, ask } = loggedIn();
  const { PULUMI_HOME: other } = quietHome(
    ["preview"],
    { PULUMI_HOME: "own", PULUMI_BACKEND_URL: "file://." },
    cwd,
    cache,
  );
  expect(other).toMatch(new RegExp(`^${cache}/[0-9a-f]{12}$`));
  expect(other).not.toBe(ask("preview").PULUMI_HOME);
  expect(existsSync(join(cwd, "own/plugins"))).toBe(true);
});

test("where the state is kept in Pulumi Cloud, the usual home looks after credentials", () => {
  const { given } = loggedIn();
  const cloud = "https://api.pulumi.com";
  expect(given(["preview"], { PULUMI_BACKEND_URL: cloud })).toEqual({});
  const there = new TestProject(logIn(cloud)).root;
  expect(given(["preview"], { PULUMI_CREDENTIALS_PATH: there })).toEqual({});
  expect(given(["preview"], { PULUMI_CREDENTIALS_PATH: there, PULUMI_BACKEND_URL: "file:///state" })).toEqual({
    PULUMI_HOME: expect.any(String),
    PULUMI_CREDENTIALS_PATH: there,
  });
});

test("it is the usual home, too, where it has the key of credentials, nobody has logged in, or the project says where its state is", () => {
  const { home, cwd, given, ask } = loggedIn();
  expect(given(["preview"], { PULUMI_CREDENTIALS_PATH: emptyFolder() })).toEqual({});
  writeFileSync(join(cwd, "Pulumi.yaml"), "name: p\nbackend: { url: 'https://api.pulumi.com' }\n");
  expect(ask("preview")).toEqual({});
  const named = { PULUMI_BACKEND_URL: "file:///state" };
  expect(Object.keys(given(["preview"], named))).toEqual(["PULUMI_HOME", "PULUMI_CREDENTIALS_PATH"]);
  writeFileSync(join(home, "credentials-key.tpm"), "");
  expect(given(["preview"], named)).toEqual({});
});

test("where no such home can be made, it takes longer: nothing fails", () => {
  const { cache, ask } = loggedIn();
  // As where links have been followed in a copy of node_modules.
  const { PULUMI_HOME: quiet = "" } = ask("preview");
  rmSync(join(quiet, "workspaces"));
  mkdirSync(join(quiet, "workspaces"));
  expect(ask("preview")).toEqual({});
  rmSync(cache, { recursive: true });
  writeFileSync(cache, "no folder");
  expect(ask("preview")).toEqual({});
});
