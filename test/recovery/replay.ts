import type grpc from "@grpc/grpc-js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { parseProviderReference } from "../../sandbox/engine/urn.ts";
import { runInProcess } from "../support/inProcess.ts";

type Handler = grpc.handleUnaryCall<unknown, unknown>;
type Method = "registerResource" | "registerResourceOutputs" | "readResource" | "invoke";
type Request = { readonly method: Method; readonly request: unknown };

const methods: readonly string[] = ["registerResource", "registerResourceOutputs", "readResource", "invoke"];

/** Everything that a program asks for in a run that ends well, in that order. */
export type Recording = readonly Request[];

/** Runs a program, and writes down what it asks for. */
export function recorder(): { readonly program: ProgramRunner; readonly recording: Recording } {
  const recording: Request[] = [];
  const program: ProgramRunner = (project, monitor, dryRun, onOutput) => {
    const resources = Object.fromEntries(
      Object.entries(monitor.resources as Record<string, Handler>).map(([method, handle]): [string, Handler] => [
        method,
        (call, answer) => {
          if (methods.includes(method)) recording.push({ method: method as Method, request: call.request });
          return handle(call, answer);
        },
      ]),
    );
    return runInProcess(project, Object.assign(Object.create(monitor), { resources }), dryRun, onOutput);
  };
  return { program, recording };
}

/**
 * Asks for the same as a recorded program, one after the other: ten times as fast as the program, which makes thousands of
 * runs affordable. Its hooks are left out, for they are functions of the program.
 */
export const replay =
  (recording: Recording): ProgramRunner =>
  async (_, monitor) => {
    const handlers = monitor.resources as Record<string, Handler>;
    const ids = new Map<string, string>();
    const call = (method: string, request: unknown) =>
      new Promise((resolve, reject) => {
        const answer: grpc.sendUnaryData<unknown> = (error, response) => (error ? reject(error) : resolve(response));
        handlers[method]?.({ request } as Parameters<Handler>[0], answer);
      });
    try {
      for (const { method, request } of recording) {
        const response = await call(method, request instanceof resource.RegisterResourceRequest ? own(request, ids) : request);
        if (response instanceof resource.RegisterResourceResponse) ids.set(response.getUrn(), response.getId());
      }
      await call("signalAndWaitForShutdown", new empty.Empty());
      return 0;
    } catch {
      // The engine has told the cause.
      return 32;
    }
  };

/** A request with the provider's id of this run. */
function own(request: resource.RegisterResourceRequest, ids: ReadonlyMap<string, string>) {
  const copy = request.cloneMessage();
  copy.clearHooks();
  const { urn } = parseProviderReference(request.getProvider());
  if (ids.has(urn)) copy.setProvider(`${urn}::${ids.get(urn)}`);
  return copy;
}
