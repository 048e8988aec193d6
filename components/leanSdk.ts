import log from "@pulumi/pulumi/log/index.js";
import { sdkDebugVariable } from "../model/settings/sdkDebug.ts";

/**
 * Leaves out what Pulumi's SDK does several times for each resource, and of which nobody sees anything; a seventh of a preview's
 * processor time (docs/performance.md).
 *
 * - Messages for debugging: each is a call of the engine, which shows them with `--debug` alone. They are sent where
 *   {@link sdkDebugVariable} is `true`.
 * - Its host finds the position of every stack trace by maps of sources. This program runs as it is written.
 */
export function leaveOutUnseen(environment: NodeJS.ProcessEnv): void {
  if (environment[sdkDebugVariable] !== "true") Object.assign(log, { debug: () => Promise.resolve() });
  Reflect.deleteProperty(Error, "prepareStackTrace");
}
