import { isReadRefusal, lookUpName, needsLookUp, showId } from "../../model/access/people.ts";
import type { Inputs } from "../../model/rules/inputs.ts";
import { isObjectId, type Mention, type Principal } from "../../model/tenant/principals.ts";
import { shellCommand } from "../../model/text/shell.ts";
import { ask, json, type Reply } from "./ask.ts";
import type { Account } from "./azure.ts";
import { broken, type Finding, ok, unsure } from "./finding.ts";

const graph = "https://graph.microsoft.com/v1.0";

/** The object id of whoever is signed in; undefined where Entra ID does not say. */
export async function ownObjectId({ user }: Account): Promise<string | undefined> {
  const show = user.type === "user" ? ["signed-in-user", "show"] : ["sp", "show", "--id", user.name];
  const { ok: found, stdout } = await ask("az", ["ad", ...show, "--query", "id", "--output", "tsv"]);
  return found && isObjectId(stdout.trim()) ? stdout.trim().toLowerCase() : undefined;
}

/** Whether the deploying identity is among the cluster's administrators: without that role it cannot create a namespace. */
export async function checkAdministrator(
  { user }: Account,
  own: string | undefined,
  admins: readonly Principal[],
): Promise<Finding> {
  const subject = "cluster administrator";
  const kind = user.type === "user" ? "user" : "servicePrincipal";
  const entry = own === undefined ? `{ ${kind}: <its object id> }` : `{ ${kind}: ${own} }`;
  const fix = `add ${entry} to azure.clusterAdmins: without that role it could not create a namespace`;
  // The Azure CLI calls a service principal by its application's id, which no role assignment takes.
  const name = user.name.toLowerCase();
  if (user.type !== "user" && admins.some(({ id }) => id === name)) {
    return broken(subject, `${name} is the application's id`, `write its object id, ${entry}, in azure.clusterAdmins`);
  }
  const names = [own, user.type === "user" ? name : own];
  if (admins.some((admin) => admin.type !== "Group" && names.includes(lookUpName(admin).toLowerCase()))) {
    return ok(subject, "the deploying identity is named in azure.clusterAdmins");
  }
  if (own === undefined) {
    const show = `somebody who may read Entra ID finds it: ${shellCommand(["az", "ad", "sp", "show", "--id", user.name, "--query", "id"])}`;
    return unsure(subject, "the object id of the deploying identity could not be read", `${show}; ${fix}`);
  }
  const groups = admins.filter(({ type }) => type === "Group");
  if (groups.length === 0) return broken(subject, "azure.clusterAdmins does not name the deploying identity", fix);
  const resolved = await Promise.all(groups.map(groupId));
  const groupIds = resolved.filter((id) => id !== undefined);
  const reply = await post(`${graph}/directoryObjects/${own}/checkMemberGroups`, { groupIds });
  const memberOf = json<{ readonly value?: string[] }>(reply)?.value;
  if (memberOf !== undefined && memberOf.length > 0) {
    return ok(subject, "the deploying identity is in a group of azure.clusterAdmins");
  }
  return memberOf === undefined || groupIds.length < groups.length
    ? unsure(subject, "Entra ID did not say of every group whether it is in there", fix)
    : broken(subject, "the deploying identity is in no group of azure.clusterAdmins", fix);
}

async function groupId(group: Principal): Promise<string | undefined> {
  if (!needsLookUp(group)) return group.id;
  const reply = await ask("az", showId(group));
  return reply.ok ? reply.stdout.trim() : undefined;
}

function post(url: string, body: object): Promise<Reply> {
  const headers = ["--headers", "Content-Type=application/json"];
  return ask("az", ["rest", "--method", "post", "--url", url, ...headers, "--body", JSON.stringify(body)]);
}

