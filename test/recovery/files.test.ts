import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { parseFault } from "../../sandbox/cloud/faults.ts";
import { resourceTypes } from "../../sandbox/cloud/provider.ts";
import { stackFiles } from "../../sandbox/sandbox.ts";
import { runCommand } from "../support/command.ts";
import { azureSettings, changesOf, errorsOf, sortedResources, TestProject, tenantFile } from "../support/project.ts";

const oneTenant = () => TestProject.withTenants({ ml: tenantFile() });
const filesOf = ({ root, stack }: TestProject) => stackFiles(root, stack);
const taken = "the state does not have it, and the cloud has: taken over (Pulumi itself takes: npm run recover)";

/** A state but for the ids that engines make up. */
const known = (project: TestProject) =>
  sortedResources(project.checkpoint())
    .filter(({ type }) => !type.startsWith("pulumi:"))
    .map(({ provider: _, ...state }) => state);

describe("a state that is gone", () => {
  test("is made anew from the cloud, each resource told; nothing is changed, and a preview says the same", async () => {
    const project = oneTenant();
    await project.up();
    const before = known(project);
    const files = filesOf(project);
    rmSync(files.state);
    for (const command of ["preview", "up"] as const) {
      const result = await project.run(command);
      expect(errorsOf(result)).toEqual([]);
      expect(changesOf(result)).toEqual(["create kubernetes platform-access-provider"]);
      expect(result.messages.filter(({ message }) => message === taken)).toHaveLength(
        before.filter(({ custom }) => custom).length,
      );
      expect(result.messages.filter(({ message }) => message.startsWith("the state was gone"))).toHaveLength(1);
    }
    expect(known(project)).toEqual(before);
    expect(changesOf(await project.up())).toEqual([]);
  });

  test("is made anew as the files are now, and what they describe no more is named", async () => {
    const project = TestProject.withTenants({ ml: tenantFile(), old: tenantFile() });
    await project.up();
    rmSync(filesOf(project).state);
    project.append("tenants/test/ml.yaml", "size: large\n");
    project.remove("tenants/test/old.yaml");
    const result = await project.up();
    expect(changesOf(result)).toContain("update Release ml-vcluster");
    const said = result.messages
      .map(({ message }) => message)
      .find((message) => message.startsWith("the state was gone"));
    expect(said).toMatch(/The state does not have, and so nothing deletes: .*Namespace old, .*Release old\/old\./);
  });

  test("does not give a tenant to somebody else", async () => {
    const project = oneTenant();
    await project.up();
    rmSync(filesOf(project).state);
    project.write("tenants/test/ml.yaml", tenantFile().replace("team@", "others@"));
    const result = await project.run("up");
    expect(errorsOf(result).join("\n")).toMatch(
      /tenants\/test\/ml\.yaml:1:\d+: owner is 'others@contoso\.com', but the tenant is deployed as that of 'team@contoso\.com'/,
    );
  });

  test("is what is printed where only a part of it is gone", async () => {
    const project = oneTenant();
    await project.up();
    const before = known(project);
    project.forgetResources(({ urn }) => urn.endsWith("::ml-vcluster"));
    const args = ["up", "--stack", project.stack, "--cwd", project.root];
    const refused = await runCommand("sandbox/main.ts", args);
    expect([refused.code, refused.stderr.split("\n").at(-3)]).toEqual([
      1,
      `  What this stack has made, and its state lacks, is taken over, kept data too, where the state is gone altogether: move ${filesOf(project).state} away, and run it again. What outputs remembered of removed tenants is lost by that (docs/recovery.md)`,
    ]);
    rmSync(filesOf(project).state);
    expect((await runCommand("sandbox/main.ts", args)).code).toBe(0);
    expect(known(project)).toEqual(before);
  });

  test("is not taken for a stack that has nothing to destroy", async () => {
    const project = oneTenant();
    await project.up();
    const { state, folder } = filesOf(project);
    rmSync(state);
    await expect(project.run("destroy")).rejects.toThrow(
      `the state is gone, ${state}, and with it what is to be destroyed. 'npm run sandbox -- up --stack test' makes it anew from the simulated cloud; or delete all of it: the folder ${folder}`,
    );
  });
});

