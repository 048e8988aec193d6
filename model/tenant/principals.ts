import { z } from "zod";
import type { Location } from "../text/problems.ts";

/** The kinds of Entra ID principal that can be given access, as Azure's `principalType` names them. */
export type PrincipalType = "User" | "Group" | "ServicePrincipal";

/** Someone as a file names them. `id` is an object id, a user principal name, or a group's display name. */
export interface Principal {
  readonly type: PrincipalType;
  readonly id: string;
}

/** Someone as Azure and Kubernetes know them. */
export interface ResolvedPrincipal {
  readonly type: PrincipalType;
  /** The Entra ID object id; on a cluster without Entra ID the plain name. */
  readonly objectId: string;
}

/** Someone, and where they are named. */
export interface Mention {
  readonly principal: Principal;
  readonly location: Location;
  /** The tenant whose people they are; left out for the cluster's administrators. */
  readonly tenant?: string;
}

const objectIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for an Entra ID object id (a GUID), which needs no look-up in the directory. */
export function isObjectId(id: string): boolean {
  return objectIdPattern.test(id);
}

const oneLine = (text: z.ZodString) => text.regex(/^\P{Cc}*$/u, "one line of text, without control characters");

/**
 * What a file calls somebody beside their object id: whatever its author likes, so that it never stands for the id. It is short,
 * so that plans and reports show all of both.
 */
export const labelSchema = oneLine(z.string().trim().min(1).max(60)).describe(
  "a name for readers of the file, at most 60 characters; not looked up",
);
const label = labelSchema.optional();
/** Whoever Kubernetes itself names so has rights that nobody may be given: everyone who is not signed in, or its administrators. */
const id = (what: string) =>
  oneLine(z.string().trim().min(1).max(256))
    .refine(
      (text) => !/^system:/i.test(text),
      "names that begin with 'system:' are Kubernetes' own and nobody's; name a person or a group",
    )
    .describe(what);

/**
 * One entry of an access list.
 *
 * @example { user: dev@contoso.com }
 * @example { group: 6f0c2d1e-0000-4000-8000-000000000001, name: ml-leads }
 */
export const principalSchema = z
  .union(
    [
      z.strictObject({ user: id("a user principal name or an object id"), name: label }),
      z.strictObject({ group: id("a group's display name or object id"), name: label }),
      z.strictObject({
        servicePrincipal: id("an object id").regex(objectIdPattern, "a service principal is named by its object id"),
        name: label,
      }),
    ],
    {
      error: "expected { user: … }, { group: … } or { servicePrincipal: … }, each with an optional name",
    },
  )
  .transform(toPrincipal)
  .describe("{ user: … }, { group: … } or { servicePrincipal: … }");

type Entry = { user: string } | { group: string } | { servicePrincipal: string };

function toPrincipal(entry: Entry): Principal {
  if ("user" in entry) return principal("User", entry.user);
  if ("group" in entry) return principal("Group", entry.group);
  return principal("ServicePrincipal", entry.servicePrincipal);
}

/** Object ids do not distinguish case; names are kept as written, for a cluster without Entra ID tells them apart. */
function principal(type: PrincipalType, id: string): Principal {
  return { type, id: isObjectId(id) ? id.toLowerCase() : id };
}
