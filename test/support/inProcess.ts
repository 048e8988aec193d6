import { AsyncResource } from "node:async_hooks";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import type { ProgramRunner } from "../../sandbox/engine/program.ts";
import { callbackServer, getStore, lighten } from "./lightSdk.ts";

/** How the Automation API keeps programs of one process apart; it is exported, and not documented. */
const { withLocalStorage } = runtimeState as unknown as {
  readonly withLocalStorage: <T>(work: () => Promise<T>) => Promise<T>;
};

type Answer = (error: Partial<grpc.ServiceError> | null, response?: unknown) => void;
type Method = (call: { readonly request: unknown }, answer: Answer) => void;

/** The SDK puts every answer into a line of its log that nobody reads here. */
const unprinted = { toString: () => "" };

/** A client of what is served in this process. It answers and fails as one over the network does, and copies nothing. */
function clientOf(service: grpc.UntypedServiceImplementation, calls: { open: number }): unknown {
  const call = (method: Method | undefined, request: unknown, answer: Answer) => {
    if (method === undefined) return answer(failure({ code: grpc.status.UNIMPLEMENTED, details: "unknown method" }));
    method({ request }, (error, response) =>
      setImmediate(() => answer(error && failure(error), response && Object.assign(response, unprinted))),
    );
  };
  return new Proxy(
    { close: () => undefined },
    {
      get: (own, name: string) =>
        name in own
          ? own.close
          : (request: unknown, ...rest: unknown[]) => {
              calls.open++;
              const answer: Answer = (error, response) => {
                calls.open--;
                (rest.at(-1) as Answer)(error, response);
              };
              setImmediate(() => call(service[name] as Method | undefined, request, answer));
            },
    },
  );
}

function failure({ code = grpc.status.UNKNOWN, details = "" }: Partial<grpc.ServiceError>): grpc.ServiceError {
  const error = new Error(`${code} ${grpc.status[code]}: ${details}`);
  return Object.assign(error, { code, details, metadata: new grpc.Metadata() });
}

/**
 * Takes everything from a resource and from those in it. A program's module stays in memory for good, and with it all that it has
 * made would, to be walked through ever again.
 */
function empty(resource: object & { __childResources?: ReadonlySet<object> }): void {
  for (const child of resource.__childResources ?? []) empty(child);
  for (const name of Object.keys(resource)) Reflect.deleteProperty(resource, name);
}

let runs = 0;

/**
 * Runs a program in this process, as Pulumi's Automation API runs inline programs: many times faster than a process of
 * its own, and without its isolation. One at a time. What the program leaves unhandled is told to the engine as Pulumi's
 * language host tells it; it never reaches the test runner.
 */
export const runInProcess: ProgramRunner = async (project, toCome, dryRun, _, environment = {}) => {
  const monitor = await toCome;
  return withLocalStorage(async () => {
    const { runtime } = pulumi;
    const restore = lighten();
    // The SDK asks for addresses, and then calls the clients that it is given here.
    runtime.resetOptions(project.name, project.stack, 16, "in-process", "in-process", dryRun, "organization");
    Object.assign(process.env, environment);
    runtime.setAllConfig({ ...project.config }, []);
    const store = getStore();
    store.settings.options.rootDirectory = project.root;
    const calls = { open: 0 };
    store.settings.monitor = clientOf(monitor.resources, calls);
    store.settings.engine = clientOf(monitor.engine, calls);
    const { server, client } = callbackServer(store.settings.monitor, "in-process");
    store.callbacks = server;
    monitor.hooks.connect("in-process", client);
    const told = new Map<unknown, Promise<void>>();
    const tell = (error: unknown) => {
      const { message, resource } = error as Error & { resource?: pulumi.Resource };
      if (isTermination(error)) return;
      if (!told.has(error)) told.set(error, pulumi.log.error(message, resource));
    };
    handleUnhandled();
    unhandled = AsyncResource.bind(tell);
    const query = `?run=${++runs}`;
    const main = pathToFileURL(join(project.root, project.main)).href + query;
    try {
      const ended = runtime
        .runInPulumiStack(async () => ({ ...((await import(main)) as object) }))
        .then(() => runtime.disconnect(true))
        .catch(tell);
      let over = false;
      const terminated = async () => {
        while (!over && !store.terminated) await sleep(2);
      };
      await Promise.race([ended, terminated()]);
      over = true;
      // A process of its own would live on until nothing is under way in it any more.
      for (let quiet = 0; quiet < 20 && !store.terminated; quiet = calls.open > 0 ? 0 : quiet + 1) await sleep(1);
      await Promise.all(told.values());
      // A rejection is told to be unhandled only after a turn of the event loop.
      await sleep(1);
    } finally {
      for (const name of Object.keys(environment)) delete process.env[name];
      if (store.stackResource !== undefined) empty(store.stackResource);
      unhandled = undefined;
      restore();
    }
    return told.size === 0 && !store.terminated ? 0 : 32;
  });
};

/** The run is ending, and the engine has said why. Such errors can come when the next run has begun. */
function isTermination(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === grpc.status.UNAVAILABLE || code === grpc.status.CANCELLED;
}

/** What to do with an error that a program leaves unhandled; undefined while none runs. */
let unhandled: ((error: unknown) => void) | undefined;
let handled = false;

/** Takes what programs leave unhandled from the test runner, which gets all else. */
function handleUnhandled(): void {
  if (handled) return;
  handled = true;
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    const others = process.rawListeners(event) as ((error: unknown) => void)[];
    process.removeAllListeners(event).on(event, (error: unknown) => {
      if (isTermination(error)) return;
      if (unhandled !== undefined) unhandled(error);
      else for (const other of others) other(error);
    });
  }
}
