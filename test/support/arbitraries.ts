import fc from "fast-check";
import { bootstrapChartNames } from "../../model/facts/bootstrapCharts.ts";
import { tenantMinorNames } from "../../model/facts/tenantMinors.ts";
import type { Principal } from "../../model/tenant/principals.ts";
import { sizes } from "../../model/tenant/sizes.ts";
import {
  channels,
  dnsLabel,
  exposures,
  hostRoles,
  lifecycles,
  removals,
  stores,
  type Tenant,
  type TenantDefaults,
} from "../../model/tenant/tenantSchema.ts";

/** What tenants of the tests get that do not say otherwise. */
export const defaults: TenantDefaults = { size: "small", kubernetes: "1.35", expose: "internal", sizes };

const label = fc.stringMatching(/^[a-z][-a-z0-9]{0,18}[a-z0-9]$/).filter((name) => dnsLabel.test(name));
const oneOf = <T>(words: readonly T[]) => fc.constantFrom(...words);
const day = fc.date({ min: new Date("2026-01-01"), max: new Date("2036-01-01"), noInvalidDate: true });
const cidr = fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat({ max: 255 })).map(([a, b]) => `${a}.${b}.0.0/16`);

const principal: fc.Arbitrary<Principal> = fc.oneof(
  fc.uuid().chain((id) => oneOf(["User", "Group", "ServicePrincipal"] as const).map((type) => ({ type, id }))),
  label.map((name) => ({ type: "User" as const, id: `${name}@contoso.com` })),
  label.map((id) => ({ type: "Group" as const, id })),
);
const people = fc.array(principal, { maxLength: 3 });

/** A tenant as its file could say it. */
export const tenant: fc.Arbitrary<Tenant> = fc
  .record({
    name: label,
    owner: label.map((name) => `${name}@contoso.com`),
    purpose: fc
      .string({ unit: "grapheme", minLength: 3, maxLength: 60 })
      .filter((text) => /^\P{Cc}*$/u.test(text) && text.trim() === text && text.length >= 3),
    size: oneOf(Object.keys(sizes)),
    kubernetes: oneOf(tenantMinorNames),
    ownNamespace: fc.option(label.map((name) => `n-${name}`)),
    store: oneOf(stores),
    channel: oneOf(channels),
    access: fc.record({ admins: people, developers: people, viewers: people }),
    hostRole: oneOf(hostRoles),
    expose: oneOf(exposures),
    ranges: fc.array(cidr, { minLength: 1, maxLength: 3 }),
    bootstrap: fc.subarray(
      bootstrapChartNames.map((chart) => ({ chart, values: { image: { tag: "v1" }, "on-off": "no", count: 2 } })),
    ),
    lifecycle: oneOf(lifecycles),
    expires: fc.option(day.map((date) => date.toISOString().slice(0, 10))),
    dataOnRemoval: oneOf(removals),
  })
  .map(({ ownNamespace, ranges, expires, ...fields }) => ({
    ...fields,
    namespace: ownNamespace ?? fields.name,
    allowedCidrs: fields.expose === "public" ? ranges : [],
    ...(expires !== null && { expires }),
    resources: sizes[fields.size as keyof typeof sizes],
  }));

/** Tenants that can stand side by side. */
export const tenants = fc.uniqueArray(tenant, {
  maxLength: 5,
  comparator: (a, b) => a.name === b.name || a.namespace === b.namespace,
});