describe("a state or a cloud that cannot be gone on from is refused by name, and the last good one is beside it:", () => {
  test("damaged, newer, of another stack, or without its cloud", async () => {
    const project = oneTenant();
    await project.up();
    const { state, cloud, folder } = filesOf(project);
    const good = readFileSync(state, "utf8");
    const refused = async (content: string, reason: string) => {
      writeFileSync(state, content);
      await expect(project.run("up")).rejects.toThrow(
        `${state} cannot be read as the sandbox's state: ${reason}. Move it away, it alone: 'npm run sandbox -- up --stack test' makes it anew from the simulated cloud, but for what outputs remembered of removed tenants; where the last run came to its end, put state.json.bak beside it back, which is of then; or begin anew: delete the folder ${folder}`,
      );
    };
    await refused(good.slice(0, 5000), "it is not JSON");
    await refused(
      good.replace('"version": 3', '"version": 4'),
      "'version' is 4: a newer format, which the release that wrote it reads",
    );
    await refused(
      good.replaceAll("urn:pulumi:test::", "urn:pulumi:dev::"),
      "it is that of stack 'dev' of project 'virtual-clusters'",
    );
    copyFileSync(`${state}.bak`, state);
    expect(changesOf(await project.up())).toEqual([]);

    rmSync(cloud);
    await expect(project.run("up")).rejects.toThrow(`the simulated cloud is gone, ${cloud}, and the state has`);
    copyFileSync(`${cloud}.bak`, cloud);
    expect(changesOf(await project.up())).toEqual([]);
  });

  test("what is said to be best mends it also where the copy beside it is older than the other file", async () => {
    const project = oneTenant();
    await project.up();
    const { state, cloud } = filesOf(project);
    const [oldState, oldCloud] = [state, cloud].map((file) => readFileSync(file, "utf8"));
    project.write("tenants/test/web.yaml", tenantFile());
    await project.up();
    const urns = () => known(project).map(({ urn }) => urn);
    const whole = urns();
    // As a run leaves it that was killed: the copies are those of the run before.
    writeFileSync(`${state}.bak`, oldState ?? "");
    writeFileSync(`${cloud}.bak`, oldCloud ?? "");

    writeFileSync(state, "{");
    rmSync(state);
    await project.up();
    expect(urns()).toEqual(whole);

    writeFileSync(`${cloud}.bak`, oldCloud ?? "");
    copyFileSync(`${cloud}.bak`, cloud);
    const mended = await project.run("up", { mend: true });
    expect([mended.ok, changesOf(mended)]).toEqual([
      true,
      ["create Namespace web-namespace", "create Release web-vcluster"],
    ]);
    expect(new Cloud(cloud).get("namespaces/web")).toBeDefined();
  });
});

describe("a full disk", () => {
  test("ends the run with its cause and nothing of the SDK, and the next one finds what was done", async () => {
    const project = oneTenant();
    const { state } = filesOf(project);
    // Something in the way of the new file, from the namespace on.
    const obstacle = join(dirname(state), `.${basename(state)}.tmp`);
    const full = await project.run("up", {
      onStep: ({ kind, urn }) => {
        if (kind === "begin" && urn.endsWith("Namespace::ml-namespace") && !existsSync(obstacle)) mkdirSync(obstacle);
      },
    });
    expect(full.ok).toBe(false);
    for (const error of errorsOf(full))
      expect(error).toMatch(/^.*state\.json cannot be written: EISDIR[^\n]*nothing is lost$/);
    rmSync(obstacle, { recursive: true });
    await project.up();
    expect(new Cloud(filesOf(project).cloud).get("namespaces/ml")).toBeDefined();
    expect(changesOf(await project.up())).toEqual([]);
  });
});

