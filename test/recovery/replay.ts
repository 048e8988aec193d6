import type grpc from "@grpc/grpc-js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { makeUrn, parseProviderReference } from "../../sandbox/engine/urn.ts";
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
  const program: ProgramRunner = async (project, toCome, dryRun, onOutput) => {
    const monitor = await toCome;
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
  async ({ name, stack }, monitor) => {
    const handlers = (await monitor).resources as Record<string, Handler>;
    const ids = new Map<string, string>();
    const failed = new Set<string>();
    const call = (method: string, request: unknown) =>
      new Promise((resolve, reject) => {
        const answer: grpc.sendUnaryData<unknown> = (error, response) => (error ? reject(error) : resolve(response));
        handlers[method]?.({ request } as Parameters<Handler>[0], answer);
      });
    try {
      for (const { method, request } of recording) {
        if (!(request instanceof resource.RegisterResourceRequest)) {
          const isOf = request instanceof resource.RegisterResourceOutputsRequest && failed.has(request.getUrn());
          if (!isOf) await call(method, request);
          continue;
        }
        const urn = makeUrn(stack, name, request.getParent(), request.getType(), request.getName());
        // The SDK registers nothing that waits for what failed.
        const waits = needs(request).some((needed) => failed.has(needed));
        const response = waits ? undefined : await call(method, own(request, ids));
        const answer = response as resource.RegisterResourceResponse | undefined;
        if (answer?.getResult() === resource.Result.SUCCESS) ids.set(urn, answer.getId());
        else failed.add(urn);
      }
      if (failed.size > 0) return 32;
      await call("signalAndWaitForShutdown", new empty.Empty());
      return 0;
    } catch {
      // The engine has told the cause.
      return 32;
    }
  };

function needs(request: resource.RegisterResourceRequest): string[] {
  const provider = request.getProvider();
  return [
    request.getParent(),
    ...request.getDependenciesList(),
    ...(provider === "" ? [] : [parseProviderReference(provider).urn]),
  ];
}

/** A request with the provider's id of this run. */
function own(request: resource.RegisterResourceRequest, ids: ReadonlyMap<string, string>) {
  const copy = request.cloneMessage();
  // A clone does not have the parts of a struct that was sent within a process.
  copy.setObject(request.getObject());
  copy.clearHooks();
  const { urn } = parseProviderReference(request.getProvider());
  if (ids.has(urn)) copy.setProvider(`${urn}::${ids.get(urn)}`);
  return copy;
}
