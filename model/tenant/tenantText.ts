import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import type { Principal } from "./principals.ts";
import { tenantFields } from "./tenantJsonSchema.ts";
import { completeTenant, type Tenant, type TenantDefaults, tenantFileSchema } from "./tenantSchema.ts";

/** The first line of every tenant file: editors complete and check by it. */
const modeline = "# yaml-language-server: $schema=../schema.json\n";

/** The text of a tenant file that says the same: what the stack's defaults say already is left out. */
export function printTenant(tenant: Tenant, defaults: TenantDefaults): string {
  const { owner, purpose } = tenant;
  const bare = completeTenant(tenant.name, tenantFileSchema().parse({ owner, purpose }), defaults);
  const said = tenantFields().flatMap(({ name: field }) => {
    const value = tenant[field as keyof Tenant];
    const unsaid = isDeepStrictEqual(value, bare[field as keyof Tenant]) && field !== "owner" && field !== "purpose";
    return unsaid ? [] : [[field, field === "access" ? accessEntries(tenant.access) : value] as const];
  });
  return modeline + stringify(Object.fromEntries(said));
}

/** The text of a new tenant file: what is given, and every other field as a comment, with an example. */
export function newTenantText(given: Readonly<Record<string, unknown>>): string {
  const fields = tenantFields();
  const said = fields.filter(({ name }) => given[name] !== undefined).map(({ name }) => [name, given[name]]);
  const unsaid = fields
    .filter(({ name }) => given[name] === undefined)
    .map(({ name, description, example }) => `# ${name}: ${flow(example)}   # ${description}\n`);
  const heading =
    "\n# All of these are optional. Each stands here with an example, not with its default (docs/onboarding.md).\n";
  return [modeline, stringify(Object.fromEntries(said)), heading, ...unsaid].join("");
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function accessEntries(access: Tenant["access"]) {
  const lists = Object.entries(access).filter(([, people]) => people.length > 0);
  return Object.fromEntries(lists.map(([list, people]) => [list, (people as readonly Principal[]).map(entry)]));
}

const keys = { User: "user", Group: "group", ServicePrincipal: "servicePrincipal" } as const;

function entry({ type, id }: Principal): Record<string, string> {
  return { [keys[type]]: id };
}
