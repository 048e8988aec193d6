import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { restartProblems } from "../../../model/rules/restarts.ts";
import { type Settings, settingsSchema } from "../../../model/settings/settingsSchema.ts";
import { sizes } from "../../../model/tenant/sizes.ts";
import type { Tenant } from "../../../model/tenant/tenantSchema.ts";
import { tenant as arbitraryTenant } from "../../support/arbitraries.ts";
import { tenantOf } from "../../support/tenants.ts";

const signIn = { issuer: "https://id.contoso.com/v2.0", clientId: "app" };
const stack = (fields: Record<string, unknown> = { signIn }): Settings =>
  settingsSchema.parse({ existingCluster: { name: "kind" }, ...fields });

/** Fields that no file says, but the stack's defaults. */
let unwritten: readonly string[] = [];
const places = {
  locate: (name: string, field: string | number = "") => {
    const file = unwritten.includes(String(field)) || field === "" ? name : `${name}.${field}`;
    return { file, line: 1, column: 1 };
  },
  locateSetting: (path: readonly (string | number)[]) => ({ file: path.join("."), line: 1, column: 1 }),
};

/** What is said of a change, as "where: message", without the place in the documentation. */
function said(
  before: readonly Tenant[],
  after: readonly Tenant[],
  settings: { before: Settings; after: Settings } = { before: stack(), after: stack() },
): string[] {
  return restartProblems(
    { settings: settings.before, tenants: before },
    { settings: settings.after, tenants: after },
    places,
  ).map(({ severity, location, message }) => {
    expect(severity).toBe("warning");
    expect(message).toContain(' (docs/upgrading.md, "What restarts a control plane")');
    return `${location.file}: ${message.split(" (docs/")[0]}`;
  });
}

const ml = (fields: Record<string, unknown> = {}) => tenantOf("ml", fields);

describe("a changed tenant file", () => {
  test.each([
    [{ size: "medium" }, ["ml.size: 'size' small -> medium"]],
    [{ kubernetes: "1.36" }, ["ml.kubernetes: 'kubernetes' 1.35 -> 1.36"]],
    [{ expose: "internal" }, ["ml.expose: 'expose' none -> internal"]],
    [{ dataOnRemoval: "keep" }, ["ml.dataOnRemoval: 'dataOnRemoval' delete -> keep"]],
    [{ bootstrap: [{ chart: "kuberay-operator" }] }, ["ml.bootstrap: 'bootstrap'"]],
    [
      { size: "medium", kubernetes: "1.36" },
      ["ml.size: 'size' small -> medium", "ml.kubernetes: 'kubernetes' 1.35 -> 1.36"],
    ],
    // These restart nothing.
    [{ access: { admins: [{ user: "ada@contoso.com" }] } }, []],
    [{ owner: "other@contoso.com", purpose: "another one", hostRole: "admin", expires: "2030-01-01" }, []],
    // Whatever stops or starts a control plane does not restart one.
    [{ lifecycle: "suspended", size: "medium" }, []],
  ])("with %j restarts what it says", (fields, expected) => {
    expect(said([ml({ kubernetes: "1.35" })], [ml({ kubernetes: "1.35", ...fields })])).toEqual(
      expected.map((what) => `${what} restarts the control plane of 'ml': the API server is away for about a minute`),
    );
  });

  test("restarts the API servers of a tenant with etcd one after the other", () => {
    expect(said([ml({ store: "etcd" })], [ml({ store: "etcd", expose: "internal" })])).toEqual([
      "ml.expose: 'expose' none -> internal restarts the control plane of 'ml': the API servers restart one after the other, and open connections are cut",
    ]);
  });

  test("restarts nothing where it is new, or comes back", () => {
    expect(said([], [ml()])).toEqual([]);
    expect(said([ml({ lifecycle: "suspended" })], [ml({ size: "large" })])).toEqual([]);
  });

  test("restarts nothing, whatever it is, where its people alone change", () => {
    fc.assert(
      fc.property(arbitraryTenant, arbitraryTenant, (one, { access }) => {
        expect(said([one], [{ ...one, access }])).toEqual([]);
      }),
    );
  });
});

describe("a changed setting", () => {
  const between = (before: Record<string, unknown>, after: Record<string, unknown>, of = [ml(), tenantOf("web", {})]) =>
    said(of, of, { before: stack(before), after: stack(after) });
  const two = "restarts the control planes of 'ml' and 'web': the API server is away for about a minute";

  test("restarts every control plane where it is in the chart's values", () => {
    const helmValues = { logging: { encoding: "json" } };
    expect(between({}, { vcluster: { helmValues } })).toEqual([`vcluster.helmValues: 'vcluster.helmValues' ${two}`]);
    expect(between({}, { signIn })).toEqual([`signIn: 'signIn' ${two}`]);
    expect(between({}, { vcluster: { helmValues } }, [ml(), tenantOf("web", { store: "etcd" })])).toEqual([
      "vcluster.helmValues: 'vcluster.helmValues' restarts the control planes of 'ml' and 'web': the API server is away for about a minute, or for nobody where the store is etcd",
    ]);
  });

  test("restarts nothing where it is not: another issuer is read from the file", () => {
    expect(between({ signIn }, { signIn: { ...signIn, issuer: "https://id2.contoso.com" }, protect: false })).toEqual(
      [],
    );
    expect(between({}, { vcluster: { jobImage: "kubectl:1" } })).toEqual([]);
  });

  test("is named for tenants whose files do not say what it says for them", () => {
    unwritten = ["kubernetes"];
    const of = (kubernetes: string) => [ml({ kubernetes }), tenantOf("web", { kubernetes })];
    expect(said(of("1.35"), of("1.36"))).toEqual([
      `tenantDefaults.kubernetes: 'tenantDefaults.kubernetes' 1.35 -> 1.36 ${two}`,
    ]);
    unwritten = [];
  });

  test("is told where it gives a size another meaning, but not for the disk, which stays", () => {
    const sized = (resources: Tenant["resources"]) => [{ ...ml({ size: "small" }), resources }];
    const more = { ...sizes.small, workloads: { ...sizes.small.workloads, pods: 99 } };
    expect(said(sized(sizes.small), sized(more))).toEqual([
      "sizes.small: 'sizes.small' restarts the control plane of 'ml': the API server is away for about a minute",
    ]);
    // More disk and less of the workloads' storage leave the quota as it was.
    const { storageGi } = sizes.small.workloads;
    const disk = { ...sizes.small, diskGi: 6, workloads: { ...sizes.small.workloads, storageGi: storageGi - 1 } };
    expect(said(sized(sizes.small), sized(disk))).toEqual([]);
  });
});
