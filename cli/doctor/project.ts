import { readFileSync } from "node:fs";
import { join } from "node:path";
import { recoverCommand } from "../../model/recovery/errors.ts";
import { isRunning } from "../../model/recovery/situation.ts";
import type { Inputs } from "../../model/rules/inputs.ts";
import { chartSupport } from "../../model/rules/versions.ts";
import { readProjectName, stackFile, stackOfFiles } from "../../model/settings/project.ts";
import { stackCharts } from "../../model/settings/stackCharts.ts";
import { messageOf } from "../../model/text/problems.ts";
import { today } from "../../model/text/today.ts";
import { checkStoredChart } from "../chartStore.ts";
import { findPulumi, pulumiEnvironment } from "../pulumiCli.ts";
import { locksInFolder } from "../stackLocks.ts";
import { cutOffFiles } from "../stateFolder.ts";
import { ask, json, type Reply } from "./ask.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";
import { checkInterrupted, lockFindings } from "./interrupted.ts";

/** The oldest Node.js that loads TypeScript sources by itself. Source: Node.js 22.18, "type stripping". */
const oldestNode = [22, 18] as const;

/** The Node.js that the CLI will start the program with. */
export async function checkNode(): Promise<Finding> {
  return nodeFinding(await ask("node", ["--version"], pulumiEnvironment()));
}

/** What a Node.js that answers so is good for. */
export function nodeFinding({ stdout, reason }: Pick<Reply, "stdout" | "reason">): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(stdout) ?? [];
  const fine = Number(major) > oldestNode[0] || (Number(major) === oldestNode[0] && Number(minor) >= oldestNode[1]);
  if (fine) return ok("Node.js", stdout.trim());
  const found = stdout.trim() || reason;
  return broken(
    "Node.js",
    found,
    `npm ci, which brings its own (not with --ignore-scripts); ${oldestNode.join(".")} is the oldest`,
  );
}

/** The Pulumi CLI, where it keeps the state, and the stack in there. */
export async function checkPulumi(root: string, stack: string): Promise<Finding[]> {
  const cli = await findPulumi().catch((error: unknown) => messageOf(error));
  if (typeof cli === "string") return [broken("Pulumi CLI", cli, "npm run doctor again, once it is there")];
  const run = (...args: string[]) =>
    ask(cli.command, ["--cwd", root, "--non-interactive", ...args], {
      ...pulumiEnvironment(process.env, cli),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  const version = await run("version");
  if (!version.ok) {
    return [broken("Pulumi CLI", version.reason, `install another than ${cli.command} (pulumi.com/docs/install)`)];
  }
  const found = ok("Pulumi CLI", version.stdout.trim());
  const whoami = await run("whoami", "--verbose", "--json");
  const backend = json<{ readonly user?: string; readonly url?: string }>(whoami);
  if (backend === undefined) {
    const fix = "npx pulumi login <where>; README.md, 'For real', lists the choices";
    return [found, broken("state", `the place where it is kept cannot be read: ${whoami.reason}`, fix)];
  }
  const state = ok("state", backend.url ?? `of ${backend.user}`);
  const name = { project: readProjectName(root), stack: stackOfFiles(stack) };
  const locks = locksInFolder(backend.url, root, name);
  const runs = locks.some(isRunning);
  // Whoever runs writes them.
  const cutOff = runs ? [] : cutOffFiles(backend.url, root, name);
  if (cutOff.length > 0) {
    const what = `the CLI was killed while it wrote ${cutOff.join(", ")}, and reads nothing beside that`;
    return [found, broken("state", what, recoverCommand(stack))];
  }
  const list = await run("stack", "ls", "--json");
  const there = stackFinding(list, stack);
  const left =
    there.state === "ok"
      ? [
          ...lockFindings(locks, stack),
          ...(runs ? [] : await checkInterrupted(await run("stack", "export", "--stack", stack), stack)),
        ]
      : [];
  return [found, state, ...passphrase(root, stack), there, ...left];
}

function stackFinding(list: Reply, stack: string): Finding {
  const stacks = json<{ readonly name: string }[]>(list);
  if (stacks === undefined) return unsure("stack", `whether it is there: ${list.reason}`, "see to the state first");
  return stacks.some(({ name }) => stackOfFiles(name) === stackOfFiles(stack))
    ? ok("stack", `${stack} is there`)
    : broken("stack", `${stack} is not there yet`, `npx pulumi stack init ${stack}`);
}

/** Secrets of a stack with a passphrase: what `npm run up` asks of the CLI before it deploys cannot ask back for it. */
function passphrase(root: string, stack: string): Finding[] {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
  if ((PULUMI_CONFIG_PASSPHRASE ?? PULUMI_CONFIG_PASSPHRASE_FILE) !== undefined) return [];
  if (!/^encryptionsalt:/m.test(readFileSync(join(root, stackFile(stackOfFiles(stack))), "utf8"))) return [];
  return [
    broken(
      "passphrase",
      "it is in neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE",
      "export one of them: 'npm run up' asks for nothing at its first preview",
    ),
  ];
}

/** The chart of each channel, as the program will install it. */
export async function checkChart(root: string, stack: string, { settings }: Inputs): Promise<Finding[]> {
  const { chartRepository } = settings.vcluster;
  if (chartRepository !== "") return [unsure("chart", `from ${chartRepository}`, "not checked before it is installed")];
  return stackCharts(root, stackOfFiles(stack)).map((chart) => {
    const problem = checkStoredChart(root, chart);
    if (problem === undefined) return ok("chart", `vcluster ${chart.version}, with the pinned digest`);
    return broken("chart", problem, "npm run chart; where there is no internet: npm run chart -- --from <file>");
  });
}

/**
 * How long the charts of the channels are supported. Where no later line is known here, only this program's authors can do
 * something about it: it is told, and no warning of every run.
 */
export function checkChartSupport({ settings }: Pick<Inputs, "settings">, day = today()): Finding[] {
  return [...new Set(Object.values(settings.vcluster.channels))].map((version) => {
    const { standing, gone, text, later } = chartSupport(version, day);
    const found = text.replace(/^chart /, "vcluster ");
    if (later !== undefined && standing !== "supported") {
      return unsure(
        "support of vCluster",
        found,
        `name a chart of ${later} in vcluster.channels.canary (docs/upgrading.md)`,
      );
    }
    if (!gone) {
      const note = standing === "supported" ? "" : "; no later line is known to this program yet";
      return ok("support of vCluster", `${found}${note}`);
    }
    const fix =
      "update this program: no later line is known to it. Where its newest release does not know one, ask there";
    return unsure("support of vCluster", found, fix);
  });
}
