import type grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import type callback from "@pulumi/pulumi/proto/callback_pb.js";
import callbacks from "@pulumi/pulumi/runtime/callbacks.js";
import * as debuggableModule from "@pulumi/pulumi/runtime/debuggable.js";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { CallbackClient } from "../../sandbox/engine/hooks.ts";

/*
 * What the SDK does for programs in a process of their own, and what costs more than the program where it runs in the
 * process of the engine.
 */

/** What the SDK keeps of a run, as far as it is needed here. */
interface Store {
  /** What all resources of a program are in. */
  readonly stackResource?: object;
  readonly settings: {
    /** An option that only an environment variable sets. */
    readonly options: { rootDirectory: string };
    monitor?: unknown;
    engine?: unknown;
  };
  callbacks?: unknown;
  /** True once the monitor has refused a call because the run is ending: promises that wait for it never settle. */
  readonly terminated: boolean;
}

/** Exported, and not documented. */
export const { getStore } = runtimeState as unknown as { readonly getStore: () => Store };

const { Struct } = struct;

/** What a value is after it went over the network: a copy with its keys in order. */
function sent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sent);
  if (typeof value !== "object" || value === null) {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
    throw new Error("Unexpected struct type.");
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) copy[key] = sent((value as Record<string, unknown>)[key]);
  return copy;
}

/** A struct that is taken apart only for who asks for its parts. */
function lightStruct(value: object): struct.Struct {
  const kept = sent(value) as Parameters<typeof Struct.fromJavaScript>[0];
  const light = new Struct();
  let filled = false;
  light.getFieldsMap = () => {
    const fields = Struct.prototype.getFieldsMap.call(light);
    if (!filled) for (const [key, part] of Object.entries(kept)) fields.set(key, struct.Value.fromJavaScript(part));
    filled = true;
    return fields;
  };
  light.toJavaScript = () => sent(kept) as ReturnType<struct.Struct["toJavaScript"]>;
  return light;
}

/**
 * The SDK takes several stack traces for each resource, and both sides make messages of what they say: nobody reads or
 * sends them where a program runs in the process of the engine. Gives what ends this.
 */
export function lighten(): () => void {
  const { stackTraceLimit, prepareStackTrace } = Error;
  const { fromJavaScript } = Struct;
  const resource = pulumi.Resource as unknown as { callsites: () => readonly unknown[] };
  const { callsites } = resource;
  const { default: debuggable } = debuggableModule as unknown as { default: { debuggablePromise: unknown } };
  const { debuggablePromise } = debuggable;
  Error.stackTraceLimit = 0;
  Error.prepareStackTrace = String;
  Struct.fromJavaScript = lightStruct;
  resource.callsites = () => [];
  debuggable.debuggablePromise = (promise: unknown) => promise;
  return () => {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    Struct.fromJavaScript = fromJavaScript;
    resource.callsites = callsites;
    debuggable.debuggablePromise = debuggablePromise;
  };
}

/** What the SDK's server of callbacks has, as far as it is needed here. */
interface CallbackServer {
  invoke(
    call: { request: callback.CallbackInvokeRequest },
    answer: (error: grpc.ServiceError | null, response: callback.CallbackInvokeResponse) => void,
  ): void;
}

/** The SDK's server of callbacks without a server, and a client of it: `store.callbacks` is where the SDK looks for it. */
export function callbackServer(monitor: unknown, target: string): { server: unknown; client: CallbackClient } {
  const { CallbackServer } = callbacks as unknown as { CallbackServer: { readonly prototype: CallbackServer } };
  const server: CallbackServer = Object.assign(Object.create(CallbackServer.prototype), {
    _callbacks: new Map(),
    _pendingRegistrations: 0,
    _awaitQueue: [],
    _monitor: monitor,
    _server: { forceShutdown: () => undefined },
    _target: Promise.resolve(target),
  });
  const client: CallbackClient = {
    invoke: (request, answer) => void setImmediate(() => server.invoke({ request }, answer)),
    close: () => undefined,
  };
  return { server, client };
}
