import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { StackInputs } from "../model/rules/inputs.ts";
import { type Way, waysIn } from "../model/rules/reach.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import { dnsLabel } from "../model/tenant/tenantSchema.ts";
import { newTenantText } from "../model/tenant/tenantText.ts";
import { oneLine } from "../model/text/printable.ts";
import { formatProblem, isError, type Problem, Refusal } from "../model/text/problems.ts";
import { didYouMean, show } from "../model/text/validate.ts";
import { askWayIn, terminal } from "./askWayIn.ts";
import { isRead, readStack, requireStackOf, type StackReading } from "./stacks.ts";

/** The flags of `tenants new`. Those of the file's fields are undefined where they are not given. */
export interface NewTenantOptions {
  readonly stack: string;
  readonly cwd: string;
  readonly admin?: string[];
  readonly developer?: string[];
  readonly viewer?: string[];
  readonly allowedCidr?: string[];
  readonly bootstrap?: string[];
  readonly [field: string]: unknown;
}

/**
 * Writes a tenant file, after it was checked among the stack's other tenants. Where people are listed whom nothing leads to
 * it, they are asked which way it is to be; where nobody can be asked, the refusal names the ways.
 *
 * @throws Refusal where the file is there already, or anything would be wrong with it: nothing is written then.
 */
export async function newTenant(name: string, options: NewTenantOptions, ask = terminal()): Promise<void> {
  const { stack, cwd, admin, developer, viewer, allowedCidr, bootstrap, ...fields } = options;
  const root = resolve(cwd);
  requireStackOf(root, stack);
  if (!dnsLabel.test(name)) {
    throw new Refusal(`${show(name)} is no name: lower-case letters, digits and '-', starting with a letter`);
  }
  const file = tenantFile(stack, name);
  const taken = [file, file.replace(/yaml$/, "yml")].find((path) => existsSync(join(root, path)));
  if (taken !== undefined) throw new Refusal(`${taken} is there already; it was not changed`);
  const access = { admins: admin, developers: developer, viewers: viewer };
  const saved = readStack(root, stack);
  if (!isRead(saved))
    throw new Refusal(`stack '${stack}' must be right first:\n${saved.map(formatProblem).join("\n")}`);
  const text = newTenantText({
    ...fields,
    allowedCidrs: allowedCidr,
    ...(ask !== undefined && needsWayIn(options, saved) && (await askWayIn(waysFor(options, saved), ask))),
    ...(Object.values(access).some((list) => list !== undefined) && {
      access: Object.fromEntries(
        Object.entries(access).flatMap(([list, people]) => (people === undefined ? [] : [[list, people.map(entryOf)]])),
      ),
    }),
    bootstrap: bootstrap?.map((chart) => ({ chart })),
  });
  const before = new Set(saved.problems.map(formatProblem));
  const added = problemsOf(readStack(root, stack, { [name]: text })).filter((one) => !before.has(formatProblem(one)));
  const all = added.filter(isError);
  // What two files have in common is said of both: the new one's own is enough.
  const own = all.filter(({ location }) => location.file === file);
  const errors = own.length > 0 ? own : all;
  if (errors.length > 0) {
    throw new Refusal(`${file} would not be right, and was not written:\n${errors.map(described(file)).join("\n")}`);
  }
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  for (const warning of added) console.log(`warning: ${formatProblem(warning)}`);
  console.log(`${file} is written. Next: read it, 'npm run tenants -- check', and open a pull request.`);
}

/** True where people are listed, and neither an address nor a role on the host leads them to the cluster. */
function needsWayIn({ admin, developer, viewer, expose, hostRole }: NewTenantOptions, stack: StackInputs): boolean {
  const isListed = [admin, developer, viewer].some((list) => list !== undefined);
  return isListed && expose === undefined && hostRole === undefined && stack.tenantDefaults.expose === "none";
}

function waysFor({ admin, developer }: NewTenantOptions, { settings }: StackInputs): Way[] {
  return waysIn(settings, (admin ?? developer) !== undefined);
}

function problemsOf(reading: StackReading): readonly Problem[] {
  return isRead(reading) ? reading.problems : reading;
}

/** A problem for someone who has given flags: positions in a file that is not there would say nothing. */
const described = (file: string) => (problem: Problem) =>
  `  ${problem.location.file === file ? problem.message : formatProblem(problem)}`;

const kinds = ["user", "group", "servicePrincipal"];

/**
 * "user:dev@contoso.com", "group:ml-leads" or "servicePrincipal:<object id>"; without a kind it is a user.
 *
 * @throws Refusal for another kind.
 */
function entryOf(text: string): Record<string, string> {
  const [, kind = "user", id = text] = /^(\w*):(.*)$/s.exec(text) ?? [];
  if (kinds.includes(kind)) return { [kind]: id };
  const ways = kinds.map((one) => `${one}:<${one === "servicePrincipal" ? "object id" : "name"}>`);
  throw new Refusal(
    `${show(text)} names somebody of kind '${oneLine(kind)}'${didYouMean(kind, kinds) || ";"} write ${ways.join(", ")}, or a user's name alone`,
  );
}
