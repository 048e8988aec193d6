import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { newTenant } from "../../cli/newTenant.ts";
import { azureSettings, reachableSettings, TestProject } from "../support/project.ts";

/** Adds a tenant with an administrator, and answers what is asked; returns what was said and the file that was written. */
async function add(settings: string, answers: readonly string[] | undefined, options: object = {}) {
  const { root } = new TestProject({ "Pulumi.test.yaml": settings });
  const [left, asked] = [[...(answers ?? [])], [] as string[]];
  const ask = async (question: string) => {
    asked.push(question);
    return left.shift() ?? "";
  };
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const given = { stack: "test", cwd: root, owner: "me@contoso.com", purpose: "a test", admin: ["ada@contoso.com"] };
  const failure = await newTenant("ml", { ...given, ...options }, answers && ask).catch(
    (error: Error) => error.message,
  );
  const said = log.mock.calls.flat().map(String);
  log.mockRestore();
  const file = join(root, "tenants/test/ml.yaml");
  const fields = existsSync(file) ? readFileSync(file, "utf8").split("\n\n")[0]?.split("\n").slice(6) : undefined;
  return { failure, asked, said, fields };
}

describe("npm run tenants -- new, for people whom nothing leads to the cluster yet", () => {
  test("asks which way it is to be, with what each costs", async () => {
    const { asked, said, fields } = await add(azureSettings, ["1", "203.0.113.0/24, 198.51.100.0/24"]);
    expect(said.slice(0, 4).map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
      "Nobody listed could reach the cluster as it is. The ways, and what each costs:",
      "  1. expose: public, with allowedCidrs",
      "  2. expose: internal",
      "  3. hostRole: writer",
    ]);
    expect(asked).toEqual([
      "Which one? (1 to 3; nothing to stop) ",
      "From which ranges, such as 203.0.113.0/24? (with commas between them) ",
    ]);
    expect(fields).toEqual(["expose: public", "allowedCidrs:", "  - 203.0.113.0/24", "  - 198.51.100.0/24"]);
    expect((await add(azureSettings, ["3"])).fields).toEqual(["hostRole: writer"]);
  });

  test("writes nothing where no way is chosen, or where the one that is leads nowhere", async () => {
    expect(await add(azureSettings, [""])).toMatchObject({
      failure: "no way was chosen; nothing was written",
      fields: undefined,
    });
    const { failure, fields } = await add(azureSettings, ["2"]);
    expect([failure?.split("\n")[0], fields]).toEqual([
      "tenants/test/ml.yaml would not be right, and was not written:",
      undefined,
    ]);
  });

  test("names the three ways where nobody can be asked", async () => {
    const { failure, fields } = await add(azureSettings, undefined);
    expect(failure?.split("\n").map((line) => line.split(": costs")[0])).toEqual([
      "tenants/test/ml.yaml would not be right, and was not written:",
      "  nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and 'hostRole' is 'none', which lacks it. There are three ways:",
      "  expose: public, with allowedCidrs",
      "  expose: internal",
      "  hostRole: writer",
    ]);
    expect(fields).toBeUndefined();
  });

  test("asks nobody where a flag or the stack says it, or nobody is listed", async () => {
    expect((await add(reachableSettings, [])).asked).toEqual([]);
    expect((await add(azureSettings, [], { hostRole: "admin" })).fields).toEqual(["hostRole: admin"]);
    expect((await add(azureSettings, [], { admin: undefined })).asked).toEqual([]);
  });
});
