import { describe, expect, test } from "vitest";
import { Refusal } from "../../../model/text/problems.ts";
import { type Goal, partialFailure } from "../../../sandbox/engine/types.ts";
import { type Properties, secret, unknown } from "../../../sandbox/engine/values.ts";
import { deploy, fakeProvider, goal, resource, urnOf } from "../../support/deployment.ts";

describe("a new resource", () => {
  test("is created once, and is unchanged when it is registered again", async () => {
    const provider = fakeProvider();
    const first = await deploy([], [goal("a", { size: 1 })], { provider });
    const again = await deploy(first.snapshot.resources, [goal("a", { size: 1 })], { provider });
    expect(first.steps).toEqual(["create a"]);
    expect(again.steps).toEqual(["same a"]);
    expect(provider.calls).toEqual(["create a"]);
    expect(resource(again.snapshot, "a")).toMatchObject({
      id: "id-a",
      inputs: { size: 1 },
      outputs: { size: 1, computed: "of a" },
    });
  });

  test("gets its package's default provider, which is in the state before it", async () => {
    const { snapshot } = await deploy([], [goal("a")]);
    const [provider, a] = snapshot.resources;
    expect(provider).toMatchObject({
      urn: "urn:pulumi:test::project::pulumi:providers:fake::default_1_0_0",
      inputs: { __internal: {}, version: "1.0.0" },
      outputs: { version: "1.0.0" },
    });
    expect(a?.provider).toBe(`${provider?.urn}::${provider?.id}`);
  });

  test("has an unknown id in a preview, and nothing is called or written", async () => {
    const provider = fakeProvider();
    const { registered, saved } = await deploy([], [goal("a", { size: 1 })], { provider, dryRun: true });
    expect(registered).toEqual([{ urn: urnOf("a"), id: "", outputs: { size: 1 } }]);
    expect(provider.calls).toEqual([]);
    expect(saved).toEqual([]);
  });

  test("that is registered twice is refused", async () => {
    const { errors } = await deploy([], [goal("a"), goal("a")]);
    expect(errors).toEqual([`a: duplicate resource: ${urnOf("a")} is registered twice`]);
  });

  test("whose inputs the provider refuses is not created, and every reason is told", async () => {
    const check = async () => ({
      failures: [
        { property: "size", reason: "too big" },
        { property: "", reason: "too old" },
      ],
    });
    const { errors, steps } = await deploy([], [goal("a")], { provider: fakeProvider({ check }) });
    expect(errors).toEqual(["a: size: too big; too old"]);
    expect(steps).toEqual([]);
  });
});

