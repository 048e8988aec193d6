import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, join, sep } from "node:path";
import { whyUnreadable } from "../text/files.ts";
import { oneLine } from "../text/printable.ts";
import type { Location, Problem } from "../text/problems.ts";
import { rightFields, show, validate } from "../text/validate.ts";
import { maxBytes, type Path, readYaml } from "../text/yamlSource.ts";
import {
  completeTenant,
  dnsLabel,
  type Tenant,
  type TenantDefaults,
  type TenantFile,
  tenantFileSchema,
} from "./tenantSchema.ts";

/**
 * Longest `<name>` + `<namespace>` together, in characters: the chart cuts the names of cluster roles,
 * `vc-<name>-v-<namespace>`, at 63 without a hash, so that longer pairs could collide.
 */
export const maxNameAndNamespace = 52;

/** Namespaces of Kubernetes and AKS that no tenant may take. Source: Kubernetes' and AKS's reserved system namespaces. */
const reservedNamespaces =
  /^(default|kube-.*|gatekeeper-system|calico-system|tigera-operator|aks-.*|azure-.*|app-routing-system|dataprotection-microsoft)$/;

/** A tenant as far as its file can be read: what is wrong in it has a default, and nothing may be told from that. */
export interface Draft {
  readonly tenant: Tenant;
  /** The fields that are not right. */
  readonly wrong: ReadonlySet<string>;
}

/** A tenant as read from its file, with every problem found on the way. */
interface Loaded {
  readonly file: string;
  /** What it holds; left out where it was not read. */
  readonly text?: string;
  /** Left out where a field is not right. */
  readonly tenant?: Tenant;
  /** Left out where the file cannot be parsed. */
  readonly draft?: Draft;
  readonly problems: readonly Problem[];
  /** Where a part stands in the file; its beginning where it does not stand there. */
  locate(...path: Path): Location;
}

/** Finds where a part of a tenant's file stands, such as ("ml", "access", "admins", 0); its beginning where it does not. */
export type FieldLocation = (name: string, ...path: Path) => Problem["location"];

/** The tenants of a stack, where each of their fields is written, and everything that is wrong with their files. */
export interface TenantSet {
  readonly tenants: readonly Tenant[];
  /** Those among the others that can be read in part. */
  readonly drafts: readonly Draft[];
  /** Names of the files that are there, but not right. */
  readonly unread: readonly string[];
  /** What each file holds that was read from the disk, right or not, by the tenant's name. */
  readonly texts: ReadonlyMap<string, string>;
  readonly locate: FieldLocation;
  readonly problems: readonly Problem[];
}

/** Where the tenant files of a stack are, below the project's root. */
export function tenantFile(stack: string, name: string): string {
  return join("tenants", stack, `${name}.yaml`);
}

/**
 * Reads `tenants/<stack>/*.yaml` below a project's root, in the order of their names.
 *
 * @param unsaved texts of files that are not there yet, by the tenant's name
 */
export function loadTenants(
  root: string,
  stack: string,
  defaults: TenantDefaults,
  unsaved: Readonly<Record<string, string>> = {},
): TenantSet {
  const { files: listed, refusal } = listFiles(root, stack);
  const misplaced =
    refusal === undefined ? [] : [{ location: { file: join("tenants", stack), line: 1, column: 1 }, message: refusal }];
  const saved = listed.map((file) => loadFile(root, file, defaults));
  const added = Object.entries(unsaved).map(([name, text]) =>
    parseTenant(tenantFile(stack, name), Buffer.from(text), defaults),
  );
  const loaded = [...saved, ...added];
  const files = new Map(loaded.map((file) => [basename(file.file, ".yaml"), file]));
  return {
    tenants: loaded.flatMap(({ tenant }) => tenant ?? []),
    drafts: loaded.flatMap(({ tenant, draft }) => (tenant === undefined ? (draft ?? []) : [])),
    unread: loaded.flatMap(({ file, tenant }) => (tenant === undefined ? basename(file, extname(file)) : [])),
    texts: new Map(loaded.flatMap(({ file, text }) => (text === undefined ? [] : [[basename(file, ".yaml"), text]]))),
    locate: (name, ...path) =>
      files.get(name)?.locate(...path) ?? { file: tenantFile(stack, name), line: 1, column: 1 },
    problems: [...misplaced, ...loaded.flatMap((file) => file.problems), ...crossFileProblems(loaded)],
  };
}

