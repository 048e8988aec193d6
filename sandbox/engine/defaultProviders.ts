import { randomUUID } from "node:crypto";
import type { RunState } from "./runState.ts";
import { makeUrn, providerType } from "./urn.ts";

/** Where the default providers of a run stand. */
export interface DefaultProvidersOptions {
  readonly stack: string;
  readonly project: string;
  readonly state: RunState;
  /** Refuses a URN that is registered twice. */
  readonly claim: (urn: string) => void;
}

/** The providers of resources that name none: one for each package and version, and a resource of the state like any other. */
export class DefaultProviders {
  readonly #options: DefaultProvidersOptions;
  readonly #references = new Map<string, Promise<string>>();

  constructor(options: DefaultProvidersOptions) {
    this.#options = options;
  }

  /** The reference of a package's default provider, which is made on the first call. */
  of(name: string, version: string): Promise<string> {
    const instance = version === "" ? "default" : `default_${version.replace(/[.-]/g, "_")}`;
    const key = `${name}::${instance}`;
    const reference = this.#references.get(key) ?? this.#make(name, instance, version);
    this.#references.set(key, reference);
    return reference;
  }

  #make(name: string, instance: string, version: string): Promise<string> {
    const { stack, project, state, claim } = this.#options;
    const type = `${providerType}${name}`;
    const urn = makeUrn(stack, project, "", type, instance);
    const old = state.before(urn);
    const id = old?.id ?? randomUUID();
    const outputs = version === "" ? {} : { version };
    const inputs = version === "" ? {} : { __internal: {}, ...outputs };
    const recorded = state.record({ urn, custom: true, id, type, inputs, outputs }, old);
    claim(urn);
    return recorded.then(() => `${urn}::${id}`);
  }
}
