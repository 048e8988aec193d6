import { stringify } from "yaml";
import { z } from "zod";
import { aksServerId } from "./kubeconfig.ts";
import type { ResolvedPrincipal } from "./principals.ts";
import type { Tenant } from "./tenantSchema.ts";

const claim = z.string().regex(/^[A-Za-z_]\w*$/, "the name of a claim, such as oid");

/** How people sign in to the virtual clusters of a stack (setting `signIn`): their API servers trust this issuer. */
export const signInSchema = z.strictObject({
  issuer: z
    .string()
    .regex(/^https:\/\/[^\s?#@]+$/, "not an https address without spaces, query, fragment and credentials")
    .describe(
      "the issuer of tokens as they name it; Entra ID: https://login.microsoftonline.com/<Entra ID tenant>/v2.0",
    ),
  clientId: z
    .string()
    .regex(/^\S+$/, "the id of an application, without spaces")
    .refine(
      (id) => id.toLowerCase() !== aksServerId,
      "this is AKS's own application: whoever runs a virtual cluster could use the tokens that people send it on the host. Register an application for virtual clusters",
    )
    .describe("the application that tokens must be issued for; Entra ID: the id of an application of your own"),
  usernameClaim: claim
    .default("oid")
    .describe("the claim that says who somebody is; Entra ID: oid, for access lists become object ids"),
  groupsClaim: claim.default("groups").describe("the claim that lists somebody's groups"),
});

/** How people sign in to the virtual clusters of a stack. */
export type SignIn = z.output<typeof signInSchema>;

/** Set before names and groups from tokens, so that none can pass for one of Kubernetes' own, such as system:masters. */
export const tokenPrefix = "oidc:";

/** What each list of a tenant's `access` may do inside: a ClusterRole that every Kubernetes has. */
const roles = { admins: "cluster-admin", developers: "edit", viewers: "view" } as const satisfies Record<
  keyof Tenant["access"],
  string
>;

/** A tenant's people by object id, in the lists of its `access`. */
export type Members = Readonly<Record<keyof Tenant["access"], readonly ResolvedPrincipal[]>>;

/** Flags of the virtual cluster's API server. Source: kube-apiserver, `--oidc-*`. */
export function signInFlags({ issuer, clientId, usernameClaim, groupsClaim }: SignIn): string[] {
  return [
    `--oidc-issuer-url=${issuer}`,
    `--oidc-client-id=${clientId}`,
    `--oidc-username-claim=${usernameClaim}`,
    `--oidc-username-prefix=${tokenPrefix}`,
    `--oidc-groups-claim=${groupsClaim}`,
    `--oidc-groups-prefix=${tokenPrefix}`,
  ];
}

/**
 * What `access` means inside, as manifests that vCluster applies there. There is a binding for every list, also for an
 * empty one: vCluster does not remove what is no longer among its manifests, and would leave the last people in.
 */
export function accessManifests(members: Members): string {
  const bindings = Object.entries(roles).map(([list, role]) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: `tenant-${list}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: members[list as keyof Members].map(({ type, objectId }) => ({
      apiGroup: "rbac.authorization.k8s.io",
      kind: type === "Group" ? "Group" : "User",
      name: `${tokenPrefix}${objectId}`,
    })),
  }));
  return bindings.map((binding) => stringify(binding)).join("---\n");
}