describe("a changed resource", () => {
  const deployed = async () => (await deploy([], [goal("a", { size: 1, name: "x" })])).snapshot.resources;

  test("is updated in place", async () => {
    const { steps, snapshot } = await deploy(await deployed(), [goal("a", { size: 2, name: "x" })]);
    expect(steps).toEqual(["update a"]);
    expect(resource(snapshot, "a")?.inputs).toEqual({ size: 2, name: "x" });
  });

  test("keeps its id and shows its new inputs in a preview of an update", async () => {
    const { registered } = await deploy(await deployed(), [goal("a", { size: 2, name: "x" })], { dryRun: true });
    expect(registered).toEqual([{ urn: urnOf("a"), id: "id-a", outputs: { size: 2, name: "x" } }]);
  });

  test("counts a value that is not known yet as a change", async () => {
    const { steps } = await deploy(await deployed(), [goal("a", { size: unknown, name: "x" })], { dryRun: true });
    expect(steps).toEqual(["update a"]);
  });

  test("does not count a value that has become a secret as a change", async () => {
    const { steps } = await deploy(await deployed(), [goal("a", { size: secret(1), name: "x" })]);
    expect(steps).toEqual(["same a"]);
  });

  test("keeps the old value of what is ignored", async () => {
    const changed = goal("a", { size: 2, name: "y" }, { ignoreChanges: ["size"] });
    const { steps, snapshot } = await deploy(await deployed(), [changed]);
    expect(steps).toEqual(["update a"]);
    expect(resource(snapshot, "a")?.inputs).toEqual({ size: 1, name: "y" });
  });

  test("that does not come to work keeps the inputs of before, so that the next plan shows the change again", async () => {
    const failure = partialFailure("not ready", {
      id: "id-a",
      properties: { size: 2, ready: false },
      reasons: ["time"],
    });
    const provider = fakeProvider({ update: async () => Promise.reject(failure) });
    const next = [goal("a", { size: 2, name: "x" })];
    const { errors, snapshot } = await deploy(await deployed(), next, { provider });
    expect(errors).toEqual(["a: not ready: time"]);
    expect(resource(snapshot, "a")).toMatchObject({
      inputs: { size: 1, name: "x" },
      outputs: { size: 2, ready: false },
      initErrors: ["time"],
    });
    expect((await deploy(snapshot.resources, next, { dryRun: true })).changed).toEqual([["size"]]);
    const again = await deploy(snapshot.resources, next);
    expect(again.steps).toEqual(["update a"]);
    expect(resource(again.snapshot, "a")?.initErrors).toBeUndefined();
  });

  test("is replaced where its options ask for that: the new one first, then the old one goes", async () => {
    const provider = fakeProvider();
    const changed = goal("a", { size: 1, name: "y" }, { replaceOnChanges: ["name"] });
    const { steps } = await deploy(await deployed(), [changed], { provider });
    expect(steps).toEqual(["replace a"]);
    expect(provider.calls).toEqual(["create a", "delete a"]);
  });

  test("is deleted before its replacement where two cannot be there at once", async () => {
    const provider = fakeProvider({ diff: async () => ({ replaces: ["name"] }) });
    const changed = goal("a", { size: 1, name: "y" }, { deleteBeforeReplace: true });
    const { steps, snapshot } = await deploy(await deployed(), [changed], { provider });
    expect(steps).toEqual(["replace a"]);
    expect(provider.calls).toEqual(["delete a", "create a"]);
    expect(snapshot.resources.filter(({ urn }) => urn === urnOf("a"))).toHaveLength(1);
  });

  test("that is protected is not replaced", async () => {
    const protectedGoal = (name: string) => goal("a", { name }, { protect: true, replaceOnChanges: ["name"] });
    const before = (await deploy([], [protectedGoal("x")])).snapshot.resources;
    const { errors, steps } = await deploy(before, [protectedGoal("y")]);
    expect(errors).toEqual([
      "a: it is protected and cannot be replaced (changed: name). Undo the change, or set virtual-clusters:protect to false first",
    ]);
    expect(steps).toEqual([]);
  });

  test("is found in the state under an alias", async () => {
    const { steps, snapshot } = await deploy(await deployed(), [
      goal("b", { size: 1, name: "x" }, { aliases: [urnOf("a")] }),
    ]);
    expect(steps).toEqual(["same b"]);
    expect(resource(snapshot, "a")).toBeUndefined();
  });
});

describe("a resource that has another name now", () => {
  const group = (name: string, options: Partial<Goal> = {}) =>
    goal(name, {}, { type: "virtual:index:Group", custom: false, ...options });
  const groupOf = (name: string) => `urn:pulumi:test::project::virtual:index:Group::${name}`;
  const inGroup = (name: string) => `urn:pulumi:test::project::virtual:index:Group$fake:index:Thing::${name}`;
  const stateOf = async (goals: readonly Goal[]) => (await deploy([], goals)).snapshot.resources;

  test("stays what it is where its component goes, and the component alone is deleted", async () => {
    const old = await stateOf([group("g"), goal("a", { size: 1 }, { parent: groupOf("g") })]);
    const provider = fakeProvider();
    const { steps, snapshot } = await deploy(old, [goal("a", { size: 1 }, { aliases: [inGroup("a")] })], { provider });
    expect([steps, provider.calls]).toEqual([["same a", "delete g"], []]);
    expect(snapshot.resources.map(({ urn }) => urn)).toEqual([
      "urn:pulumi:test::project::pulumi:providers:fake::default_1_0_0",
      urnOf("a"),
    ]);
  });

  test("is found below a component that has another name, by what it was called after it", async () => {
    const old = await stateOf([group("old"), goal("old-a", { size: 1 }, { parent: groupOf("old") })]);
    const goals = [group("new", { aliases: [groupOf("old")] }), goal("new-a", { size: 1 }, { parent: groupOf("new") })];
    expect((await deploy(old, goals)).steps).toEqual(["same new", "same new-a"]);
  });

  test("is called so by all that is left as it was by a run that fails", async () => {
    const dependent = goal(
      "b",
      { size: 1 },
      { dependencies: [urnOf("a")], propertyDependencies: { size: [urnOf("a")] } },
    );
    const old = await stateOf([goal("a"), dependent]);
    const provider = fakeProvider({
      check: async (urn: string, _olds: Properties, inputs: Properties) => {
        if (urn === urnOf("x")) throw new Error("no");
        return { inputs };
      },
    });
    const goals = [goal("new-a", {}, { aliases: [urnOf("a")] }), goal("x")];
    const { errors, snapshot } = await deploy(old, goals, { provider });
    expect(errors).toEqual(["x: no"]);
    expect(resource(snapshot, "b")).toMatchObject({
      dependencies: [urnOf("new-a")],
      propertyDependencies: { size: [urnOf("new-a")] },
    });
  });

  test("is not found twice, nor where another has its name", async () => {
    const old = await stateOf([goal("a")]);
    const alias = { aliases: [urnOf("a")] };
    const taken = `duplicate alias: ${urnOf("a")} of ${urnOf("c")} is already`;
    expect((await deploy(old, [goal("b", {}, alias), goal("c", {}, alias)])).errors).toEqual([
      `c: ${taken} ${urnOf("b")}`,
    ]);
    expect((await deploy(old, [goal("a"), goal("c", {}, alias)])).errors).toEqual([`c: ${taken} ${urnOf("a")}`]);
    expect((await deploy(old, [goal("b", {}, alias), goal("a")])).errors).toEqual([
      `a: duplicate resource: ${urnOf("a")} is registered, and an alias of ${urnOf("b")}`,
    ]);
  });
});

