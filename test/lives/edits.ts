import type { Repository, TenantFile } from "./files.ts";
import type { World } from "./world.ts";

/** What an edit is made from: a number that picks, what was there at some time, and what is deployed. */
export interface Circumstances {
  readonly pick: number;
  /** The last file of each name that there ever was. */
  readonly past: Readonly<Record<string, TenantFile>>;
  /** The repository as it was when a deployment of it last ended well. */
  readonly good: Repository;
  readonly world: World;
}

/** An edit of the repository: the repository after it and the tenant that it is about; undefined where it makes no sense. */
export type Edit = (now: Repository, by: Circumstances) => readonly [Repository, string] | undefined;

const names = ["ada", "bob", "cyd", "dan"];
const owners = ["x@contoso.com", "y@contoso.com", "z@contoso.com"];
const sizes = ["small", "medium", "large"];
const minors = ["1.34", "1.35", "1.36"];

const pickFrom = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length];
const next = <T>(list: readonly T[], item: T, by = 1): T | undefined => list[list.indexOf(item) + by];
const otherThan = <T>(list: readonly T[], item: T, pick: number) =>
  pickFrom(
    list.filter((one) => one !== item),
    pick,
  );

const put = (now: Repository, name: string, file: TenantFile): readonly [Repository, string] => [
  { ...now, files: { ...now.files, [name]: file } },
  name,
];

/** Changes one of the files that there are. */
function change(edit: (file: TenantFile, pick: number, name: string) => Partial<TenantFile> | undefined): Edit {
  return (now, { pick }) => {
    const name = pickFrom(Object.keys(now.files), pick);
    const file = name === undefined ? undefined : now.files[name];
    const changed = name === undefined || file === undefined ? undefined : edit(file, pick >> 4, name);
    return name === undefined || file === undefined || changed === undefined
      ? undefined
      : put(now, name, { ...file, ...changed });
  };
}

/** Writes a file for a name that has none, from what was there before. */
function write(edit: (past: TenantFile | undefined, pick: number, name: string) => TenantFile | undefined): Edit {
  return (now, { pick, past }) => {
    const free = names.filter((name) => now.files[name] === undefined);
    const name = pickFrom(free, pick);
    const file = name === undefined ? undefined : edit(past[name], pick >> 4, name);
    return name === undefined || file === undefined ? undefined : put(now, name, file);
  };
}

const fresh = (name: string, pick: number, owner = pickFrom(owners, pick) ?? ""): TenantFile => ({
  owner,
  size: "small",
  kubernetes: pickFrom(minors, pick >> 2) ?? "1.34",
  namespace: name,
  store: "sqlite",
  lifecycle: "active",
  dataOnRemoval: "delete",
});

function without(now: Repository, name: string): Repository {
  const { [name]: _, ...files } = now.files;
  return { ...now, files };
}

/** A file of a name of its own, so that the setting can be used. */
const handover: Edit = (now, { pick, world }) => {
  const name = pickFrom(
    Object.keys(now.files).filter((one) => world.state[one]?.namespace),
    pick,
  );
  const file = name === undefined ? undefined : now.files[name];
  const from = name === undefined ? undefined : world.state[name]?.namespace?.owner;
  const to = from === undefined ? undefined : otherThan(owners, from, pick >> 4);
  if (name === undefined || file === undefined || from === undefined || to === undefined) return undefined;
  const [changed] = put(now, name, { ...file, owner: to });
  return [{ ...changed, handover: { ...now.handover, [name]: { from, to } } }, name];
};

/** Every kind of edit, by what people call it. */
export const edits = {
  add: write((_, pick, name) => fresh(name, pick)),
  resize: change(({ size }, pick) => ({ size: otherThan(sizes, size, pick) ?? size })),
  upgrade: change(({ kubernetes }) => {
    const minor = next(minors, kubernetes);
    return minor === undefined ? undefined : { kubernetes: minor };
  }),
  "skip a minor": change(({ kubernetes }) => {
    const minor = next(minors, kubernetes, 2);
    return minor === undefined ? undefined : { kubernetes: minor };
  }),
  downgrade: change(({ kubernetes }) => {
    const minor = next(minors, kubernetes, -1);
    return minor === undefined ? undefined : { kubernetes: minor };
  }),
  "change the owner": change(({ owner }, pick) => ({ owner: otherThan(owners, owner, pick) ?? owner })),
  "hand over": handover,
  "change the store": change(({ store }) => ({ store: store === "etcd" ? "sqlite" : "etcd" })),
  "change the namespace": change(({ namespace }, _, name) => ({
    namespace: namespace === name ? `${name}-2` : name,
  })),
  suspend: change(({ lifecycle }) => (lifecycle === "active" ? { lifecycle: "suspended" } : undefined)),
  resume: change(({ lifecycle }) => (lifecycle === "active" ? undefined : { lifecycle: "active" })),
  offboard: change(({ lifecycle }) => (lifecycle === "offboarding" ? undefined : { lifecycle: "offboarding" })),
  "keep or delete the data": change(({ dataOnRemoval }) => ({
    dataOnRemoval: dataOnRemoval === "keep" ? "delete" : "keep",
  })),
  remove: (now, { pick }) => {
    const name = pickFrom(Object.keys(now.files), pick);
    return name === undefined ? undefined : [without(now, name), name];
  },
  "remove one that is offboarding": (now, { pick }) => {
    const leaving = Object.keys(now.files).filter((name) => now.files[name]?.lifecycle === "offboarding");
    const name = pickFrom(leaving, pick);
    return name === undefined ? undefined : [without(now, name), name];
  },
  "bring back": write((past) => past && { ...past, lifecycle: "active" }),
  inherit: write((past, pick, name) => past && fresh(name, pick, otherThan(owners, past.owner, pick))),
  rename: (now, { pick }) => {
    const [from, to] = [
      pickFrom(Object.keys(now.files), pick),
      pickFrom(
        names.filter((name) => !now.files[name]),
        pick >> 4,
      ),
    ];
    const file = from === undefined ? undefined : now.files[from];
    return from === undefined || to === undefined || file === undefined
      ? undefined
      : put(without(now, from), to, { ...file, namespace: to });
  },
  "take a namespace": write((_, pick, name) => {
    const namespace = otherThan([...names, "eve"], name, pick >> 3);
    return namespace === undefined ? undefined : { ...fresh(name, pick), namespace };
  }),
  "forget kept data": (now, { pick, world }) => {
    const name = pickFrom(Object.keys(world.retained), pick);
    return name === undefined ? undefined : [{ ...now, forgetRetained: [...now.forgetRetained, name] }, name];
  },
  revert: (_, { good }) => [good, ""],
} satisfies Record<string, Edit>;

/** One of {@link edits}. */
export type EditName = keyof typeof edits;
