/*
 * Some edits in a process of their own, for each program that was run leaves its module behind. Arguments: how many, their seed,
 * and the host. What was in them goes to whoever has begun this process.
 */
import fc from "fast-check";
import { compare } from "./comparison.ts";
import { edit, type Host } from "./twins.ts";

const [numRuns, seed, host] = process.argv.slice(2);
const counts = await compare(fc.sample(fc.tuple(edit), { seed: Number(seed), numRuns: Number(numRuns) }), host as Host);
process.send?.(counts, () => process.exit());
