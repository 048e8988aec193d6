import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseTenant } from "../../../model/tenant/tenantFiles.ts";
import { tenantFields } from "../../../model/tenant/tenantJsonSchema.ts";
import { newTenantText, printTenant } from "../../../model/tenant/tenantText.ts";
import { defaults, tenants } from "../../support/arbitraries.ts";

const parsed = (name: string, text: string) => {
  const { tenant, problems } = parseTenant(`tenants/test/${name}.yaml`, new TextEncoder().encode(text), defaults);
  expect(problems).toEqual([]);
  return tenant;
};

test("a tenant that is printed and read again is the same", () => {
  fc.assert(
    fc.property(tenants, (all) => {
      for (const tenant of all) expect(parsed(tenant.name, printTenant(tenant, defaults))).toEqual(tenant);
    }),
  );
});

describe("the text of a new tenant file", () => {
  test("is a tenant as it is, and names every field: what is not given as a comment with an example", () => {
    const text = newTenantText({ owner: "team@contoso.com", purpose: "a test", size: "medium" });
    expect(parsed("ml", text)).toMatchObject({ owner: "team@contoso.com", purpose: "a test", size: "medium" });
    const fields = tenantFields().map(({ name }) => name);
    expect([...text.matchAll(/^(?:# )?(\w+): /gm)].map(([, field]) => field).sort()).toEqual([...fields].sort());
  });

  test("is right with each of its comments made a field, apart from what they depend on each other", () => {
    const text = newTenantText({ owner: "team@contoso.com", purpose: "a test", expose: "public" });
    const lines = text.split("\n").filter((line) => /^# \w+: /.test(line));
    expect(lines).toHaveLength(tenantFields().length - 3);
    const uncommented = text.replaceAll(/^# (\w+: )/gm, "$1");
    expect(parsed("ml", uncommented)).toMatchObject(
      parse(lines.find((line) => line.includes("store"))?.slice(2) ?? ""),
    );
  });
});
