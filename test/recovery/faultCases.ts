import { expect } from "vitest";
import { releaseType } from "../../sandbox/cloud/apiServer.ts";
import { faultKinds } from "../../sandbox/cloud/faults.ts";
import { parseUrn } from "../../sandbox/engine/urn.ts";
import { comparable, copyOf, deploy, type Scenario } from "./scenario.ts";

type Kind = keyof typeof faultKinds;

/** What a run says of a fault that ends a part of it; undefined for one that its provider gets over by itself. */
function cause(kind: Kind, type: string): RegExp | undefined {
  const isAzure = type.startsWith("azure-native:");
  switch (kind) {
    case "429":
      return undefined;
    case "503":
      return isAzure ? undefined : /^ServiceUnavailable: /;
    case "timeout":
    case "no-answer":
      return /^context deadline exceeded/;
    case "helm-timeout":
      return /failed to initialize completely: context deadline exceeded$/;
    case "pending-upgrade":
      return /^UpgradeFailed: another operation \(install\/upgrade\/rollback\) is in progress/;
    case "RoleAssignmentExists":
      return /^RoleAssignmentExists: The role assignment already exists\. The ID of the existing role assignment is [0-9a-f]{32}\./;
    case "api-gone":
      return /^Unreachable: configured Kubernetes cluster is unreachable/;
    case "disk-full":
      return /ENOSPC: no space left on device/;
    default:
      return new RegExp(`^${kind}: `);
  }
}

/** The types of the resources that a deployment changes, each with the name of one. */
export function changedTypes({ before, after }: Scenario): Map<string, string> {
  const known = new Map(before.snapshot.resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
  const changed = after.snapshot.resources.filter(
    ({ urn, custom, type, inputs }) =>
      custom && !type.startsWith("pulumi:") && known.get(urn) !== JSON.stringify(inputs),
  );
  return new Map(changed.map(({ urn, type }) => [type, parseUrn(urn).name]));
}

/** Every fault that can befall a deployment: each kind at each type, once at one resource and twice at any. */
export function faultsOf(scenario: Scenario): { text: string; type: string; kind: Kind; name: string }[] {
  const isUpdate = scenario.before.snapshot.resources.length > 0;
  return [...changedTypes(scenario)].flatMap(([type, name]) =>
    (Object.keys(faultKinds) as Kind[])
      .filter((kind) => {
        const fault = faultKinds[kind];
        const ofType = !("type" in fault) || fault.type.test(type);
        return (
          ofType && (!("calls" in fault) || (fault.calls as readonly string[]).includes(isUpdate ? "update" : "create"))
        );
      })
      .flatMap((kind) => [
        { text: `${type}#${name}:${kind}`, type, kind, name },
        { text: `${type}:${kind}x2`, type, kind, name: "" },
      ]),
  );
}

/** Faults at what a deployment deletes: one resource of each type, and each kind that can befall a deletion. */
export function faultsAtDeletions({ before, after }: Scenario): ReturnType<typeof faultsOf> {
  const left = new Set(after.snapshot.resources.map(({ urn }) => urn));
  const gone = before.snapshot.resources.filter(
    ({ urn, custom, type }) => custom && !type.startsWith("pulumi:") && !left.has(urn),
  );
  return [...new Map(gone.map(({ urn, type }) => [type, parseUrn(urn).name]))].flatMap(([type, name]) =>
    (Object.keys(faultKinds) as Kind[])
      .filter((kind) => {
        const fault = faultKinds[kind];
        return !("calls" in fault) && (!("type" in fault) || fault.type.test(type));
      })
      .map((kind) => ({ text: `${type}#${name}:${kind}`, type, kind, name })),
  );
}

/** What a release counts, which a second attempt adds to. */
function withoutRevisions(world: ReturnType<typeof comparable>): unknown {
  return JSON.parse(JSON.stringify(world, (key, value: unknown) => (key === "revision" ? "counted" : value)));
}

/** What stays in the cloud until somebody clears it, with what the sandbox says when it does. */
const staying: Partial<Record<Kind, RegExp>> = {
  "pending-upgrade":
    /^Helm stopped halfway with release \S+: pending-upgrade, revision \d+\. .*\(Pulumi itself takes: npm run recover\)$/,
  RoleAssignmentExists: /^somebody gave a role by hand .*\(Pulumi itself takes: npm run recover\)$/,
};

/**
 * Deploys with a fault, and again without: the first ends as the real one would, the second as if nothing had been. Of what
 * stays in the cloud, the same deployment by Pulumi alone fails likewise, before the sandbox's clears it.
 */
export async function check({ before, after, program, project }: Scenario, fault: ReturnType<typeof faultsOf>[number]) {
  const { text, type, kind, name } = fault;
  const run = await deploy(project, copyOf(before), program, { faults: [text] });
  expect(run.strikes.unmet, text).toEqual([]);
  const expected = cause(kind, type);
  expect(run.result.ok, text).toBe(expected === undefined);
  for (const error of run.errors) expect(error, text).toMatch(expected ?? /never/);
  const stays = staying[kind];
  if (stays !== undefined) {
    const again = await deploy(project, copyOf(run.world), program, { unsettled: true });
    expect([...again.errors].sort(), text).toEqual([...run.errors].sort());
  }
  const next = await deploy(project, run.world, program);
  expect(next.errors, text).toEqual([]);
  expect(next.settled.length, text).toBe(stays === undefined ? 0 : run.errors.length);
  for (const line of next.settled) expect(line, text).toMatch(stays ?? /never/);
  expect(withoutRevisions(comparable(next.world)), text).toEqual(withoutRevisions(comparable(after)));
  // A tenant beside it is deployed by the first run already, unless it has nowhere to put what it did.
  if (name === "" || kind === "disk-full" || !/-(namespace|vcluster|stop|host-role)/.test(name)) return;
  const tenant = name.replace(/-(namespace|vcluster|stop|host-role).*$/, "");
  const releases = (cloud: typeof after.cloud) =>
    cloud.ofType(releaseType).map(({ id, properties }) => `${id} ${JSON.stringify(properties.values)}`);
  const others = (all: string[]) => all.filter((one) => !one.startsWith(`releases/${tenant}/`)).sort();
  expect(others(releases(run.world.cloud)), text).toEqual(others(releases(after.cloud)));
}
