import { expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { valuesCheck } from "../../model/chart/chartSchema.ts";
import { Deployment } from "../../sandbox/engine/deployment.ts";
import type { Goal } from "../../sandbox/engine/types.ts";
import { parseProviderReference, parseUrn, providerType } from "../../sandbox/engine/urn.ts";
import { ownSchema } from "../support/chartSchemas.ts";
import { expectGolden } from "../support/golden.ts";
import { TestProject } from "../support/project.ts";

/** A resource's kind and name, as files and references of this folder call it. */
function called(type: string, name: string): string {
  const kind = type.split(":").at(-1) ?? type;
  return `${name}.${type.startsWith(providerType) ? `${kind}-provider` : kind}`;
}

function referred(urn: string): string {
  const { type, name } = parseUrn(urn);
  return called(type, name);
}

/** In an alias that azure-native gives every resource: its type in an older version of Azure's API. */
const olderApi = /\/v\d{8}(preview)?:/;

/** True for what an option is where nobody sets it. */
function isUnset(value: unknown): boolean {
  return value === undefined || value === false || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
}

/** A registration as a file that a reviewer reads: references by name, and only the options that are set. */
function readable(goal: Goal): string {
  // The version is the SDK's, `custom` follows from the type, and whose properties a dependency feeds from the inputs.
  const { type, name, parent, provider, dependencies, inputs, version, custom, propertyDependencies, ...options } =
    goal;
  const own = { ...options, aliases: options.aliases.filter((urn) => !olderApi.test(urn)) };
  const set = Object.entries(own).filter(([, value]) => !isUnset(value));
  const head = {
    type,
    name,
    ...(parent !== "" && { parent: referred(parent) }),
    ...(provider !== "" && { provider: referred(parseProviderReference(provider).urn) }),
    ...(set.length > 0 && { options: Object.fromEntries(set) }),
    ...(dependencies.length > 0 && { dependencies: dependencies.map(referred).sort() }),
  };
  return `${stringify(head, { lineWidth: 0 })}${stringify({ inputs }, { lineWidth: 0, sortMapEntries: true })}`;
}

const check = valuesCheck(ownSchema);

test.each(["dev", "local", "network", "sandbox"])(
  "all that is registered for stack '%s' is as it is committed",
  async (stack) => {
    const register = vi.spyOn(Deployment.prototype, "register");
    await TestProject.ofFixture(stack).up();
    const goals = register.mock.calls.map(([goal]) => goal);
    register.mockRestore();
    const files = new Map(goals.map((goal) => [`${called(goal.type, goal.name)}.yaml`, readable(goal)]));
    expect(files.size).toBe(goals.length);
    const releases = goals.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    expect(releases.flatMap(({ inputs }) => check(inputs.values))).toEqual([]);
    expectGolden(stack, files);
  },
);
