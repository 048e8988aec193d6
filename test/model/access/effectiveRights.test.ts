import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accessLists, effectiveRight, wayIn } from "../../../model/access/effectiveRights.ts";
import type { Request } from "../../../model/access/rights.ts";
import { exposures, hostRoles, type lifecycles } from "../../../model/tenant/tenantSchema.ts";
import { readRequest } from "../../../sandbox/cloud/apiResources.ts";
import { repository } from "../../support/project.ts";

/** Every combination of host role and exposure, as "admins developers viewers". */
function table(lifecycle: (typeof lifecycles)[number], signIn: boolean): Record<string, string> {
  const rows = hostRoles.flatMap((hostRole) =>
    exposures.map((expose) => {
      const rights = accessLists.map((list) => {
        const { right, way } = effectiveRight({ hostRole, expose, lifecycle }, list, { signIn });
        return way === "access" ? right : `${right} (${way})`;
      });
      return [`${hostRole}, ${expose}`, rights.join(", ")] as const;
    }),
  );
  return Object.fromEntries(rows);
}

const asListed = "cluster-admin, edit, view";
const byRole = "cluster-admin (control plane), cluster-admin (control plane)";
const nobody = (because: string) => accessLists.map(() => `none (${because})`).join(", ");

describe("what people can really do inside", () => {
  test("is what the lists say, but for who opens the control plane from the host, and who cannot reach it", () => {
    expect(table("active", true)).toEqual({
      "none, none": nobody("unreachable"),
      "none, internal": asListed,
      "none, public": asListed,
      "reader, none": nobody("unreachable"),
      "reader, internal": asListed,
      "reader, public": asListed,
      "writer, none": `${byRole}, none (unreachable)`,
      "writer, internal": `${byRole}, view`,
      "writer, public": `${byRole}, view`,
      "admin, none": `${byRole}, none (unreachable)`,
      "admin, internal": `${byRole}, view`,
      "admin, public": `${byRole}, view`,
    });
  });

  test.each([
    ["get secrets", "control plane"],
    ["create pods/exec", "control plane"],
    ["create pods/portforward", "access"],
    ["list secrets", "control plane"],
    ["list pods", "unreachable"],
  ])("follows from what the host lets them do: %s, and they get in by %s", (what, expected) => {
    const [verb = "", kind = ""] = what.split(" ");
    const request = readRequest(verb, kind);
    const may = (asked: Request) => JSON.stringify(asked) === JSON.stringify(request);
    expect(wayIn({ may, stopped: false, exposed: false, signIn: true })).toBe(expected);
    expect(wayIn({ may, stopped: true, exposed: true, signIn: true })).toBe("stopped");
  });

  test("is what docs/access.md says, for every host role and exposure", () => {
    const words = (cell = "") => cell.split(/[`,\s]+/).filter((word) => word !== "");
    const page = readFileSync(join(repository, "docs/access.md"), "utf8");
    const [, ...rows] = page.slice(page.indexOf("| `hostRole` ")).split("\n\n")[0]?.split("\n") ?? [];
    const documented = rows
      .map((row) => row.split("|").slice(1, -1))
      .flatMap(([roles, exposed, ...rights]) =>
        words(roles).flatMap((role) =>
          words(exposed).map((expose) => [`${role}, ${expose}`, rights.map((right) => right.trim())] as const),
        ),
      );
    const known = Object.entries(table("active", true)).map(
      ([row, rights]) => [row, rights.replaceAll(/ \([^)]*\)/g, "").split(", ")] as const,
    );
    expect(known).toHaveLength(12);
    expect(Object.fromEntries(documented)).toMatchObject(Object.fromEntries(known));
  });

  test("is nothing without sign-in, but for who opens the control plane from the host", () => {
    expect(table("active", false)).toMatchObject({
      "none, internal": nobody("no sign-in"),
      "reader, public": nobody("no sign-in"),
      "writer, internal": `${byRole}, none (no sign-in)`,
      "admin, none": `${byRole}, none (unreachable)`,
    });
  });

  test.each(["suspended", "offboarding"] as const)("is nothing at all while the tenant is %s", (lifecycle) => {
    expect(new Set(Object.values(table(lifecycle, true)))).toEqual(new Set([nobody("stopped")]));
  });
});
