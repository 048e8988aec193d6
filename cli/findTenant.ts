import type { StackInputs } from "../model/rules/inputs.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import { tenantFile } from "../model/tenant/tenantFiles.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { oneLine } from "../model/text/printable.ts";
import { formatProblem, isError, Refusal } from "../model/text/problems.ts";
import { didYouMean } from "../model/text/validate.ts";
import { isRead, readStack, requireStackOf } from "./stacks.ts";

/** A tenant that is right, in a stack whose settings are. */
export interface FoundTenant extends Pick<StackInputs, "locate" | "problems"> {
  readonly tenant: Tenant;
  readonly settings: Settings;
}

/**
 * A tenant of a stack.
 *
 * @throws Refusal where there is none of that name, or its file or the stack's settings are not right.
 */
export function findTenant(root: string, stack: string, name: string): FoundTenant {
  requireStackOf(root, stack);
  const reading = readStack(root, stack);
  const errors = (isRead(reading) ? reading.problems : reading).filter(isError);
  const refuse = (some: typeof errors) => new Refusal(some.map(formatProblem).join("\n"));
  if (!isRead(reading) || reading.settings === undefined) throw refuse(errors);
  const { tenants, settings, unread, locate, problems } = reading;
  const tenant = tenants.find((one) => one.name === name);
  if (tenant !== undefined) return { tenant, settings, locate, problems };
  if (unread.includes(name)) throw refuse(errors.filter(({ location }) => location.file === tenantFile(stack, name)));
  const names = tenants.map((one) => one.name);
  throw new Refusal(
    `no tenant '${oneLine(name)}' in stack '${stack}'${didYouMean(name, names) || ":"} there are ${names.join(", ") || "none"}`,
  );
}
