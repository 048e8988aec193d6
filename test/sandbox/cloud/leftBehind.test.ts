import { expect, test } from "vitest";
import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { Faults, parseFault } from "../../../sandbox/cloud/faults.ts";
import { settleLeft } from "../../../sandbox/cloud/leftBehind.ts";
import { CloudProvider, resourceTypes } from "../../../sandbox/cloud/provider.ts";
import { stackFiles } from "../../../sandbox/sandbox.ts";
import { azureSettings, TestProject, tenantFile } from "../../support/project.ts";

const ml = { name: "ml", namespace: "ml", version: "0.36.1", values: {} };
const urn = "urn:pulumi:s::p::kubernetes:helm.sh/v3:Release::ml-vcluster";

/** A release whose upgrade has met the fault, on a cluster that was there before. */
async function leftHalfway() {
  const cloud = new Cloud(undefined);
  const fair = new CloudProvider(cloud, () => undefined);
  const namespace = "urn:pulumi:s::p::kubernetes:core/v1:Namespace::ml";
  await fair.create(namespace, { metadata: { name: "ml" } });
  const made = await fair.create(urn, ml);
  const fault = parseFault("Release:pending-upgrade", resourceTypes);
  const clock = { now: () => 0, sleep: async () => undefined };
  const faulty = new Faults([fault], { cloud, clock, say: () => undefined }).provider(fair);
  await expect(faulty.update?.("ml/ml", urn, {}, ml)).rejects.toThrow(busy);
  return { cloud, fair, made };
}

const busy = "another operation (install/upgrade/rollback) is in progress";

test("Helm does nothing more with a release that it left halfway, but uninstalls it", async () => {
  const { cloud, fair } = await leftHalfway();
  expect((await fair.read("ml/ml", urn, ml)).props).toMatchObject({
    status: { status: "pending-upgrade", revision: 2 },
  });
  await expect(fair.update("ml/ml", urn, {}, ml)).rejects.toThrow(busy);
  await expect(fair.create(urn, ml)).rejects.toThrow("cannot re-use a name that is still in use");
  await fair.delete("ml/ml", urn);
  expect(await settleLeft(cloud)).toEqual([]);
});

test("once that revision is forgotten, the release is as it was, and Helm upgrades it again", async () => {
  const { cloud, fair, made } = await leftHalfway();
  expect(await settleLeft(cloud)).toEqual([
    "Helm stopped halfway with release ml/ml: pending-upgrade, revision 2. That revision is forgotten, and pods and volumes stay (Pulumi itself takes: npm run recover)",
  ]);
  expect((await fair.read("ml/ml", urn, ml)).props).toEqual(made.outs);
  expect((await fair.update("ml/ml", urn, {}, ml)).outs).toMatchObject({ status: { status: "deployed", revision: 2 } });
});

test("what stays of a fault is settled by the next deployment at its beginning; a preview and a refresh leave it", async () => {
  const project = new TestProject({ "Pulumi.test.yaml": azureSettings, "tenants/test/ml.yaml": tenantFile() });
  const fault = (text: string) => ({ faults: [parseFault(text, resourceTypes)] });
  const said = async (...run: Parameters<TestProject["run"]>) => {
    const { ok, messages } = await project.run(...run);
    const told = messages.filter(({ severity }) => severity !== "info").map(({ message }) => message);
    return { ok, told };
  };
  const given = () =>
    new Cloud(stackFiles(project.root, project.stack).cloud)
      .ofType("azure-native:authorization:RoleAssignment")
      .filter(({ properties }) => properties.createdBy !== undefined)
      .map(({ properties }) => String(properties.name));

  const first = await said("up", fault("RoleAssignment:RoleAssignmentExists"));
  const [name = ""] = given();
  const exists = `RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is ${name.replaceAll("-", "")}. (409)`;
  expect(first).toEqual({ ok: false, told: [exists] });
  expect((await said("preview")).told).toEqual([]);
  expect(given()).toEqual([name]);

  expect(await said("up")).toEqual({
    ok: true,
    told: [
      `somebody gave a role by hand that this stack gives, as ${name}. It is replaced by the one of the stack's name (Pulumi itself takes: npm run recover)`,
    ],
  });
  expect(given()).toEqual([]);

  project.append("tenants/test/ml.yaml", "lifecycle: suspended\n");
  const second = await said("up", fault("Release#ml-vcluster:pending-upgrade"));
  expect(second).toEqual({ ok: false, told: [`UpgradeFailed: ${busy} (409)`] });
  expect((await said("refresh")).ok).toBe(true);
  expect(await said("up")).toEqual({
    ok: true,
    told: [expect.stringMatching(/^Helm stopped halfway with release ml\/ml: pending-upgrade, revision 2\./)],
  });
});
