import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { repository, TestProject } from "../support/project.ts";

/** A program that leaves out of the SDK what this one does, counts what the SDK tells the engine of a resource, and ends with an error. */
const program = `import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings.js";
import { leaveOutUnseen } from "${join(repository, "components/leanSdk.ts")}";
leaveOutUnseen(process.env);
const engine = settings.getEngine();
const log = engine.log.bind(engine);
let messages = 0;
engine.log = (request, ...rest) => {
  if (request.getSeverity() === 0 && request.getMessage().includes("name=one")) messages += 1;
  return log(request, ...rest);
};
class Component extends pulumi.ComponentResource {}
const resource = new Component("test:index:Component", "one");
await new Promise((resolve) => resource.urn.apply(resolve));
// Messages are sent one after the other: those before this one have been.
await pulumi.log.info("sent");
void pulumi.log.warn(\`\${messages > 0 ? "some" : "no"} messages for debugging\`);
throw new Error("unforeseen");
`;

async function whatItSays(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const project = new TestProject({ "Pulumi.test.yaml": "config: {}\n" });
  project.remove("index.ts");
  project.write("index.ts", program);
  const args = ["preview", "--stack", project.stack, "--cwd", project.root];
  const { stdout, stderr } = await runCommand("sandbox/main.ts", args, {
    env: { ...process.env, ...env },
    apart: true,
  });
  return stdout + stderr;
}

test("the SDK's messages for debugging are not sent, and an error of the program says where it is all the same", async () => {
  const said = await whatItSays();
  expect(said).toContain("no messages for debugging");
  expect(said).toMatch(/Error: unforeseen\s+at .*index\.ts:18:7/);
});

test("VIRTUAL_CLUSTERS_SDK_DEBUG has them sent", async () => {
  expect(await whatItSays({ VIRTUAL_CLUSTERS_SDK_DEBUG: "true" })).toContain("some messages for debugging");
});
