import grpc from "@grpc/grpc-js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { describeStepError } from "../../console/errors.ts";
import { aliasUrns } from "./aliases.ts";
import type { Deployment } from "./deployment.ts";
import type { HookBindings, Hooks, HookType } from "./hooks.ts";
import { type Goal, NotDeployed, type Registered, StepError, Terminated } from "./types.ts";
import type { Properties } from "./values.ts";

/** How loud a message of the program is; the numbers are those of Pulumi's protocol. */
export type Severity = "debug" | "info" | "warning" | "error";
const severities: readonly Severity[] = ["debug", "info", "warning", "error"];

export interface MonitorOptions {
  readonly stack: string;
  readonly project: string;
  readonly deployment: Deployment;
  readonly hooks: Hooks;
  readonly onLog: (severity: Severity, message: string, urn: string) => void;
  /** Is told of a call of the program that a provider has refused, before the program is. */
  readonly onRefusedCall: (error: unknown) => void;
}

/** Serves Pulumi's ResourceMonitor and Engine contracts to one run of a program. */
export class Monitor {
  /** Resolves once the program has registered everything and waits for the engine to let it go. */
  readonly programEnded: Promise<void>;
  /** The contract on resources, for a program in this very process: it need not call over the network. */
  readonly resources: grpc.UntypedServiceImplementation;
  /** The contract on the engine itself, likewise. */
  readonly engine: grpc.UntypedServiceImplementation;
  /** The program's hooks, likewise. */
  readonly hooks: Hooks;
  #isClosed = false;
  #release: () => void = () => {};

  constructor(options: MonitorOptions) {
    let ended: () => void = () => {};
    this.programEnded = new Promise((resolve) => {
      ended = resolve;
    });
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.resources = this.#whileOpen(monitorHandlers(options, ended, released));
    this.engine = this.#whileOpen(engineHandlers(options));
    this.hooks = options.hooks;
  }

