import { AtomicFile } from "../atomicFile.ts";
import type { Properties } from "../engine/values.ts";

/** A refusal of the simulated cloud, in the words of the real one. */
export class CloudError extends Error {
  override readonly name = "CloudError";

  /**
   * @param status the HTTP status that the real service answers with
   * @param code its error code, such as "RoleAssignmentExists"
   */
  constructor(status: number, code: string, message: string) {
    super(`${code}: ${message} (${status})`);
  }
}

/** One object of the simulated cloud. */
export interface CloudObject {
  readonly type: string;
  /** The object that it lives in: deleting that deletes this. */
  readonly parent: string;
  readonly properties: Properties;
}

/**
 * What Azure and the host cluster hold, in a file of its own, apart from the engine's state: so that a lost state, an
 * object deleted by hand or a conflict is a real situation for the program.
 */
export class Cloud {
  readonly #file: AtomicFile;
  readonly #objects: Map<string, CloudObject>;

  constructor(path: string) {
    this.#file = new AtomicFile(path);
    this.#objects = new Map(Object.entries((this.#file.readJson() ?? {}) as Record<string, CloudObject>));
  }

  get(id: string): CloudObject | undefined {
    return this.#objects.get(key(id));
  }

  /** All objects of a type. */
  ofType(type: string): { readonly id: string; readonly properties: Properties }[] {
    return [...this.#objects]
      .filter(([, object]) => object.type === type)
      .map(([id, { properties }]) => ({ id, properties }));
  }

  put(id: string, object: CloudObject): Promise<void> {
    this.#objects.set(key(id), object);
    return this.#save();
  }

  /** Removes an object and everything that lives in it. */
  remove(id: string): Promise<void> {
    this.#removeTree(key(id));
    return this.#save();
  }

  #removeTree(id: string): void {
    this.#objects.delete(id);
    for (const [child, { parent }] of this.#objects) if (key(parent) === id) this.#removeTree(child);
  }

  #save(): Promise<void> {
    return this.#file.write(() => `${JSON.stringify(Object.fromEntries(this.#objects), undefined, 2)}\n`);
  }
}

/** Azure's resource ids do not distinguish case. */
function key(id: string): string {
  return id.toLowerCase();
}
