import { z } from "zod";
import { aksServerId } from "./kubeconfig.ts";

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
