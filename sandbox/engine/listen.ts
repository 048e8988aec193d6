import grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import type resource from "@pulumi/pulumi/proto/resource_pb.js";
import type { Project } from "../../model/settings/project.ts";
import { getDeploymentInfo, gone, type Monitor, registered, setRootResource } from "./monitor.ts";
import { makeUrn, stackType } from "./urn.ts";

/** A monitor on the network. */
export interface Listening {
  readonly address: string;
  readonly close: () => void;
}

type Handler = grpc.handleUnaryCall<unknown, unknown>;
type Register = grpc.handleUnaryCall<resource.RegisterResourceRequest, resource.RegisterResourceResponse>;

/**
 * Begins to listen on a free port of the loopback interface. What a program asks for before there is a monitor waits for it; where
 * none comes, the program ends. What the SDK asks for before it loads the program itself is answered at once, for one that is
 * started ahead of its run: what the engine can do, and the registration of the stack, which comes before all other calls then.
 */
export async function listen({ name, stack }: Project, monitor: Promise<Monitor>): Promise<Listening> {
  /** The monitor, once the stack is registered with it. */
  let withStack = monitor;
  const forwarded = (contract: object, side: "resources" | "engine") => {
    const pass =
      (method: string): Handler =>
      (call, callback) =>
        withStack.then(
          (one) => serve(one[side], method, call, callback),
          () => callback(gone),
        );
    return Object.fromEntries(Object.keys(contract).map((method) => [method, pass(method)]));
  };
  const { ResourceMonitorService: resources } = monitorService;
  const { EngineService: engine } = engineService;
  const { registerResource: register, ...others } = forwarded(resources, "resources");
  const registerResource: Register = (call, callback) => {
    const { request } = call;
    if (request.getType() !== stackType) return (register as Register)(call, callback);
    const urn = makeUrn(stack, name, "", stackType, request.getName());
    callback(null, registered({ urn, id: "", outputs: {} }));
    withStack = monitor.then(
      (one) =>
        new Promise((done, fail) =>
          // What a run that has been ended refuses: then it answers nothing else either.
          serve(one.resources, "registerResource", call, (error) => (error ? fail(error) : done(one))),
        ),
    );
    // There may be no other call.
    withStack.catch(() => undefined);
  };
  const server = new grpc.Server();
  server.addService(resources, { ...others, registerResource, getDeploymentInfo });
  server.addService(engine, { ...forwarded(engine, "engine"), setRootResource });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** Has a method of a contract answer a call. */
function serve<Q, A>(
  handlers: grpc.UntypedServiceImplementation,
  method: string,
  ...[call, callback]: Parameters<grpc.handleUnaryCall<Q, A>>
): void {
  const handle = handlers[method] as grpc.handleUnaryCall<Q, A> | undefined;
  if (handle !== undefined) handle(call, callback);
  else callback({ code: grpc.status.UNIMPLEMENTED, details: `the sandbox does not know ${method}` });
}
