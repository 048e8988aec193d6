import { describe, expect, test } from "vitest";
import { limit, withPatience } from "../../cli/waitForAzure.ts";

const refused =
  'Namespace ml: namespaces is forbidden: User "x" cannot create resource "namespaces" in API group "" at the cluster scope: User does not have access to the resource in Azure. Update role assignment to allow access.';
const event = (message: string, severity = "error") => JSON.stringify({ diagnosticEvent: { severity, message } });

/** Deploys on a simulated clock: AKS refuses until the role has worked for `delay` milliseconds. */
async function deploy(delay: number, messages = [refused, "<{%reset%}>update failed<{%reset%}>\n"]) {
  let time = 0;
  const said: string[] = [];
  const attempts: boolean[] = [];
  const status = await withPatience(
    (again) => {
      attempts.push(again);
      const ok = time >= delay;
      return {
        status: ok ? 0 : 255,
        events: ok
          ? ""
          : [event("fine", "info"), ...messages.map((text) => event(text)), '{"diagnosticEvent":{}'].join("\n"),
      };
    },
    (text) => said.push(text),
    {
      now: () => time,
      sleep: async (milliseconds) => {
        time += milliseconds;
      },
    },
  );
  return { status, attempts, said, time };
}

describe("a deployment whose role Azure has not put into effect yet", () => {
  test("goes on at once where there is no delay", async () => {
    expect(await deploy(0)).toEqual({ status: 0, attempts: [false], said: [], time: 0 });
  });

  test("waits half a minute and goes on", async () => {
    expect(await deploy(30_000)).toEqual({
      status: 0,
      attempts: [false, true],
      said: [
        "Azure has not put the deploying identity's role at the cluster into effect yet, which takes up to five minutes. Trying again in 30 s (0:00 of 10:00 minutes; Ctrl-C stops here and loses nothing)",
      ],
      time: 30_000,
    });
  });

  test("gives up beyond the limit, and names the role", async () => {
    const { status, said, time } = await deploy(Number.POSITIVE_INFINITY);
    expect([status, time]).toEqual([255, limit]);
    expect(said.at(-1)).toBe(
      "error: after 10:00 minutes AKS still refuses the deploying identity. It needs the role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster: name it in the stack's setting azure.clusterAdmins",
    );
  });

  test("does not wait for what would not mend itself", async () => {
    const other = "Namespace web: quota exceeded";
    expect(await deploy(30_000, [refused, other])).toEqual({ status: 255, attempts: [false], said: [], time: 0 });
    expect((await deploy(30_000, ["update failed"])).attempts).toEqual([false]);
  });
});
