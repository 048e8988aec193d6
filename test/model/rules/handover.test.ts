import { expect, test } from "vitest";
import type { Deployed } from "../../../model/rules/deployed.ts";
import { handoverProblems } from "../../../model/rules/handover.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";

const deployed = (owner?: string) =>
  ({ tenants: owner === undefined ? {} : { ml: { owner } }, retained: {} }) as unknown as Deployed;
const from = "old@contoso.com";
const to = "new@contoso.com";

/** What is said of `ml: { from, to }`, where the file and the last deployment name these owners. */
function said(file: string | undefined, last: string | undefined, certain = false): string[] {
  const tenants = file === undefined ? [] : [{ name: "ml", owner: file } as Tenant];
  const location = { file: "Pulumi.dev.yaml", line: 3, column: 5 };
  return handoverProblems(deployed(last), tenants, { ml: { from, to } }, () => location, { certain }).map(
    ({ severity = "error", message }) => `${severity}: ${message.replace("handover of 'ml': ", "")}`,
  );
}

test.each([
  [
    "takes effect, loudly",
    to,
    from,
    [`warning: '${to}' gets the tenant of '${from}', with its virtual cluster, data and Secrets`],
  ],
  [
    "has done its work",
    to,
    "New@Contoso.com",
    [`warning: it has done its work: '${to}' owns the tenant; remove the entry`],
  ],
  [
    "is to another than the file's",
    from,
    from,
    [`error: it goes to '${to}', but the tenant's file names '${from}' as owner; make the two agree`],
  ],
  [
    "takes effect, or is refused by the guards, where the last deployment named somebody else",
    to,
    "third@contoso.com",
    [`warning: '${to}' gets the tenant of '${from}', with its virtual cluster, data and Secrets`],
  ],
  ["is of no tenant", undefined, from, ["warning: there is no tenant of that name; remove the entry"]],
  [
    "is told, too, where no deployment has ended well, or an earlier release named no owner",
    to,
    undefined,
    [`warning: '${to}' gets the tenant of '${from}', with its virtual cluster, data and Secrets`],
  ],
] as const)("a handover that %s", (_, file, last, expected) => {
  expect(said(file, last)).toEqual(expected);
});

test("an entry that names another owner than the files of the base is refused by a check", () => {
  const other = "other@contoso.com";
  expect(said(to, other, true)).toEqual([
    `error: it comes from '${from}', but '${other}' owns the tenant: 'from' names who has it until now`,
  ]);
  expect(said(to, from, true)).toEqual([
    `warning: '${to}' gets the tenant of '${from}', with its virtual cluster, data and Secrets`,
  ]);
});
