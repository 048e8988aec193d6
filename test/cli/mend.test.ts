import { expect, onTestFinished, test, vi } from "vitest";
import { mendReleases, rollBackByHand } from "../../cli/mend.ts";
import { fakeTools, type Replies } from "../support/fakeTools.ts";
import { helmRecord } from "../support/helmRecord.ts";
import { TestProject } from "../support/project.ts";

const values = {
  controlPlane: { distro: { k8s: { image: { tag: "v1.35.0" } } } },
  policies: { podSecurity: "baseline" },
};
const urn = "urn:pulumi:dev::virtual-clusters::kubernetes:helm.sh/v3:Release::ml-vcluster";
const inputs = { name: "ml", namespace: "ml", version: "0.36.1", values };
const rest = "--stack dev --non-interactive --color never";
const nowhere = "urn:pulumi:dev::recovery::recovery:index:Nothing::nowhere";
const record = "{.metadata.labels.version}{' '}{.metadata.labels.status}{' '}{.data.release}{'\\n'}";
const asks = (status: string) =>
  `--request-timeout 30s get secrets --namespace ml --selector owner=helm,name=ml,${status} -o jsonpath={range .items[*]}${record}{end}`;
const { policies: _, ...less } = values;

/** A stack whose release somebody has deployed with Helm, without a value of the stack's; what is said while it is put back. */
function stackByHand({ helm, lock }: { readonly helm?: Replies; readonly lock?: string } = {}) {
  const { root } = new TestProject({});
  const path = fakeTools(
    root,
    {
      pulumi: {
        [`stack export ${rest}`]: {
          version: 3,
          deployment: { resources: [{ urn, type: "kubernetes:helm.sh/v3:Release", inputs }] },
        },
        [`refresh --yes --skip-preview --target ${nowhere} ${rest}`]: {
          fails: lock ?? `error: no resource named '${nowhere}' found`,
        },
      },
      kubectl: {
        [asks("status!=superseded")]: `2 deployed ${helmRecord({ config: less })}`,
        [asks("status=superseded")]: `1 superseded ${helmRecord({ config: values })}`,
      },
      ...(helm && { helm }),
    },
    { apart: true },
  );
  vi.stubEnv("PATH", path);
  const said: string[] = [];
  const spies = (["log", "error"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line: unknown) => void said.push(String(line))),
  );
  onTestFinished(() => {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  });
  const run = (isConfirmed = true, signal = new AbortController().signal) =>
    rollBackByHand({ root, stack: "dev", signal }, isConfirmed);
  return { said, run };
}

const rollback = "rollback ml 1 --namespace ml --timeout 10m";

test("a release that somebody has deployed with Helm goes back to the revision that the stack has deployed", async () => {
  const { said, run } = stackByHand({ helm: { [rollback]: "Rollback was a success!" } });
  await run();
  expect(said.at(0)).toContain("values.policies.podSecurity: baseline -> not set");
  expect(said.slice(1)).toEqual(["Release ml: revision 1 is back"]);
});

test("without helm it stays, and the command is told", async () => {
  const { said, run } = stackByHand();
  await run();
  expect(said.slice(1)).toEqual([
    "warning: helm rollback ml 1 --namespace ml: helm is not on PATH (helm.sh/docs/intro/install)",
  ]);
});

test("nobody's deployment is rolled back while it runs, and nothing where nobody has said yes", async () => {
  const lock =
    "error: the stack is currently locked by 1 lock(s).\n  file:///x: created by ada@runner.invalid (pid 1) at 2020-01-01T00:00:00Z";
  const locked = stackByHand({ helm: { [rollback]: "" }, lock });
  await expect(locked.run()).rejects.toThrow("the stack is locked, by whom says: npm run recover -- --stack dev");
  const unasked = stackByHand({ helm: { [rollback]: "" } });
  await unasked.run(false);
  expect([locked.said.length, unasked.said.length]).toEqual([1, 1]);
});

test("a signal ends it before anything is put back", async () => {
  const { said, run } = stackByHand({ helm: { [rollback]: "" } });
  await expect(run(true, AbortSignal.abort())).rejects.toThrow("aborted");
  expect(said).toHaveLength(1);
  expect(await mendReleases({ root: "/nowhere", stack: "dev", signal: AbortSignal.abort() })).toBe(false);
});
