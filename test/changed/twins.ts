import fc from "fast-check";
import { stringify } from "yaml";

/** A tenant file of a twin, as far as they differ. */
interface TenantFile {
  readonly size: string;
  readonly kubernetes: string;
  readonly lifecycle: string;
  readonly hostRole: string;
  readonly dataOnRemoval: string;
  readonly purpose: string;
  readonly admins: readonly string[];
}

/** What people have written: tenants by name, and a setting. */
export interface Written {
  readonly files: Readonly<Record<string, TenantFile>>;
  readonly protect: boolean;
}

/** Whether a host has Entra ID and Azure's roles, or is any cluster. */
export type Host = "azure" | "existing";

/** Each is the beginning of others, and some are called as parts of others are. */
const names = ["t0", "t07", "t070", "t0-namespace", "t0-host-role", "t"];

/** Some named by what only Entra ID knows, some by object ids. */
const people = [
  "dev@contoso.com",
  "ada@contoso.com",
  "4d8fae31-5b85-4d21-8b2c-9e204c1f3e04",
  "5e90bf42-6c96-4e32-9c3d-af315d204f05",
];

const pickFrom = <T>(list: readonly T[], pick: number): T => list[pick % list.length] as T;

function change(
  written: Written,
  pick: number,
  edit: (file: TenantFile, pick: number) => Partial<TenantFile>,
): Written {
  const there = Object.keys(written.files);
  const name = pickFrom(there, pick);
  const file = written.files[name];
  if (file === undefined) return written;
  return { ...written, files: { ...written.files, [name]: { ...file, ...edit(file, pick >> 3) } } };
}

const fresh = (pick: number): TenantFile => ({
  size: "small",
  kubernetes: "1.34",
  lifecycle: "active",
  hostRole: pickFrom(["none", "reader", "writer"], pick),
  dataOnRemoval: pickFrom(["delete", "keep"], pick >> 2),
  purpose: "a twin",
  admins: [pickFrom(people, pick >> 1)],
});

const without = (written: Written, name: string): Written => ({
  ...written,
  files: Object.fromEntries(Object.entries(written.files).filter(([one]) => one !== name)),
});

/** What people do to files. */
const edits = {
  resize: (now, pick) => change(now, pick, (_, n) => ({ size: pickFrom(["small", "medium"], n) })),
  "say more": (now, pick) => change(now, pick, (_, n) => ({ purpose: `a twin ${n}` })),
  upgrade: (now, pick) => change(now, pick, (_, n) => ({ kubernetes: pickFrom(["1.34", "1.35", "1.36"], n) })),
  suspend: (now, pick) => change(now, pick, () => ({ lifecycle: "suspended" })),
  resume: (now, pick) => change(now, pick, () => ({ lifecycle: "active" })),
  offboard: (now, pick) => change(now, pick, () => ({ lifecycle: "offboarding" })),
  "give a role": (now, pick) => change(now, pick, (_, n) => ({ hostRole: pickFrom(["none", "reader", "writer"], n) })),
  "change who is in": (now, pick) =>
    change(now, pick, ({ admins }, n) => {
      const one = pickFrom(people, n);
      const others = admins.filter((admin) => admin !== one);
      return { admins: others.length < admins.length ? others : [...admins, one] };
    }),
  "keep the data": (now, pick) => change(now, pick, (_, n) => ({ dataOnRemoval: pickFrom(["delete", "keep"], n) })),
  add: (now, pick) => {
    const name = pickFrom(names, pick);
    return name in now.files ? now : { ...now, files: { ...now.files, [name]: fresh(pick >> 3) } };
  },
  remove: (now, pick) => without(now, pickFrom(Object.keys(now.files), pick)),
  rename: (now, pick) => {
    const [from, to] = [pickFrom(Object.keys(now.files), pick), pickFrom(names, pick >> 3)];
    const file = now.files[from];
    return file === undefined || to in now.files ? now : { ...now, files: { ...without(now, from).files, [to]: file } };
  },
  "change a setting": (now) => ({ ...now, protect: !now.protect }),
  nothing: (now) => now,
} satisfies Record<string, (now: Written, pick: number) => Written>;

