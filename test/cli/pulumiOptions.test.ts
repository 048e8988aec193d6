import { describe, expect, test } from "vitest";
import { requireUnprotected } from "../../cli/destroyGuard.ts";
import { upArguments } from "../../cli/pulumiCli.ts";
import { requireNothingHidden, stackOption, takeOptions } from "../../cli/pulumiOptions.ts";
import { stackOfFiles } from "../../model/settings/project.ts";
import { type Replies, withTools } from "../support/fakeTools.ts";

describe("the stack of a command line is the one that the Pulumi CLI reads there", () => {
  test.each([
    [["--stack", "dev"], "dev"],
    [["--stack=dev", "--yes"], "dev"],
    [["-s", "dev"], "dev"],
    [["-s=dev"], "dev"],
    [["-sdev"], "dev"],
    [["-ys", "dev"], "dev"],
    [["-yfsdev"], "dev"],
    [["-rs=acme/dev"], "acme/dev"],
    [["--stack", "test", "-s", "acme/project/dev"], "acme/project/dev"],
    [["-ckey=secrets", "-mso", "-t", "-sx", "-p4"], undefined],
    [["--message", "--stack", "dev"], undefined],
    [["--refresh", "--stack", "dev"], "dev"],
    [[], undefined],
  ])("%j: %s", (args, stack) => {
    expect(stackOption(args)).toBe(stack);
  });

  test.each([
    [
      ["--stack="],
      "--stack is '', which is no stack's name: write --stack dev, --stack acme/dev or --stack acme/project/dev",
    ],
    [["-ys"], "--stack is '', which is no stack's name"],
    [["--stack", "--yes"], "--stack is '--yes', which is no stack's name"],
    [["-s", "acme/"], "--stack is 'acme/', which is no stack's name"],
    [["-yks", "dev"], "-k in '-yks' is no option that is known: write each as a word, such as --stack dev"],
    [["--yes", "--", "--stack", "dev"], "'--' among the options"],
  ])("%j is refused", (args, message) => {
    expect(() => stackOption(args)).toThrow(message);
  });

  test("what is left of options that were one word keeps its meaning", () => {
    const { options, rest } = takeOptions(
      ["-ysdev", "-ckey=s", "-jrt", "urn:a", "-z", "--diff"],
      ["--stack", "--refresh"],
    );
    expect(Object.fromEntries(options)).toEqual({ "--stack": "dev", "--refresh": "true" });
    expect(rest).toEqual(["-y", "-c", "key=s", "-j", "-t", "urn:a", "-z", "--diff"]);
  });

  test("its files are those of the last part", () => {
    expect(["dev", "acme/dev", "acme/project/dev"].map(stackOfFiles)).toEqual(["dev", "dev", "dev"]);
  });
});

test("short options that are one word with others choose a part, or confirm, as they would alone", () => {
  expect(upArguments(["-yrturn:a"], "log", false).join(" ")).toBe(
    "up -yrturn:a --yes --skip-preview --continue-on-error --message a part of a deployment --event-log log",
  );
});

describe("a destroy of a stack in which something is protected", () => {
  const end = "--stack dev --non-interactive --color never";
  const cluster = {
    urn: "urn:pulumi:dev::p::azure-native:containerservice:ManagedCluster::host",
    type: "x",
    protect: true,
  };
  const exported = { deployment: { resources: [cluster] } };
  const destroy = (args: readonly string[], tools: Replies = { [`stack export ${end}`]: exported }) =>
    withTools({ pulumi: tools }, () => requireUnprotected(args, "/"));

  test.each([
    "-sdev",
    "-ys dev",
    "-ysdev",
    "--stack dev --target-dependents",
    "--stack dev --exclude-dependents",
    "--stack dev --preview-only=false --exclude-protected=false",
    "--stack dev --message --target",
    "-s test -s dev",
  ])("is refused: %s", async (words) => {
    await expect(destroy(words.split(" "))).rejects.toThrow(
      "nothing was destroyed: 1 of the resources of stack 'dev' are protected",
    );
  });

  test.each([
    "--target urn:a",
    "-yturn:a",
    "--exclude=urn:a",
    "-x urn:a",
    "--exclude-protected",
    "--preview-only=true",
  ])("is the engine's to judge where it is about a part, or a preview: %s", async (words) => {
    expect(await destroy(["--stack", "dev", ...words.split(" ")], {})).toBeUndefined();
  });
});

test("what a run is about is never taken from the environment, where nobody sees it; how it goes is", () => {
  expect(() => requireNothingHidden({ PULUMI_OPTION_IGNORE_PROTECT: "true", PULUMI_OPTION_TARGET: "urn" })).toThrow(
    "PULUMI_OPTION_IGNORE_PROTECT, PULUMI_OPTION_TARGET is set: what a run is about is said by options of the command; unset it",
  );
  expect(() => requireNothingHidden({ PULUMI_OPTION_PARALLEL: "4", PULUMI_OPTION_TARGET: "" })).not.toThrow();
});
