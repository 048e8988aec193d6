import { messageOf } from "../model/text/problems.ts";

/** Runs a command's work; an error is printed as one message, without a stack, and the exit code is 1. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(`error: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