/** An edit that is made. */
export interface Edit {
  readonly kind: keyof typeof edits;
  readonly pick: number;
}

const kinds = Object.keys(edits) as Edit["kind"][];
const often = new Set<Edit["kind"]>(["resize", "say more", "upgrade", "add", "change who is in", "give a role"]);

/** A random edit of these kinds, some of which are made so many times as often as others. */
const editOf = (weights: readonly { readonly kind: Edit["kind"]; readonly weight: number }[]): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.oneof(...weights.map(({ kind, weight }) => ({ weight, arbitrary: fc.constant(kind) }))),
    pick: fc.nat({ max: 4095 }),
  });

/** Random edits; those that take a full run are rarer. */
export const edit = editOf(kinds.map((kind) => ({ kind, weight: often.has(kind) ? 4 : 1 })));

/** Pull requests: mostly of several edits that need no full run by themselves. */
const pullRequest = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(editOf([...often].map((kind) => ({ kind, weight: 1 }))), { minLength: 2, maxLength: 6 }),
  },
  { weight: 1, arbitrary: fc.tuple(edit) },
);

/** Random pull requests with so many edits, or some more. */
export function pullRequests(seed: number, edits: number): (readonly Edit[])[] {
  const all = fc.sample(pullRequest, { seed, numRuns: edits });
  let count = 0;
  return all.filter((some) => {
    const wanted = count < edits;
    count += some.length;
    return wanted;
  });
}

export const beginning: Written = {
  files: {
    t0: { ...fresh(1), admins: [...people.slice(0, 2)] },
    t07: { ...fresh(2), admins: [...people.slice(1)] },
    "t0-host-role": { ...fresh(0), lifecycle: "suspended" },
  },
  protect: false,
};

/** What people have written after edits. */
export function edited(now: Written, some: readonly Edit[]): Written {
  return some.reduce(editedOnce, now);
}

function editedOnce(now: Written, { kind, pick }: Edit): Written {
  const make: (now: Written, pick: number) => Written = edits[kind];
  const after = make(now, pick);
  return Object.keys(after.files).length === 0 ? now : after;
}

/** The files of a stack with that in it. */
export function textsOf({ files, protect }: Written, host: Host): Record<string, string> {
  const azure = {
    "virtual-clusters:azure": {
      location: "westeurope",
      resourceGroup: "rg-test",
      clusterName: "aks-test",
      nodePool: { count: 8 },
      clusterAdmins: [{ user: "admin@contoso.com" }],
      network: {
        subnet: { vnetCidr: "10.10.0.0/20", cidr: "10.10.0.0/24" },
        reachableFrom: [{ routed: "our hub" }],
        privateDnsZone: "aks.contoso.internal",
        addresses: { t07: "10.10.0.200", t070: "10.10.0.201" },
      },
    },
    "virtual-clusters:tenantDefaults": { expose: "internal" },
  };
  const existing = {
    "virtual-clusters:existingCluster": { name: "host", reachableFrom: "here" },
    "virtual-clusters:tenantDefaults": { expose: "internal" },
  };
  const config = {
    ...(host === "azure" ? azure : existing),
    "virtual-clusters:protect": protect,
    ...(host === "azure" && {
      "virtual-clusters:signIn": {
        issuer: "https://login.microsoftonline.com/00000000-0000-4000-8000-0000000e17a0/v2.0",
        clientId: "7d1c2b6e-93f4-4c57-8a0d-5e6f4b3a2c91",
      },
    }),
  };
  const tenants = Object.entries(files).map(([name, { admins, ...file }]) => [
    `tenants/test/${name}.yaml`,
    stringify({ owner: "team@contoso.com", ...file, access: { admins: admins.map((user) => ({ user })) } }),
  ]);
  return { "Pulumi.test.yaml": stringify({ config }), ...Object.fromEntries(tenants) };
}
