import { describe, expect, test } from "vitest";
import { deploy, fakeProvider, goal, resource, urnOf } from "../../support/deployment.ts";

/*
 * What Pulumi's engine does with `--target`. Source: pulumi/pulumi, pkg/resource/deploy: step_generator.go
 * (generateSteps, validateSteps, GenerateDeletes), deployment_executor.go (checkTargets), step.go (SameStep).
 */
const only = (...names: readonly string[]) => ({ targets: new Set(names.map(urnOf)) });
const onlyIn = (name: string) => (steps: readonly string[]) => steps.filter((step) => step.endsWith(` ${name}`));

/** Three resources that are deployed, of which the second depends on the first. */
async function deployed() {
  const goals = [
    goal("a", { size: 1 }),
    goal("b", { size: 1 }, { dependencies: [urnOf("a")] }),
    goal("c", { size: 1 }),
  ];
  const { snapshot } = await deploy([], goals);
  return snapshot.resources;
}

describe("a run with targets", () => {
  test("changes them alone: what else is registered stays as it was, whatever is asked of it", async () => {
    const provider = fakeProvider();
    const { steps, errors, snapshot } = await deploy(
      await deployed(),
      [goal("a", { size: 2 }), goal("b", { size: 2 }), goal("c", { size: 2 })],
      { provider, ...only("c") },
    );
    expect(errors).toEqual([]);
    expect(steps).toEqual(["same a", "same b", "update c"]);
    expect(provider.calls).toEqual(["update c"]);
    expect(resource(snapshot, "b")).toMatchObject({ inputs: { size: 1 }, dependencies: [urnOf("a")] });
    expect(resource(snapshot, "c")).toMatchObject({ inputs: { size: 2 } });
  });

  test("leaves what is not registered, and deletes what is a target and not registered", async () => {
    const old = await deployed();
    const { steps, snapshot } = await deploy(old, [goal("a", { size: 1 })], only("c"));
    expect(steps).toEqual(["same a", "same b", "delete c"]);
    expect(
      snapshot.resources
        .filter(({ urn }) => urn !== urnOf("c"))
        .map(({ urn }) => urn)
        .sort(),
    ).toEqual(old.flatMap(({ urn }) => (urn === urnOf("c") ? [] : [urn])).sort());
  });

  test("makes nothing that is no target, and refuses a target that depends on such a thing", async () => {
    const provider = fakeProvider();
    const goals = [goal("new"), goal("c", { size: 2 }), goal("d", {}, { dependencies: [urnOf("new")] })];
    const { errors, snapshot, steps } = await deploy(await deployed(), goals, { provider, ...only("c", "d") });
    expect(errors).toEqual([
      `d: Resource '${urnOf("d")}' depends on '${urnOf("new")}' which was was not specified in --target list.`,
    ]);
    expect(onlyIn("new")(steps)).toEqual(["same new"]);
    expect(resource(snapshot, "new")).toBeUndefined();
    expect(provider.calls).toEqual(["update c"]);
  });

  test("deletes nothing at all where something else would have to go with a target", async () => {
    const provider = fakeProvider();
    const old = await deployed();
    const { errors } = await deploy(old, [goal("c", { size: 1 })], { provider, ...only("a", "c") });
    expect(errors).toEqual([`b: Resource '${urnOf("b")}' will be destroyed but was not specified in --target list.`]);
    expect(provider.calls).toEqual([]);
    const previewed = await deploy(old, [goal("c", { size: 1 })], { dryRun: true, ...only("a", "c") });
    expect(previewed.errors).toEqual(errors);
  });

  test("fails for a target that is neither there nor registered", async () => {
    const { errors } = await deploy(await deployed(), [goal("c", { size: 1 })], only("c", "nobody"));
    expect(errors).toEqual([`nobody: Target '${urnOf("nobody")}' could not be found in the stack.`]);
  });

  test("takes providers for targets, and leaves nothing to one that is not there any more", async () => {
    const moved = goal("a", { size: 1 }, { version: "2.0.0" });
    const { errors, steps } = await deploy(await deployed(), [moved, goal("c", { size: 1 })], only("c"));
    expect(errors.join()).toContain(
      "has not been registered yet, this is due to a change of providers mixed with --target",
    );
    expect(steps).not.toContain("update a");
  });
});
