import { code } from "../../plan/codeSpan.ts";
import { harmless } from "../../plan/harmless.ts";
import type { WantedIssue } from "./issueUpkeep.ts";

/** A tenant whose date is near, as `tenants expiring --format json` prints it. */
export interface ExpiringTenant {
  readonly stack: string;
  readonly name: string;
  readonly file: string;
  readonly owner: string;
  /** Such as 2027-03-31. */
  readonly expires: string;
}

/**
 * An issue for each tenant whose date is near. It says the same every day until something changes, so that its owner is
 * notified once.
 *
 * @param codeOwners the text of CODEOWNERS, which the platform team owns: whoever it names is notified, and nobody else
 */
export function expiryIssues(tenants: readonly ExpiringTenant[], codeOwners = ""): WantedIssue[] {
  return tenants.map(({ stack, name, file, owner, expires }) => {
    const owners = codeOwnersOf(codeOwners, file);
    return {
      key: `expiry ${stack}/${name}`,
      title: `Tenant ${harmless({ value: name })} of stack ${harmless({ value: stack })}: its date is ${harmless({ value: expires })}`,
      body: [
        `The virtual cluster ${code({ value: name })} of stack ${code({ value: stack })} has the date ${code({ value: expires })}. Nothing is deleted by itself.`,
        `- Still needed? Set a later \`expires\` in ${code({ value: file })}, or remove the line. This issue closes then.`,
        "- Not any more? `lifecycle: offboarding`, then remove the file: docs/offboarding.md.",
        `Owner: ${code({ value: owner })}${owners.length > 0 ? `, here ${owners.join(" ")}` : ""}.`,
      ].join("\n"),
    };
  });
}

/**
 * The owners of a file by a line of CODEOWNERS that names it whole, such as `/tenants/dev/ml.yaml @contoso/ml`; of several
 * the last, as on GitHub. E-mail addresses notify nobody in an issue and are left out.
 */
export function codeOwnersOf(text: string, file: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const [, ...owners] = lines.findLast(([pattern]) => pattern === `/${file}` || pattern === file) ?? [];
  return owners.filter((owner) => /^@[\w-]+(\/[\w.-]+)?$/.test(owner));
}
