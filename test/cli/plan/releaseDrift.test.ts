import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Kubectl } from "../../../cli/kubectl.ts";
import { putBack, releaseDrift } from "../../../cli/plan/releaseDrift.ts";
import { plain } from "../../../model/plan/words.ts";
import { helmRecord } from "../../support/helmRecord.ts";

const deployed = {
  chart: "0.36.1",
  values: {
    controlPlane: { distro: { k8s: { image: { tag: "v1.35.0" } } } },
    policies: { networkPolicy: { enabled: true }, resourceQuota: { quota: { "count/pods": 23 } } },
  },
};

const release = {
  urn: "urn:pulumi:dev::virtual-clusters::kubernetes:helm.sh/v3:Release::ml-vcluster",
  name: "ml",
  namespace: "ml",
  parent: "urn:pulumi:dev::virtual-clusters::virtual-clusters:index:Tenant::ml",
  deployed,
};

const policy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "vc-work-ml", namespace: "ml" },
  spec: { policyTypes: ["Egress"] },
};
const quota = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "vc-ml", labels: { app: "vcluster" } },
  spec: { hard: { "count/pods": 23, "requests.memory": "1024Mi" } },
};
const disk = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "ml" },
  spec: { replicas: 1, serviceName: "ml-headless" },
};
const config = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "vc-config-ml" },
  data: { "config.yaml": "Zm9v" },
};
const rendered = [policy, quota, disk, config];

interface Live {
  readonly metadata: object;
  readonly [field: string]: unknown;
}

/** An object as the API server has it: with its defaults, and what a controller has written beside. */
const live = <T extends Live>(object: T, changed: object = {}) => ({
  ...object,
  metadata: {
    ...object.metadata,
    namespace: "ml",
    uid: "1",
    annotations: { "vcluster.loft.sh/service-cidr": "10.0.0.0/16" },
  },
  status: {},
  ...changed,
});
const defaulted = { hard: { "count/pods": "23", "requests.memory": "1Gi" } };

/** A cluster with some objects; a dry run gives what is asked for with the API server's own writing of amounts. */
function cluster(
  objects: readonly object[],
  {
    secrets = "vc-config-ml   Opaque   1   5m\n",
    mayWrite = true,
    refuses = "",
    revisions = ["1 deployed"],
    config = deployed.values as object,
    superseded = [] as readonly (readonly [revision: number, config: object])[],
    chart = deployed.chart,
    defaults = {},
  } = {},
) {
  const asked: string[] = [];
  const recordOf = (values: object) =>
    helmRecord({ config: values, manifest: rendered.map((one) => stringify(one)).join("---\n"), chart, defaults });
  const kubectl: Kubectl = async (args, input = "") => {
    asked.push(args.join(" "));
    const said = (stdout: string, stderr = "") => ({ ok: stderr === "", stdout, stderr, installed: true });
    if (args.at(args.indexOf("--selector") + 1)?.endsWith(",status=superseded"))
      return said(superseded.map(([revision, values]) => `${revision} superseded ${recordOf(values)}\n`).join(""));
    if (args.includes("--selector")) return said(revisions.map((one) => `${one} ${recordOf(config)}\n`).join(""));
    if (args[1] === "secrets") return said(secrets);
    if (args[0] === "get") return said(JSON.stringify({ kind: "List", items: objects }));
    const items = (JSON.parse(input) as { items: { kind: string; spec: object }[] }).items;
    if (!args.includes("--dry-run=server")) return said("");
    if (!mayWrite)
      return said("", `Error from server (Forbidden): ... User "ci" cannot update resource "resourcequotas"`);
    const answers = items
      .filter(({ kind }) => refuses === "" || kind !== "StatefulSet")
      .map((one) => JSON.stringify(one.kind === "ResourceQuota" ? { ...one, spec: defaulted } : one, undefined, 1));
    return said(answers.join("\n"), refuses);
  };
  return { asked, kubectl };
}