  /** Lets the program end. */
  release(): void {
    this.#release();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** A program in this very process may go on for a while after its run: nobody answers it any more. */
  #whileOpen(handlers: grpc.UntypedServiceImplementation): grpc.UntypedServiceImplementation {
    const guarded = ([name, handle]: readonly [string, unknown]) => {
      const serve = handle as grpc.handleUnaryCall<unknown, unknown>;
      const answer: typeof serve = (call, callback) => (this.#isClosed ? callback(gone) : serve(call, callback));
      return [name, answer] as const;
    };
    return Object.fromEntries(Object.entries(handlers).map(guarded));
  }
}

/** What a program is told that nobody answers any more: the SDK ends it without a word. */
export const gone = { code: grpc.status.UNAVAILABLE, details: "the run is over" };

type Unary<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Turns a function into a gRPC handler; an error ends the call with a message. */
function handler<Request, Response>(serve: Unary<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return async ({ request }, callback) => {
    try {
      callback(null, await serve(request));
    } catch (error) {
      // The SDK stops a program quietly when the monitor is gone: the cause has been reported by then.
      const code = error instanceof Terminated ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN;
      callback({ code, details: describeStepError(error) });
    }
  };
}

/** What this engine can do, which is the same in every run. */
export const getDeploymentInfo = handler((_: unknown) => {
  const info = new resource.DeploymentInfo();
  const feature = resource.ResourceMonitorFeature;
  info.setSupportedfeaturesList([
    feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  ]);
  return info;
});

function monitorHandlers(
  options: MonitorOptions,
  ended: () => void,
  released: Promise<void>,
): grpc.UntypedServiceImplementation {
  const { deployment, hooks, onRefusedCall } = options;
  return {
    getDeploymentInfo,
    registerResource: handler(async (request: resource.RegisterResourceRequest) => {
      refuseUnsupported(request);
      try {
        return registered(await deployment.register(goalOf(request, options)));
      } catch (error) {
        if (!(error instanceof NotDeployed)) throw error;
        const response = new resource.RegisterResourceResponse();
        response.setResult(resource.Result.FAIL);
        return response;
      }
    }),
    registerResourceOutputs: handler(async (request: resource.RegisterResourceOutputsRequest) => {
      await deployment.registerOutputs(request.getUrn(), properties(request.getOutputs()));
      return new empty.Empty();
    }),
    readResource: handler(async (request: resource.ReadResourceRequest) => {
      if (request.getType() !== "pulumi:pulumi:StackReference") {
        throw new StepError(`the sandbox reads nothing but its own stack; the program reads ${request.getType()}`);
      }
      const read = await deployment.readStackReference(request.getName(), request.getId(), request.getParent());
      const response = new resource.ReadResourceResponse();
      response.setUrn(read.urn);
      response.setProperties(struct.Struct.fromJavaScript(read.outputs));
      return response;
    }),
    registerResourceHook: handler((request: resource.RegisterResourceHookRequest) => {
      hooks.register(request);
      return new empty.Empty();
    }),
    invoke: handler(async (request: resource.ResourceInvokeRequest) => {
      const args = properties(request.getArgs());
      const call = deployment.invoke(request.getTok(), args, request.getProvider(), request.getVersion());
      const result = await call.catch((error: unknown) => {
        onRefusedCall(error);
        throw error;
      });
      const response = new resource.ResourceInvokeResponse();
      response.setReturn(struct.Struct.fromJavaScript(result));
      return response;
    }),
    signalAndWaitForShutdown: handler(async (_: unknown) => {
      ended();
      await released;
      return new empty.Empty();
    }),
  };
}

/** Of interest to engines alone that know less than this one. */
export const setRootResource = handler((_: unknown) => new engine.SetRootResourceResponse());

function engineHandlers({ onLog }: MonitorOptions): grpc.UntypedServiceImplementation {
  return {
    log: handler((request: engine.LogRequest) => {
      onLog(severities[request.getSeverity()] ?? "info", request.getMessage(), request.getUrn());
      return new empty.Empty();
    }),
    setRootResource,
  };
}

/** What a program may ask for and this engine does not do is refused by name, never ignored. */
function refuseUnsupported(request: resource.RegisterResourceRequest): void {
  const asked: Record<string, boolean> = {
    import: request.getImportid() !== "",
    "remote components": request.getRemote(),
    transforms: request.getTransformsList().length > 0,
    "other hooks than beforeUpdate and beforeDelete": otherHooks(request.getHooks()).length > 0,
    customTimeouts:
      request.hasCustomtimeouts() &&
      Object.values(request.getCustomtimeouts()?.toObject() ?? {}).some((time) => time !== ""),
    deletedWith: request.getDeletedwith() !== "",
    replaceWith: request.getReplaceWithList().length > 0,
    "parameterized packages": request.getPackageref() !== "",
  };
  const unsupported = Object.keys(asked).filter((option) => asked[option]);
  if (unsupported.length > 0) {
    throw new StepError(
      `the sandbox does not support ${unsupported.join(", ")} (asked for by ${request.getType()} ${request.getName()})`,
    );
  }
}

function goalOf(request: resource.RegisterResourceRequest, { stack, project, deployment }: MonitorOptions): Goal {
  const propertyDependencies: Record<string, readonly string[]> = {};
  request.getPropertydependenciesMap().forEach((urns, key) => {
    propertyDependencies[key] = urns.getUrnsList();
  });
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: properties(request.getObject()),
    dependencies: request.getDependenciesList(),
    propertyDependencies,
    protect: request.getProtect() === true,
    retainOnDelete: request.getRetainondelete() === true,
    provider: request.getProvider(),
    version: request.getVersion(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: aliasUrns(request, stack, project, (urn) => deployment.oldName(urn)),
    hooks: {
      ...named("BeforeUpdate", request.getHooks()?.getBeforeUpdateList()),
      ...named("BeforeDelete", request.getHooks()?.getBeforeDeleteList()),
    },
  };
}

function named(type: HookType, names: readonly string[] = []): HookBindings {
  return names.length === 0 ? {} : { [type]: names };
}

function otherHooks(hooks: resource.RegisterResourceRequest.ResourceHooksBinding | undefined): string[] {
  const { beforeUpdateList: _, beforeDeleteList: __, ...others } = hooks?.toObject() ?? {};
  return Object.values(others).flat();
}

export function registered({ urn, id, outputs, unknown = false }: Registered): resource.RegisterResourceResponse {
  const response = new resource.RegisterResourceResponse();
  response.setUrn(urn);
  response.setId(id);
  response.setUnknown(unknown);
  response.setObject(struct.Struct.fromJavaScript(outputs));
  return response;
}

function properties(value: struct.Struct | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}