/** Whether names can be turned into object ids: one user and one group are asked for. */
export async function checkLookUp(people: readonly Mention[]): Promise<Finding> {
  const subject = "right to read Entra ID";
  const named = people.map(({ principal }) => principal).filter(needsLookUp);
  if (named.length === 0) return ok(subject, "not needed: everybody is named by object id");
  const samples = (["User", "Group"] as const).flatMap((type) => named.find((one) => one.type === type) ?? []);
  const replies = await Promise.all(samples.map((sample) => ask("az", showId(sample))));
  const refused = replies.find(({ reason }) => isReadRefusal(reason));
  if (refused !== undefined) {
    const fix =
      "grant User.Read.All and Group.Read.All of Microsoft Graph, with an administrator's consent; or name people by object id";
    return broken(subject, refused.reason, fix);
  }
  const failed = replies.findIndex(({ ok: done }) => !done);
  const [reason = "", name = ""] = [replies[failed]?.reason, samples[failed]?.id];
  if (/does not exist|not found|ResourceNotFound|matching/i.test(reason)) {
    return broken(subject, `there is not just one '${name}': ${reason}`, "correct the name, or write the object id");
  }
  if (failed >= 0) return unsure(subject, reason || "no answer", "try again");
  return ok(subject, `answered for ${samples.map(({ id }) => id).join(" and ")}`);
}

/** Object ids that nobody has (any more), or somebody of another kind: Azure would take a role assignment for them, and nobody could use it. */
export async function checkObjectIds({ people }: Inputs): Promise<Finding[]> {
  const subject = "object ids";
  const byId = new Map(people.filter(({ principal }) => !needsLookUp(principal)).map((one) => [one.principal.id, one]));
  if (byId.size === 0) return [];
  // Source: Microsoft Graph, directoryObject: getByIds, which takes up to 1,000 at once.
  const asked = [...byId.values()].slice(0, 1000);
  const ids = asked.map(({ principal }) => principal.id);
  const reply = await post(`${graph}/directoryObjects/getByIds`, { ids });
  const known = json<{ readonly value?: readonly DirectoryObject[] }>(reply)?.value;
  if (known === undefined)
    return [unsure(subject, "Entra ID did not say whose they are", "az login as somebody who may read Entra ID")];
  const types = new Map(known.map((object) => [object.id.toLowerCase(), object["@odata.type"]]));
  const wrong = asked.flatMap((mention) => {
    const { id } = mention.principal;
    if (!types.has(id)) return missingObject(mention);
    const type = types.get(id) ?? "";
    return type === "" || type.toLowerCase() === `#microsoft.graph.${mention.principal.type}`.toLowerCase()
      ? []
      : otherKind(mention, type);
  });
  if (wrong.length === 0) return [ok(subject, `${ids.length} in use, all known to Entra ID`)];
  return Promise.all(wrong);
}

/** Source: Microsoft Graph, directoryObject. */
interface DirectoryObject {
  readonly id: string;
  readonly "@odata.type"?: string;
}

function otherKind({ principal: { type, id }, location: { file, line } }: Mention, found: string): Finding {
  const kind = found.replace("#microsoft.graph.", "");
  return broken("object ids", `${file}:${line}: ${id} is named as a ${type}, but is a ${kind}`, "correct the entry");
}

async function missingObject({ principal: { id }, location: { file, line } }: Mention): Promise<Finding> {
  const deleted = await ask("az", ["rest", "--method", "get", "--url", `${graph}/directory/deletedItems/${id}`]);
  const restore = `az rest --method post --url ${graph}/directory/deletedItems/${id}/restore`;
  return deleted.ok
    ? broken(
        "object ids",
        `${file}:${line}: ${id} was deleted in the last 30 days`,
        `remove the entry, or restore it: ${restore}`,
      )
    : broken(
        "object ids",
        `${file}:${line}: ${id} is nobody's in this Entra ID (whether it was deleted, you may not see)`,
        "correct or remove the entry",
      );
}

/** Whether tokens for virtual clusters come from where people sign in. */
export function checkIssuer({ tenantId }: Account, { settings }: Inputs): Finding {
  const subject = "sign-in to virtual clusters";
  if (settings.signIn === undefined) {
    return unsure(subject, "not set up: people get in through the host only", "set signIn (docs/onboarding.md)");
  }
  const { issuer } = settings.signIn;
  return issuer.includes(tenantId)
    ? ok(subject, issuer)
    : unsure(subject, `${issuer} is not of the Entra ID tenant ${tenantId}`, "check the stack's setting signIn.issuer");
}