describe("a resource that the program no longer registers", () => {
  const chain = [
    goal("a"),
    goal("b", {}, { dependencies: [urnOf("a")] }),
    goal("c", {}, { dependencies: [urnOf("b")] }),
  ];

  test("is deleted after what depends on it", async () => {
    const before = (await deploy([], chain)).snapshot.resources;
    const provider = fakeProvider();
    const { snapshot } = await deploy(before, [], { provider });
    expect(provider.calls).toEqual(["delete c", "delete b", "delete a"]);
    expect(snapshot.resources).toEqual([]);
  });

  test("stays where it is protected, with everything that it depends on", async () => {
    const before = (await deploy([], [goal("a"), goal("b", {}, { dependencies: [urnOf("a")], protect: true })]))
      .snapshot.resources;
    const { errors, snapshot } = await deploy(before, []);
    expect(errors).toEqual([
      "b: it is protected and cannot be deleted. Set virtual-clusters:protect to false (or offboard the tenant) and deploy that first",
    ]);
    expect(snapshot.resources.filter(({ type }) => type.startsWith("fake")).map(({ urn }) => urn)).toEqual([
      urnOf("a"),
      urnOf("b"),
    ]);
  });
});

describe("a failing step", () => {
  const failing = fakeProvider({
    create: async (urn: string) => Promise.reject(new Refusal(`no ${urn.split("::").at(-1)}`)),
  });

  test("is told once, leaves finished resources in the state, and nothing begins after it", async () => {
    const before = (await deploy([], [goal("a")])).snapshot.resources;
    const { errors, steps, snapshot } = await deploy(before, [goal("a"), goal("b"), goal("c")], { provider: failing });
    expect(errors).toEqual(["b: no b"]);
    expect(steps).toEqual(["same a"]);
    expect(snapshot.pending).toEqual([]);
    expect(resource(snapshot, "a")?.id).toBe("id-a");
    expect(resource(snapshot, "b")).toBeUndefined();
  });

  test("keeps the old resource where its replacement cannot be created", async () => {
    const before = (await deploy([], [goal("a", { name: "x" })])).snapshot.resources;
    const { snapshot } = await deploy(before, [goal("a", { name: "y" }, { replaceOnChanges: ["name"] })], {
      provider: failing,
    });
    expect(resource(snapshot, "a")).toMatchObject({ id: "id-a", inputs: { name: "x" } });
    expect(resource(snapshot, "a")?.delete).toBeUndefined();
  });
});

describe("the state", () => {
  test("is written before and after every call, with the call that runs marked as pending", async () => {
    const { saved } = await deploy([], [goal("a")]);
    const moments = saved.map(({ resources, pending }) => [
      resources.filter(({ type }) => type.startsWith("fake")).length,
      pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`),
    ]);
    expect(moments).toEqual([
      [0, []],
      [0, ["creating a"]],
      [1, []],
    ]);
  });

  test("marks outputs as secret where the program says so", async () => {
    const { snapshot } = await deploy([], [goal("a", {}, { additionalSecretOutputs: ["computed"] })]);
    expect(resource(snapshot, "a")?.outputs).toEqual({ computed: secret("of a") });
  });
});

describe("a component", () => {
  const component = (inputs: Record<string, string>) =>
    goal("c", inputs, { custom: false, type: "my:index:Component" });

  test("is compared by its inputs and needs no provider", async () => {
    const before = (await deploy([], [component({ tier: "a" })])).snapshot.resources;
    expect((await deploy(before, [component({ tier: "a" })])).steps).toEqual(["same c"]);
    expect((await deploy(before, [component({ tier: "b" })])).steps).toEqual(["update c"]);
  });
});
