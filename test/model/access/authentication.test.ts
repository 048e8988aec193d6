import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { authenticationConfig, readAuthentication } from "../../../model/access/authentication.ts";
import type { Members } from "../../../model/access/roles.ts";
import { tokenPrefix } from "../../../model/access/signIn.ts";

const signIn = { issuer: "https://id.contoso.com", clientId: "app", usernameClaim: "oid", groupsClaim: "groups" };
const nobody: Members = { admins: [], developers: [], viewers: [] };
const user = (objectId: string) => ({ type: "User", objectId }) as const;
const group = (objectId: string) => ({ type: "Group", objectId }) as const;
const robot = (objectId: string) => ({ type: "ServicePrincipal", objectId }) as const;

const cel = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });

/** The groups inside of a token with these claims. */
const groupsOf = (members: Members, claims: Readonly<Record<string, unknown>>, settings = signIn) =>
  cel.evaluate(readAuthentication(authenticationConfig(settings, members)).groups, { claims }) as string[];

describe("the file that tells an API server who is who", () => {
  test("trusts tokens of the issuer for the application, with names that cannot pass for Kubernetes' own", () => {
    // The text was taken by kube-apiserver 1.36.3, in a virtual cluster.
    const members = { admins: [user("3c7e"), group("6f0c")], developers: [robot("9c3b")], viewers: [] };
    expect(authenticationConfig(signIn, members)).toBe(`apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
  - issuer:
      url: https://id.contoso.com
      audiences:
        - app
    claimMappings:
      username:
        claim: oid
        prefix: "oidc:"
      groups:
        expression: |-
          [dyn(claims[?"groups"].orValue([]))].map(claim, type(claim) == string ? [claim] : claim).map(groups,
            groups.map(group, "oidc:" + group) +
            (claims["oid"] in [
              "3c7e"
            ] || groups.exists(group, group in [
              "6f0c"
            ]) ? ["virtual-clusters:admins"] : []) +
            (claims["oid"] in [
              "9c3b"
            ] ? ["virtual-clusters:developers"] : [])
          )[0]
    userValidationRules:
      - expression: user.groups.exists(group, group in ["virtual-clusters:admins","virtual-clusters:developers","virtual-clusters:viewers"])
        message: not in 'access' of the tenant's file
`);
  });

  test.each([
    ["https://login.microsoftonline.com/11111111-AAAA-4000-8000-000000000000/v2.0", true],
    ["https://login.microsoftonline.us/11111111-aaaa-4000-8000-000000000000/v2.0", true],
    ["https://login.partner.microsoftonline.cn/11111111-aaaa-4000-8000-000000000000/v2.0", true],
    ["https://sts.windows.net/11111111-aaaa-4000-8000-000000000000/", false],
    ["https://id.contoso.com", false],
  ])("asks tokens of Entra ID for its tenant and version, and others for neither: %s", (issuer, isEntra) => {
    const { jwt } = parse(authenticationConfig({ ...signIn, issuer }, nobody)) as {
      jwt: { claimValidationRules?: unknown }[];
    };
    expect(jwt[0]?.claimValidationRules).toEqual(
      isEntra
        ? [
            { claim: "tid", requiredValue: "11111111-aaaa-4000-8000-000000000000" },
            { claim: "ver", requiredValue: "2.0" },
          ]
        : undefined,
    );
  });

  test("is read again as it was written, whatever its claims are called", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z_]\w*$/),
        fc.stringMatching(/^[A-Za-z_]\w*$/),
        (usernameClaim, groupsClaim) => {
          const read = readAuthentication(authenticationConfig({ ...signIn, usernameClaim, groupsClaim }, nobody));
          expect(read).toMatchObject({ usernameClaim, groupsClaim, usernamePrefix: tokenPrefix });
        },
      ),
    );
  });
});

describe("somebody's groups inside", () => {
  const members = {
    admins: [user("ada"), group("leads")],
    developers: [robot("ci"), group("ml"), group("leads")],
    viewers: [user("grace")],
  };

  test.each([
    [{ oid: "ada" }, ["virtual-clusters:admins"]],
    [{ oid: "ci" }, ["virtual-clusters:developers"]],
    [{ oid: "x", groups: ["other"] }, ["oidc:other"]],
    [{ oid: "x", groups: ["leads"] }, ["oidc:leads", "virtual-clusters:admins", "virtual-clusters:developers"]],
    [{ oid: "grace", groups: ["ml"] }, ["oidc:ml", "virtual-clusters:developers", "virtual-clusters:viewers"]],
    // One group as a text, as some issuers send it.
    [{ oid: "x", groups: "ml" }, ["oidc:ml", "virtual-clusters:developers"]],
    // Somebody in more than 200 groups: Entra ID says where to ask for them instead.
    [{ oid: "ada", _claim_names: { groups: "src1" } }, ["virtual-clusters:admins"]],
    // Named as a person is not named as a group, and no name of a token's is one of the program's groups.
    [{ oid: "leads", groups: ["ada"] }, ["oidc:ada"]],
    [{ oid: "virtual-clusters:admins", groups: ["virtual-clusters:admins"] }, ["oidc:virtual-clusters:admins"]],
    [{ oid: "x", groups: ["system:masters"] }, ["oidc:system:masters"]],
  ])("of a token with %j are %j", (claims, expected) => {
    expect(groupsOf(members, claims)).toEqual(expected);
  });

  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  const anybody = fc.array(fc.oneof(name.map(user), name.map(group), name.map(robot)), { maxLength: 4 });

  test("are those of the lists that name them, whatever the names are", () => {
    const lists = fc.record({ admins: anybody, developers: anybody, viewers: anybody });
    fc.assert(
      fc.property(lists, name, fc.array(name, { maxLength: 3 }), fc.nat(), (members, self, others, pick) => {
        const all = Object.values(members).flat();
        const known = all[pick % Math.max(all.length, 1)];
        const oid = known === undefined || known.type === "Group" ? self : known.objectId;
        const groups = known?.type === "Group" ? [known.objectId, ...others] : others;
        const named = (list: readonly { type: string; objectId: string }[]) =>
          list.some(({ type, objectId }) => (type === "Group" ? groups.includes(objectId) : objectId === oid));
        const held = Object.entries(members).filter(([, list]) => named(list));
        expect(groupsOf(members, { oid, groups })).toEqual([
          ...groups.map((one) => `oidc:${one}`),
          ...held.map(([list]) => `virtual-clusters:${list}`),
        ]);
      }),
    );
  });
});

test("everybody whom a tenant file of 16 KiB can name fits into an expression", () => {
  // The shortest way to name somebody there, `{user: a},`, by whom an object id may be meant.
  const most = Math.floor((16 * 1024) / "{user: a},".length);
  const admins = Array.from({ length: most }, (_, i) => user(String(i).padEnd(36)));
  const { groups } = readAuthentication(authenticationConfig(signIn, { ...nobody, admins }));
  expect(groups.length).toBeLessThan(100_000);
});
