import { describe, expect, test } from "vitest";
import { patience, withPatience } from "../../../model/deploy/patience.ts";

const refused =
  'namespaces is forbidden: User "x" cannot create resource "namespaces" in API group "" at the cluster scope: User does not have access to the resource in Azure. Update role assignment to allow access.';

/** Deploys on a simulated clock: AKS refuses until the role has worked for `delay` milliseconds. */
async function deploy(delay: number, errors: readonly string[] = [refused]) {
  let time = 0;
  const said: string[] = [];
  const attempts: boolean[] = [];
  const { ok } = await withPatience(
    async (again) => {
      attempts.push(again);
      return time >= delay ? { ok: true, errors: [] } : { ok: false, errors };
    },
    {
      say: (text) => said.push(text),
      clock: {
        now: () => time,
        sleep: async (milliseconds) => {
          time += milliseconds;
        },
      },
    },
  );
  return { ok, attempts, said, seconds: time / 1000 };
}

describe("a deployment whose role Azure has not put into effect yet", () => {
  test("goes on at once where there is no delay", async () => {
    expect(await deploy(0)).toEqual({ ok: true, attempts: [false], said: [], seconds: 0 });
  });

  test("waits, a little longer each time, and goes on", async () => {
    const reason =
      "AKS refuses the deploying identity: its role at the cluster is not in effect yet, which takes up to five minutes, or azure.clusterAdmins does not name it.";
    const waiting = (wait: number, waited: string) =>
      `Trying again in ${wait} s (${waited} of 10:00 minutes; Ctrl-C stops here and loses nothing)`;
    expect(await deploy(30_000)).toEqual({
      ok: true,
      attempts: [false, true, true],
      said: [`${reason} ${waiting(15, "0:00")}`, waiting(30, "0:15")],
      seconds: 45,
    });
    expect((await deploy(300_000)).seconds).toBe(345);
  });

  test("gives up beyond the limit, and names the role", async () => {
    const { ok, said, seconds } = await deploy(Number.POSITIVE_INFINITY);
    expect([ok, seconds]).toEqual([false, 585]);
    expect(585_000 + 60_000).toBeGreaterThan(patience);
    expect(said.at(-1)).toBe(
      "after 9:45 minutes AKS still refuses the deploying identity. It needs the role 'Azure Kubernetes Service RBAC Cluster Admin' at the cluster: name it in the stack's setting azure.clusterAdmins",
    );
  });

  test("does not wait for what would not mend itself", async () => {
    const other = "Namespace web: quota exceeded";
    expect(await deploy(30_000, [refused, other])).toEqual({ ok: false, attempts: [false], said: [], seconds: 0 });
    expect((await deploy(30_000, [])).attempts).toEqual([false]);
  });

  test("makes no other attempt once it is stopped, in an attempt or between two", async () => {
    for (const stopIn of ["attempt", "sleep"]) {
      const stop = new AbortController();
      let attempts = 0;
      const result = await withPatience(
        async () => {
          attempts++;
          if (stopIn === "attempt") stop.abort();
          return { ok: false, errors: [refused] };
        },
        {
          say: () => undefined,
          signal: stop.signal,
          clock: {
            now: () => 0,
            sleep: async (_, signal) => {
              stop.abort();
              signal?.throwIfAborted();
            },
          },
        },
      );
      expect([stopIn, attempts, result.ok]).toEqual([stopIn, 1, false]);
    }
  });
});