/** What each tenant's file of a stack holds, by name, right or not: what is no file there, or cannot be read, is left out. */
export function readTexts(root: string, stack: string): Map<string, string> {
  return new Map(
    listFiles(root, stack).files.flatMap((file) => {
      const read = readBytes(root, file);
      return "bytes" in read ? [[basename(file, ".yaml"), read.bytes.toString("utf8")] as const] : [];
    }),
  );
}

/** The files of a stack's folder, from the project's root, and why they cannot be listed. */
function listFiles(root: string, stack: string): { readonly files: readonly string[]; readonly refusal?: string } {
  const folder = join("tenants", stack);
  try {
    const info = lstatSync(join(root, folder), { throwIfNoEntry: false });
    if (info === undefined) return { files: [] };
    if (!info.isDirectory()) return { files: [], refusal: "not a folder; a stack's tenants are files in it" };
    const names = readdirSync(join(root, folder)).filter((name) => !name.startsWith("."));
    return { files: names.sort().map((name) => join(folder, name)) };
  } catch (error) {
    return { files: [], refusal: whyUnreadable(error) };
  }
}

function loadFile(root: string, file: string, defaults: TenantDefaults): Loaded {
  const read = readBytes(root, file);
  if ("bytes" in read) return { ...parseTenant(file, read.bytes, defaults), text: read.bytes.toString("utf8") };
  const start = { file, line: 1, column: 1 };
  return { file, problems: [{ location: start, message: read.refusal }], locate: () => start };
}

/** What a file holds, or what is wrong with the file itself. */
function readBytes(root: string, file: string): { readonly bytes: Buffer } | { readonly refusal: string } {
  try {
    const refusal = fileProblem(root, file);
    return refusal === undefined ? { bytes: readFileSync(join(root, file)) } : { refusal };
  } catch (error) {
    return { refusal: whyUnreadable(error) };
  }
}