describe("one tenant that never becomes ready", () => {
  test("stops no other: one is suspended, one removed, one loses a person, and who is left is named", async () => {
    const project = TestProject.ofFixture("sandbox");
    await project.up();
    const ada = "3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03";
    project.append("tenants/sandbox/data.yaml", "size: medium\n");
    project.append("tenants/sandbox/web.yaml", "lifecycle: suspended\n");
    project.remove("tenants/sandbox/legacy.yaml");
    project.edit("tenants/sandbox/ml.yaml", "    - user: ada@contoso.com\n", "");
    const faults = [parseFault("Release#data-vcluster:helm-timeout", resourceTypes)];
    const result = await project.run("up", { faults });
    expect(result.ok).toBe(false);
    expect(errorsOf(result)).toEqual([
      'Helm release "data/data" was updated, but failed to initialize completely: context deadline exceeded',
    ]);
    expect(changesOf(result)).toEqual([
      "create Job web-vcluster-stop",
      "delete ConfigMap legacy-vcluster-sign-in",
      "delete Job legacy-vcluster-stop",
      "delete Namespace legacy-namespace",
      "delete Release legacy-vcluster",
      `delete RoleAssignment ml-host-role-${ada}`,
      `delete RoleAssignment platform-access-user-${ada}`,
      "delete RoleAssignment web-host-role-2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02",
      "update ConfigMap ml-vcluster-sign-in",
      "update ConfigMap web-vcluster-sign-in",
      "update Release web-vcluster",
    ]);
    expect(result.left.filter((urn) => urn.includes("index:Tenant::")).map((urn) => urn.split("::").at(-1))).toEqual([
      "data",
    ]);
    const next = await project.up();
    expect(changesOf(next)).toEqual(["update Release data-vcluster"]);
  });
});

describe("a stack that was destroyed", () => {
  const kept = tenantFile("dataOnRemoval: keep");
  const there = "config:\n  virtual-clusters:existingCluster: { name: host }\n  virtual-clusters:protect: false\n";
  const begin = async (settings: string) => {
    const project = new TestProject({
      "Pulumi.test.yaml": settings,
      "tenants/test/ml.yaml": kept,
      "tenants/test/web.yaml": tenantFile(),
    });
    await project.up();
    return project;
  };

  test("leaves in a cluster that was there before what is to be kept, and says so; its name is taken, as on Pulumi", async () => {
    const project = await begin(there);
    const { folder, cloud, state, report } = filesOf(project);
    writeFileSync(report, "");
    const destroyed = await project.run("destroy");
    expect(destroyed.messages).toEqual([
      {
        severity: "warning",
        message: `what was to be kept stays in the simulated cloud, ${cloud}: Namespace ml. As on Pulumi, the state has forgotten it, and a deployment that asks for it again is refused, for it exists already. To begin with an empty cloud, delete the folder ${folder}; to have it taken over, ${state} alone (Pulumi itself takes: npm run recover)`,
        urn: "",
      },
    ]);
    expect([project.checkpoint(), existsSync(report)]).toEqual([[], false]);
    const left = () => new Cloud(cloud).objects.map(({ id }) => id);
    expect(left()).toEqual(["namespaces/ml"]);
    // The state is empty, and not lost: nothing is taken over.
    for (const command of ["preview", "up"] as const)
      expect(errorsOf(await project.run(command))).toEqual(['AlreadyExists: namespaces "ml" already exists (409)']);
    expect((await project.run("refresh")).ok).toBe(true);
    expect((await project.run("destroy")).ok).toBe(true);
    expect(left()).toEqual(["namespaces/ml"]);
    // Others are no matter of it.
    project.remove("tenants/test/ml.yaml");
    await project.up();
    project.write("tenants/test/ml.yaml", kept);
    expect(errorsOf(await project.run("up"))).toEqual(['AlreadyExists: namespaces "ml" already exists (409)']);
  });

  test("has it taken over where its empty state is deleted", async () => {
    const project = await begin(there);
    await project.run("destroy");
    rmSync(filesOf(project).state);
    const result = await project.up();
    const overs = result.messages.filter(({ message }) => message === taken).map(({ urn }) => urn.split("::").at(-1));
    expect(overs).toEqual(["ml-namespace"]);
    expect(changesOf(await project.run("preview"))).toEqual([]);
  });

  test("leaves nothing where the cluster goes, and what is in it along", async () => {
    const project = await begin(`${azureSettings}  virtual-clusters:protect: false\n`);
    expect((await project.run("destroy")).messages).toEqual([]);
    expect(existsSync(filesOf(project).folder)).toBe(false);
  });
});
