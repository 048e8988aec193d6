import { createInterface } from "node:readline/promises";
import type { Way } from "../model/rules/reach.ts";
import { Refusal } from "../model/text/problems.ts";

/** Asks one question and waits for the line that is typed. */
export type Ask = (question: string) => Promise<string>;

/**
 * Asks at the terminal; undefined where there is none, as in a pipeline. An answer that does not come is a Refusal, and Ctrl-C is
 * the signal that it is everywhere else.
 *
 * @param signal ends the wait for it
 */
export function terminal(signal?: AbortSignal): Ask | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const gone = new AbortController();
    lines.once("close", () => gone.abort());
    // Of a terminal that is closed meanwhile.
    lines.on("error", () => gone.abort());
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    try {
      return await lines.question(question, { signal: AbortSignal.any([gone.signal, ...(signal ? [signal] : [])]) });
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
      throw new Refusal("there was no answer");
    } finally {
      lines.close();
    }
  };
}

/**
 * Asks by which way people are to reach a cluster that has none yet, and says what each costs.
 *
 * @returns the fields that the tenant's file says then
 * @throws Refusal where none is chosen.
 */
export async function askWayIn(ways: readonly Way[], ask: Ask): Promise<Readonly<Record<string, unknown>>> {
  console.log("Nobody listed could reach the cluster as it is. The ways, and what each costs:");
  for (const [i, { text, costs }] of ways.entries()) console.log(`  ${i + 1}. ${text}: ${costs}`);
  const answer = (await ask(`Which one? (1 to ${ways.length}; nothing to stop) `)).trim();
  const way = ways[Number(answer) - 1];
  if (way === undefined) throw new Refusal("no way was chosen; nothing was written");
  if (way.fields.expose !== "public") return way.fields;
  const ranges = await ask("From which ranges, such as 203.0.113.0/24? (with commas between them) ");
  return { ...way.fields, allowedCidrs: ranges.split(",").map((range) => range.trim()) };
}
