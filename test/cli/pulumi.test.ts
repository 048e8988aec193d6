import { expect, test } from "vitest";
import { errorsIn } from "../../cli/eventLog.ts";
import { upArguments } from "../../cli/pulumiCli.ts";

const event = (message: string, severity: string) => JSON.stringify({ diagnosticEvent: { severity, message } });

test("the errors of a run are those of its event log, without the engine's last word, also where it is cut off", () => {
  const lines = [
    event("fine", "info"),
    JSON.stringify({ preludeEvent: {} }),
    event("<{%reset%}>namespaces is forbidden<{%reset%}>\n", "error"),
    event("<{%reset%}>update failed<{%reset%}>\n", "error"),
    '{"diagnosticEvent":{',
  ];
  expect(errorsIn(lines.join("\n"))).toEqual(["namespaces is forbidden"]);
  expect(errorsIn("")).toEqual([]);
});

test("a deployment that goes on is not confirmed again, and not previewed", () => {
  const args = ["--stack", "dev"];
  expect(upArguments(args, "log", false)).toEqual(["up", "--stack", "dev", "--event-log", "log"]);
  expect(upArguments(args, "log", true)).toEqual([
    ...["up", "--stack", "dev", "--yes", "--skip-preview", "--event-log", "log"],
  ]);
});