const lines = (drift: Awaited<ReturnType<typeof releaseDrift>>) =>
  drift.objects.map(({ step }) => `${step.op} ${step.before?.type.split(":").at(-1)} ${step.before?.name}`);

const whole = [live(policy), live(quota, { spec: defaulted }), live(disk)];

describe("what is inside a release", () => {
  test("is as it was rendered, whatever the API server and controllers have written beside", async () => {
    expect(await releaseDrift([release], cluster(whole).kubectl)).toEqual({ objects: [], releases: [], notes: [] });
  });

  test("differs where something is gone or changed; Secrets are looked at by their names alone", async () => {
    const changed = live(quota, { spec: { hard: { ...defaulted.hard, "count/pods": "999" } } });
    const { kubectl, asked } = cluster([changed, live(disk)], { secrets: "" });
    const drift = await releaseDrift([release], kubectl);
    expect(lines(drift)).toEqual([
      "delete Secret vc-config-ml",
      "delete NetworkPolicy vc-work-ml",
      "update ResourceQuota vc-ml",
    ]);
    expect(JSON.stringify(drift.objects.map(({ step }) => step))).not.toContain("Zm9v");
    expect(asked.filter((line) => line.includes("secrets"))).toEqual([
      expect.stringContaining("--selector owner=helm,name=ml,status!=superseded -o jsonpath="),
      "get secrets vc-config-ml --namespace ml --ignore-not-found --no-headers",
    ]);
    await putBack(drift.objects, kubectl);
    expect(asked.slice(-2)).toEqual(["create -f -", "replace -f -"]);
  });

  test.each([
    [
      "failed",
      "mend the cause, and 'npm run up' goes forward; where it has nothing to do: npm run recover -- --stack dev --rollback ml",
    ],
    ["pending-upgrade", "see that no deployment runs, then: npm run recover -- --stack dev"],
    ["uninstalling", "see that no deployment runs, then: npm run recover -- --stack dev"],
  ])(
    "is held against nothing where its newest revision is %s: the one before is not what should be",
    async (status, todo) => {
      // By number, and not by their letters.
      const { kubectl, asked } = cluster([live(disk)], { revisions: [`10 ${status}`, "9 deployed"] });
      const { objects, notes } = await releaseDrift([release], kubectl);
      expect([objects, asked.length]).toEqual([[], 1]);
      expect(notes.map(plain)).toEqual([
        `What is inside releases was not compared: of ml in namespace ml revision 10 is ${status}, and nothing of it is put back; ${todo}.`,
      ]);
    },
  );

  test("is held against the newest revision, where a failed one is older", async () => {
    const { kubectl } = cluster(whole, { revisions: ["9 failed", "10 deployed"] });
    expect(await releaseDrift([release], kubectl)).toEqual({ objects: [], releases: [], notes: [] });
  });

  test("cannot be put back where Kubernetes never changes it, and that is said in its own words", async () => {
    const refuses = 'The StatefulSet "ml" is invalid: spec: Forbidden: updates to statefulset spec';
    const other = live(disk, { spec: { ...disk.spec, serviceName: "other" } });
    const { kubectl, asked } = cluster([live(policy), live(quota, { spec: defaulted }), other], { refuses });
    const drift = await releaseDrift([release], kubectl);
    expect(drift.objects.map(({ step }) => step.refused)).toEqual([refuses]);
    const before = asked.length;
    await putBack(drift.objects, kubectl);
    expect(asked).toHaveLength(before);
  });

  test("is compared with what the chart says where whoever asks may only read, and a note says so", async () => {
    const added = live(disk, { spec: { ...disk.spec, minReadySeconds: 5, replicas: 0 } });
    const drift = await releaseDrift(
      [release],
      cluster([live(policy), live(quota, { spec: defaulted }), added], { mayWrite: false }).kubectl,
    );
    expect(lines(drift)).toEqual(["update StatefulSet ml"]);
    expect(drift.notes.map(plain)).toEqual([expect.stringMatching(/^Whoever asks may only read/)]);
    const { kubectl } = cluster(whole, { mayWrite: false });
    expect((await releaseDrift([release], kubectl)).objects).toEqual([]);
  });
});

