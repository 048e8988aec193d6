import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Answer } from "../../../cli/askPulumi.ts";
import { chooseChanged } from "../../../cli/plan/changedChoice.ts";
import { upArguments } from "../../../cli/pulumiCli.ts";
import { repository, TestProject } from "../../support/project.ts";

const answer = (stdout: string): Answer => ({ command: "pulumi", code: 0, stdout, stderr: "" });
const exported = answer(readFileSync(join(repository, "test/fixtures/engine/export.json"), "utf8"));

/** What may differ after this run, which was the stack's last. */
async function chosenAfter(last: object, stack = "dev", environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { root } = TestProject.ofFixture("dev");
  const history = answer(JSON.stringify([{ kind: "update", result: "succeeded", endTime: "2100-01-01", ...last }]));
  const options = { root, environment, asked: Promise.resolve([exported, history] as const) };
  const { what } = await chooseChanged(stack, options, () => undefined);
  return what;
}

test("after a deployment of a part, with a message of its own or without, all is looked at", async () => {
  for (const more of [[], ["--message", "only ml"]]) {
    const args = upArguments(["--target", "urn:a", ...more], "log", false);
    const message = args[args.lastIndexOf("--message") + 1];
    expect(await chosenAfter({ message })).toEqual({ full: "the last run did only a part of a deployment" });
  }
});

test("after a deployment that ended well, the program, settings and files decide", async () => {
  expect(await chosenAfter({ message: "ml gets more room" })).toEqual({
    full: "the last deployment was by another release",
  });
  // The files of a stack do not know its organization.
  expect(await chosenAfter({}, "acme/virtual-clusters/dev")).toEqual(await chosenAfter({}));
  expect(await chosenAfter({ result: "failed" })).toEqual({ full: "the last deployment did not end well" });
  expect(await chosenAfter({ kind: "refresh" })).toEqual({ full: "the last run was no deployment (refresh)" });
});

test("a stack that has never been deployed is told as that", async () => {
  const { root } = TestProject.ofFixture("dev");
  const asked = Promise.resolve([answer('{"version":3,"deployment":{}}'), answer("[]")] as const);
  const { what } = await chooseChanged("dev", { root, environment: {}, asked }, () => undefined);
  expect(what).toEqual({ full: "nothing is deployed yet" });
});

test("an option that the CLI takes from the environment makes it a full run, as the same one of the command does", async () => {
  for (const name of ["CONFIG", "CONFIG_FILE", "REFRESH", "RUN_PROGRAM", "IMPORT_FILE", "PLAN"].map(
    (option) => `PULUMI_OPTION_${option}`,
  ))
    expect(await chosenAfter({}, "dev", { [name]: "x" })).toEqual({ full: `${name} is given` });
  expect(await chosenAfter({}, "dev", { PULUMI_OPTION_PARALLEL: "4", PULUMI_OPTION_REFRESH: "" })).toEqual(
    await chosenAfter({}),
  );
});