/** True where a link leads to something: it can lead nowhere, or to itself. */
function leads(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** What is wrong with the file itself, before it is read. */
function fileProblem(root: string, file: string): string | undefined {
  const path = join(root, file);
  if (extname(file) !== ".yaml") return "a tenant file is named <tenant>.yaml; rename it or move it away";
  const isLink = lstatSync(path).isSymbolicLink();
  if (isLink && !leads(path)) return "a link that leads nowhere; put the file itself here";
  if (isLink && !realpathSync(path).startsWith(`${realpathSync(dirname(path))}${sep}`)) {
    return "a link to a file outside of the folder; put the file itself here";
  }
  const info = statSync(path);
  if (!info.isFile()) return "not a file; a tenant is a file of text";
  const { size } = info;
  return size > maxBytes ? `the file has ${size} bytes; a tenant file has at most ${maxBytes}` : undefined;
}

/**
 * Reads one tenant file. Never throws, whatever the bytes are.
 *
 * @param file the path that problems name; its stem is the tenant's name
 */
export function parseTenant(file: string, bytes: Uint8Array, defaults: TenantDefaults): Loaded {
  const schema = schemaOf(defaults);
  const source = readYaml(file, bytes);
  const locate = (...path: Path) =>
    path.length > 0 && source.has(path) ? source.locate(path) : { file, line: 1, column: 1 };
  if (source.problems.length > 0) return { file, problems: source.problems, locate };
  const result = validate(schema, source.value ?? {}, (path, key) =>
    key ? source.locateKey(path) : source.locate(path),
  );
  const draft =
    "value" in result ? complete(file, result.value, defaults) : draftOf(file, source.value, defaults, schema);
  const problems = [...result.problems, ...fieldProblems(draft, locate)];
  return { file, ...("value" in result && { tenant: draft.tenant }), draft, problems, locate };
}

function complete(file: string, fields: TenantFile, defaults: TenantDefaults, wrong: readonly string[] = []): Draft {
  return { tenant: completeTenant(basename(file, ".yaml"), fields, defaults), wrong: new Set(wrong) };
}

/** What is right of a file that is not right. */
function draftOf(file: string, value: unknown, defaults: TenantDefaults, schema: ReturnType<typeof schemaOf>): Draft {
  const right = rightFields(schema, value);
  const fields = value as Record<string, unknown> | null;
  const wrong = Object.entries(schema.shape).flatMap(([key, field]) =>
    field.safeParse(fields?.[key]).success ? [] : [key],
  );
  const nobody = schema.parse({ owner: "nobody@example.com", purpose: "not read" });
  return complete(file, { ...nobody, ...right }, defaults, wrong);
}

/** What is wrong between the fields of one tenant that are each right. */
function fieldProblems({ tenant, wrong }: Draft, locate: Loaded["locate"]): Problem[] {
  const right = (...fields: (keyof Tenant)[]) => !fields.some((field) => wrong.has(field));
  return [
    ...nameProblems(tenant).map((message) => ({ location: locate(), message })),
    ...(right("namespace") ? namespaceProblems(tenant) : []).map((message) => ({
      location: locate("namespace"),
      message,
    })),
    ...(right("expose", "allowedCidrs") ? exposureProblems(tenant) : []).map(([field, message]) => ({
      location: locate(field),
      message,
    })),
  ];
}

function schemaOf({ sizes }: TenantDefaults) {
  const [first = "", ...rest] = Object.keys(sizes);
  return tenantFileSchema([first, ...rest]);
}

function nameProblems({ name }: Tenant): string[] {
  if (dnsLabel.test(name)) return [];
  return [
    `the file's name ${show(name)} is the tenant's name: lower-case letters, digits and '-', starting with a letter`,
  ];
}

function namespaceProblems({ name, namespace }: Tenant): string[] {
  if (reservedNamespaces.test(namespace)) {
    return [`namespace '${namespace}' belongs to Kubernetes or AKS; choose another`];
  }
  const length = name.length + namespace.length;
  if (length <= maxNameAndNamespace) return [];
  return [
    `name '${name}' and namespace '${namespace}' have ${length} characters together; at most ${maxNameAndNamespace}`,
  ];
}

function exposureProblems({ expose, allowedCidrs }: Tenant): [field: "expose" | "allowedCidrs", message: string][] {
  if (expose === "public" && allowedCidrs.length === 0) {
    const message = "'expose' is 'public': name the ranges that may reach it in allowedCidrs, such as [203.0.113.0/24]";
    return [["expose", message]];
  }
  return expose !== "public" && allowedCidrs.length > 0
    ? [
        [
          "allowedCidrs",
          `'allowedCidrs' is set, but 'expose' is '${expose}': the ranges hold for a public address only`,
        ],
      ]
    : [];
}

/** vCluster refuses to start where another one runs in the same namespace: told in each of the files. */
function crossFileProblems(loaded: readonly Loaded[]): Problem[] {
  const sharing = new Map<string, string[]>();
  const known = loaded.flatMap(({ file, draft, locate }) =>
    draft === undefined || draft.wrong.has("namespace") ? [] : [{ file, namespace: draft.tenant.namespace, locate }],
  );
  for (const { file, namespace } of known) sharing.set(namespace, [...(sharing.get(namespace) ?? []), file]);
  return known.flatMap(({ file, namespace, locate }) => {
    const others = (sharing.get(namespace) ?? []).filter((other) => other !== file);
    if (others.length === 0) return [];
    const message = `namespace '${namespace}' is also that of ${others.map(oneLine).join(", ")}; one virtual cluster per namespace`;
    return [{ location: locate("namespace"), message }];
  });
}