describe("a release that somebody has deployed with Helm", () => {
  const { controlPlane, policies } = deployed.values;
  const found = async (how: Parameters<typeof cluster>[1]) => {
    const { objects, releases, notes } = await releaseDrift([release], cluster(whole, how).kubectl);
    expect([objects, notes]).toEqual([[], []]);
    return releases.map(({ step: { before, after, refused }, rollback }) => ({
      ...{ from: before?.inputs, to: after?.inputs },
      ...(refused !== undefined && { refused }),
      ...(rollback !== undefined && { back: [rollback.from, rollback.revision] }),
    }));
  };

  test("without a value of the stack's goes back to the last revision that has them all", async () => {
    const config = { controlPlane, policies: { resourceQuota: policies.resourceQuota } };
    const superseded = [
      [9, deployed.values],
      [11, { controlPlane }],
      // As Helm keeps it: empty mappings say nothing.
      [10, { ...deployed.values, sync: {} }],
    ] as const;
    expect(await found({ revisions: ["12 deployed"], config, superseded })).toEqual([
      {
        from: { "values.policies.networkPolicy.enabled": "true" },
        to: {},
        back: [12, 10],
      },
    ]);
  });

  test("with one more goes back, too, and what that is stays untold: it may be a secret", async () => {
    const config = { ...deployed.values, external: { platform: { apiKey: "hush" } } };
    expect(await found({ revisions: ["2 deployed"], config, superseded: [[1, deployed.values]] })).toEqual([
      {
        from: {},
        to: { "values.external.platform.apiKey": "set by hand" },
        back: [2, 1],
      },
    ]);
  });

  test("with null for one of the chart's has one more: Helm takes that away", async () => {
    const superseded = [
      [2, { ...deployed.values, sync: null }],
      [1, deployed.values],
    ] as const;
    expect(await found({ revisions: ["3 deployed"], config: { ...deployed.values, rbac: null }, superseded })).toEqual([
      { from: {}, to: { "values.rbac": "set by hand" }, back: [3, 1] },
    ]);
  });

  test.each([
    ["another value", { ...deployed.values, policies: { resourceQuota: { quota: { "count/pods": 99 } } } }],
    ["a mapping where the stack has a value", { ...deployed.values, policies: { networkPolicy: { enabled: {} } } }],
    ["null where the stack has a mapping", { ...deployed.values, policies: null }],
  ])("with %s is the engine's, which sees that and upgrades the release", async (_, config) => {
    expect(await found({ config })).toEqual([]);
  });

  test("with another chart is the engine's, too", async () => {
    expect(await found({ config: {}, chart: "0.36.0" })).toEqual([]);
  });

  test("goes back by what the chart says by itself of Kubernetes and store, where a value does not", async () => {
    const tag = (version: string) => ({ controlPlane: { distro: { k8s: { image: { tag: version } } } } });
    const withoutTag = { config: { policies }, superseded: [[1, deployed.values]] as const, revisions: ["2 deployed"] };
    const [same] = await found({ ...withoutTag, defaults: tag("v1.35.2") });
    expect(same?.back).toEqual([2, 1]);
    const [newer] = await found({ ...withoutTag, defaults: tag("v1.36.0") });
    expect([newer?.back, newer?.refused]).toEqual([
      undefined,
      "whether its data would be read is not known: Kubernetes minor: 1.36 now, 1.35 then; bring its file to what runs now, and 'npm run up' deploys all of its values",
    ]);
  });

  test("stays where Helm keeps no revision of the stack's, and it is said what to do", async () => {
    const [gone] = await found({ config: { controlPlane }, superseded: [[1, { policies }]] });
    expect(gone).toMatchObject({
      refused:
        "Helm keeps no revision with its values; whatever reaches its release in its file, such as its size, deploys all of them",
    });
    expect(gone).not.toHaveProperty("back");
  });
});
