import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Kubectl } from "../../../cli/kubectl.ts";
import { putBack, releaseDrift } from "../../../cli/plan/releaseDrift.ts";
import { plain } from "../../../model/plan/words.ts";

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
  } = {},
) {
  const asked: string[] = [];
  const recordOf = (values: object) => {
    const manifest = rendered.map((one) => stringify(one)).join("---\n");
    const chart = { metadata: { version: deployed.chart }, templates: [] };
    const kept = Buffer.from(gzipSync(JSON.stringify({ manifest, chart, config: values })));
    return Buffer.from(kept.toString("base64")).toString("base64");
  };
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
    ["failed", "mend the cause, and 'npm run up' goes forward"],
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
      ...(rollback !== undefined && { rollback }),
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
        rollback: { name: "ml", namespace: "ml", revision: 10 },
      },
    ]);
  });

  test("with one more goes back, too, and what that is stays untold: it may be a secret", async () => {
    const config = { ...deployed.values, external: { platform: { apiKey: "hush" } } };
    expect(await found({ revisions: ["2 deployed"], config, superseded: [[1, deployed.values]] })).toEqual([
      {
        from: {},
        to: { "values.external.platform.apiKey": "set by hand" },
        rollback: { name: "ml", namespace: "ml", revision: 1 },
      },
    ]);
  });

  test("with another value, or another chart, is the engine's: it sees that, and upgrades the release", async () => {
    const other = { ...deployed.values, policies: { resourceQuota: { quota: { "count/pods": 99 } } } };
    expect(await found({ config: other })).toEqual([]);
    const older = { ...release, deployed: { ...deployed, chart: "0.36.0" } };
    const { kubectl } = cluster(whole, { config: {} });
    expect((await releaseDrift([older], kubectl)).releases).toEqual([]);
  });

  test("stays where Helm keeps no revision of the stack's, or its data would not be read, and it is said what to do", async () => {
    const todo = "whatever reaches its release in its file, such as its size, deploys all of its values";
    const withoutPolicies = { config: { controlPlane } };
    const [gone] = await found({ ...withoutPolicies, superseded: [[1, { policies }]] });
    expect(gone?.refused).toBe(`Helm keeps no revision with its values; ${todo}`);
    const [unread] = await found({ config: { policies }, superseded: [[1, deployed.values]] });
    expect([unread?.rollback, unread?.refused]).toEqual([
      undefined,
      `its data would not be read: Kubernetes minor: unknown now, 1.35 then; ${todo}`,
    ]);
  });
});
