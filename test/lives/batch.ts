/*
 * Some lives in a process of their own, for each program that was run leaves its module behind, and those of thousands of
 * lives fill the memory. Arguments: how many, and their seed. What was in them goes to whoever has begun this process.
 */
import { runInProcess } from "../support/inProcess.ts";
import { checkLives, embedded } from "./life.ts";

const [numRuns, seed] = process.argv.slice(2).map(Number);
if (numRuns === undefined || seed === undefined) throw new Error("how many lives, and their seed?");
const { edits, deployments, faults } = await checkLives(numRuns, embedded(runInProcess), seed);
process.send?.({ edits, deployments, faults }, () => process.exit());
