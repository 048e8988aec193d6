import { parse, stringify } from "yaml";
import type { ResolvedPrincipal } from "../tenant/principals.ts";
import { groupsInside, type Members } from "./roles.ts";
import { type SignIn, tokenPrefix } from "./signIn.ts";

/*
 * Who somebody is inside, told by a file that the virtual cluster's API server reads again whenever it changes
 * (`--authentication-config`): so that a change of `access` restarts nothing. Source: Kubernetes, "Authentication
 * configuration from a file", apiserver.config.k8s.io/v1, which is there from Kubernetes 1.34.
 */

/** Claims of Entra ID's own, beside the issuer, that a token must have. Source: Entra ID, "Access token claims reference". */
const entraIssuer =
  /^https:\/\/login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)\/([0-9a-f-]{36})\/v2\.0$/i;

/**
 * The API server's AuthenticationConfiguration, as YAML.
 *
 * Whoever stands in a list of `access`, by themselves or by a group, is in that list's group, and may be given more inside
 * under the name in the token, with a prefix. Nobody else gets in at all: otherwise an administrator who has left the file
 * could have bound `cluster-admin` to that name before.
 *
 * @param members the tenant's people by object id
 */
export function authenticationConfig(signIn: SignIn, members: Members): string {
  const { issuer, clientId, usernameClaim } = signIn;
  return stringify(
    {
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "AuthenticationConfiguration",
      jwt: [
        {
          issuer: { url: issuer, audiences: [clientId] },
          ...claimRules(issuer),
          claimMappings: {
            username: { claim: usernameClaim, prefix: tokenPrefix },
            groups: { expression: groupsExpression(signIn, members) },
          },
          userValidationRules: [listedInAccess],
        },
      ],
    },
    { lineWidth: 0 },
  );
}

/** True for whoever is in a list's group: a token cannot claim one, for its own groups have a prefix. */
const listedInAccess = {
  expression: `user.groups.exists(group, group in ${JSON.stringify(Object.values(groupsInside))})`,
  message: "not in 'access' of the tenant's file",
};

function claimRules(issuer: string) {
  const [, tenant] = entraIssuer.exec(issuer) ?? [];
  if (tenant === undefined) return {};
  const rule = (claim: string, requiredValue: string) => ({ claim, requiredValue });
  return { claimValidationRules: [rule("tid", tenant.toLowerCase()), rule("ver", "2.0")] };
}

/**
 * The groups of whoever has a token, in CEL. A token without the claim has no groups: Entra ID leaves it out for somebody
 * in more than 200. One that holds a single text is a list of one, as `--oidc-groups-claim` took it. An expression ends at
 * 100,000 characters (source: cel-go), which is more than the largest tenant file can name people for.
 */
function groupsExpression({ usernameClaim, groupsClaim }: SignIn, members: Members): string {
  const listed = Object.entries(groupsInside).flatMap(([list, group]) => {
    const condition = isIn(usernameClaim, members[list as keyof Members]);
    return condition === undefined ? [] : [`(${condition} ? [${literal(group)}] : [])`];
  });
  const terms = [`groups.map(group, ${literal(tokenPrefix)} + group)`, ...listed];
  return [
    // `in claims` fails, for the API server's claims are no map of CEL's own; and only what is dynamic can be gone through.
    `[dyn(claims[?${literal(groupsClaim)}].orValue([]))].map(claim, type(claim) == string ? [claim] : claim).map(groups,`,
    `  ${terms.join(" +\n  ")}`,
    ")[0]",
  ].join("\n");
}

const indent = "\n    ";

/** True for whoever is among these, as CEL; undefined where they are none. A service principal signs in as a user. */
function isIn(usernameClaim: string, members: readonly ResolvedPrincipal[]): string | undefined {
  // One to a line: a preview then shows who comes and who goes.
  const ids = (of: readonly ResolvedPrincipal[]) =>
    `[${of.map(({ objectId }) => `${indent}${literal(objectId)}`).join(",")}\n  ]`;
  const groups = members.filter(({ type }) => type === "Group");
  const people = members.filter(({ type }) => type !== "Group");
  const conditions = [
    ...(people.length === 0 ? [] : [`claims[${literal(usernameClaim)}] in ${ids(people)}`]),
    ...(groups.length === 0 ? [] : [`groups.exists(group, group in ${ids(groups)})`]),
  ];
  return conditions.length === 0 ? undefined : conditions.join(" || ");
}

/** What such a file says of whoever has a token of its issuer. */
export interface Authentication {
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  /** CEL: the groups, from the token's claims. */
  readonly groups: string;
}

/** Reads a file that {@link authenticationConfig} wrote. */
export function readAuthentication(text: string): Authentication {
  const { jwt } = parse(text) as { jwt: { claimMappings: Record<"username" | "groups", Record<string, string>> }[] };
  const { username, groups } = jwt[0]?.claimMappings ?? {};
  const expression = groups?.expression ?? "";
  const [, groupsClaim = '""'] = /^\[dyn\(claims\[\?("(?:[^"\\]|\\.)*")\]/.exec(expression) ?? [];
  return {
    usernameClaim: username?.claim ?? "",
    usernamePrefix: username?.prefix ?? "",
    groupsClaim: JSON.parse(groupsClaim) as string,
    groups: expression,
  };
}

/** Who is in which group by such a file: an object id, and the group of a list of `access`. */
export function listedInside(text: string): { readonly objectId: string; readonly group: string }[] {
  const { groups } = readAuthentication(text);
  // The members of a list stand before its group, one to a line.
  return groups.split(/(?<= : \[\]\))/).flatMap((term) => {
    const [, group = ""] = /\? \["([^"]+)"\] : \[\]\)$/.exec(term) ?? [];
    return [...term.matchAll(/^ {4}"([^"]+)",?$/gm)].map(([, objectId = ""]) => ({ objectId, group }));
  });
}

/** A text in CEL: its escapes in double quotes are those of JSON. Source: CEL specification, "String and bytes values". */
function literal(text: string): string {
  return JSON.stringify(text);
}
