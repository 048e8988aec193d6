import { expect, test } from "vitest";
import { ask } from "../../cli/doctor/ask.ts";
import { fakeTools } from "../support/fakeTools.ts";
import { TestProject } from "../support/project.ts";

const az = {
  "account show": { name: "Contoso" },
  "group show": { fails: "ERROR: not found", prints: "asking" },
  "vm list": { fails: "error: no subscription" },
};

test.each([
  ["az", "account show", { ok: true, stdout: '{"name":"Contoso"}\n', stderr: "", reason: "", installed: true }],
  [
    "az",
    "group show",
    { ok: false, stdout: "asking\n", stderr: "ERROR: not found\n", reason: "not found", installed: true },
  ],
  [
    "az",
    "vm list",
    { ok: false, stdout: "\n", stderr: "error: no subscription\n", reason: "no subscription", installed: true },
  ],
  [
    "az",
    "login",
    { ok: false, stdout: "", stderr: "az does not know: login\n", reason: "az does not know: login", installed: true },
  ],
  ["kubectl", "version", { ok: false, stdout: "", stderr: "", reason: "not on PATH", installed: false }],
])("%s %s is answered by its process as by its stand-in in this one", async (command, words, reply) => {
  for (const apart of [true, false]) {
    const PATH = fakeTools(new TestProject({}).root, { az }, { apart });
    expect(await ask(command, words.split(" "), { PATH })).toEqual(reply);
  }
});
