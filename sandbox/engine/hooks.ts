import grpc from "@grpc/grpc-js";
import callbackService from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callback from "@pulumi/pulumi/proto/callback_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { StepError, Terminated } from "./types.ts";
import { parseUrn } from "./urn.ts";
import type { Properties } from "./values.ts";

/** The moments at which the sandbox calls hooks, by the names that Pulumi's checkpoint has for them. */
export type HookType = "BeforeUpdate" | "BeforeDelete";

/** Which hooks a resource has, by name. */
export type HookBindings = Readonly<Partial<Record<HookType, readonly string[]>>>;

/** What a hook is told of the step that it runs before. */
export interface HookEvent {
  readonly urn: string;
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  /** Left out before a deletion. */
  readonly newInputs?: Properties;
}

/** What calls functions of a program. */
export interface CallbackClient {
  invoke(
    request: callback.CallbackInvokeRequest,
    answer: (error: grpc.ServiceError | null, response: callback.CallbackInvokeResponse) => void,
  ): void;
  close(): void;
}

interface Registered {
  readonly client: CallbackClient;
  readonly token: string;
  readonly onDryRun: boolean;
}

/** The hooks of one run: functions of the program that it registers by name, and that are called back before a step. */
export class Hooks {
  readonly #registered = new Map<string, Registered>();
  readonly #clients = new Map<string, CallbackClient>();

  /** @throws StepError where there is one of that name already. */
  register(request: resource.RegisterResourceHookRequest): void {
    const name = request.getName();
    if (request.getIgnoreErrors()) throw new StepError(`the sandbox has no hooks whose errors are ignored: "${name}"`);
    if (this.#registered.has(name)) throw new StepError(`resource hook already registered for name "${name}"`);
    const { target, token } = request.getCallback()?.toObject() ?? { target: "", token: "" };
    this.#registered.set(name, { client: this.#clientOf(target), token, onDryRun: request.getOnDryRun() });
  }

  /**
   * Calls the hooks that a resource has for a step.
   *
   * @throws StepError with what a hook refuses, in Pulumi's words, or where the program has registered none of the name:
   * names of deletions are those of the state.
   */
  async run(type: HookType, bindings: HookBindings | undefined, event: HookEvent, dryRun: boolean): Promise<void> {
    for (const name of bindings?.[type] ?? []) {
      const hook = this.#registered.get(name);
      if (hook === undefined) throw new StepError(`hook "${name}" was not registered`);
      if (dryRun && !hook.onDryRun) continue;
      const error = await call(hook, event);
      if (error !== "") throw new StepError(`before hook "${name}" failed: ${error}`);
    }
  }

  /** Ends the connections to the program; what it has registered goes with it. */
  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.#registered.clear();
  }

  /** Takes this client for what a program calls `target`: one in this very process need not be called over the network. */
  connect(target: string, client: CallbackClient): CallbackClient {
    this.#clients.set(target, client);
    return client;
  }

  #clientOf(target: string): CallbackClient {
    const known = this.#clients.get(target);
    return (
      known ?? this.connect(target, new callbackService.CallbacksClient(target, grpc.credentials.createInsecure()))
    );
  }
}

/** Resolves to what the hook refuses, or an empty text. */
async function call({ client, token }: Registered, event: HookEvent): Promise<string> {
  const { type, name } = parseUrn(event.urn);
  const request = new resource.ResourceHookRequest();
  request.setUrn(event.urn);
  request.setId(event.id);
  request.setName(name);
  request.setType(type);
  request.setOldInputs(struct.Struct.fromJavaScript(event.oldInputs));
  request.setOldOutputs(struct.Struct.fromJavaScript(event.oldOutputs));
  if (event.newInputs !== undefined) request.setNewInputs(struct.Struct.fromJavaScript(event.newInputs));
  const invocation = new callback.CallbackInvokeRequest();
  invocation.setToken(token);
  invocation.setRequest(request.serializeBinary());
  const response = await new Promise<callback.CallbackInvokeResponse>((resolve, reject) => {
    client.invoke(invocation, (error, answer) => {
      // A program that is gone has told the cause, or the engine has.
      const isGone = error?.code === grpc.status.CANCELLED || error?.code === grpc.status.UNAVAILABLE;
      if (error === null) resolve(answer);
      else reject(isGone ? new Terminated("the program is gone") : error);
    });
  });
  return resource.ResourceHookResponse.deserializeBinary(response.getResponse_asU8()).getError();
}
