import { Environment } from "@marcbachmann/cel-js";
import { parseAllDocuments } from "yaml";
import { readAuthentication } from "../model/access/authentication.ts";
import { wayIn } from "../model/access/effectiveRights.ts";
import type { Request } from "../model/access/rights.ts";
import { exposureOf } from "../model/deploy/address.ts";
import { isStopped, manifestsOf, type Values } from "../model/deploy/chartFacts.ts";
import { signInConfigMap, signInFileOf } from "../model/deploy/signInFile.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { Refusal } from "../model/text/problems.ts";
import { configMapKey, releaseType } from "./cloud/apiServer.ts";
import {
  type Answer,
  authorize,
  type Binding,
  type Caller,
  forbidden,
  heldBy,
  type Identity,
} from "./cloud/authorizer.ts";
import { managedClusterType } from "./cloud/azure.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { judge } from "./cloud/guard.ts";
import { at, text } from "./cloud/kind.ts";
import type { Properties } from "./engine/values.ts";

/** CEL as the API server has it. */
const cel = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });

/** Where something is asked: on the host, in one of its namespaces or at the whole cluster, or in a virtual cluster. */
export type Place = { readonly namespace?: string } | { readonly tenant: string };

/**
 * What the simulated cloud would answer, from the role assignments, role bindings and releases that are deployed in it.
 *
 * @throws Refusal where no such tenant is deployed.
 */
export function canI(cloud: Cloud, caller: Caller, request: Request, place: Place): Answer {
  const answer = (time: number) =>
    "tenant" in place
      ? inside(cloud, caller, request, place.tenant, time)
      : onHost(cloud, caller, request, place.namespace, time);
  const now = answer(cloud.now());
  if (now.allowed) return now;
  const soon = answer(Number.POSITIVE_INFINITY);
  return soon.allowed ? { allowed: false, why: `${now.why} (not in effect yet: ${soon.why})` } : now;
}

/** What a role allows on the host, and what the guard of the host leaves of it. */
function onHost(cloud: Cloud, caller: Caller, request: Request, namespace: string | undefined, time: number): Answer {
  const answer = authorize(cloud, caller, request, namespace, time);
  if (!answer.allowed) return answer;
  const { refusal, judges } = judge(cloud, caller, request, namespace);
  if (refusal !== undefined) {
    const { policy, message } = refusal;
    return { allowed: false, why: `${answer.why} allows it, but the guard '${policy}' refuses it: ${message}` };
  }
  const looking = judges.map((policy) => `'${policy}'`).join(", ");
  return judges.length === 0 ? answer : { ...answer, why: `${answer.why}; the guard ${looking} looks at the object` };
}

function inside(cloud: Cloud, caller: Caller, request: Request, tenant: string, time: number): Answer {
  const releases = cloud.ofType(releaseType).map(({ properties }) => properties);
  const release = releases.find(({ name }) => name === tenant);
  if (release === undefined) {
    const names = releases.map(({ name }) => String(name)).sort();
    throw new Refusal(`no tenant '${tenant}' is deployed: there are ${names.join(", ") || "none"}`);
  }
  const namespace = text(release, "namespace");
  const values = (release.values ?? {}) as Values;
  const manifests = manifestsOf(values);
  const askHost = (what: Request) => authorize(cloud, caller, what, namespace, time);
  const way = wayIn({
    may: (what) => askHost(what).allowed,
    stopped: isStopped(values),
    exposed: leadsSomewhere(cloud, exposureOf(values)),
    signIn: manifests !== undefined,
  });
  switch (way) {
    case "stopped":
      return { allowed: false, why: `nobody can do anything in '${tenant}': its control plane is stopped` };
    case "control plane": {
      const { why } = askHost({ verb: "get", group: "", resource: "secrets", subresource: "" });
      return {
        allowed: true,
        why: `administrator inside, whatever 'access' says: reads Secret vc-${tenant} of the host's namespace '${namespace}' by ${why}`,
      };
    }
    case "unreachable":
      return {
        allowed: false,
        why: `${caller.name} cannot reach '${tenant}': it has no address that leads to it, and port-forward takes a role in the host's namespace '${namespace}'`,
      };
    case "no sign-in":
      return { allowed: false, why: `${caller.name} cannot sign in to '${tenant}': the stack has no setting signIn` };
    case "access": {
      const file = signInFileOf(cloud.get(configMapKey(namespace, signInConfigMap))?.properties) ?? "";
      const bindings = bindingsOf(release, manifests ?? "");
      return byAccess(bindings, identitiesInside(file, caller), request, tenant);
    }
  }
}

/** Whether an address leads anywhere: an internal one of AKS's own network does not. */
function leadsSomewhere(cloud: Cloud, exposure: Tenant["expose"]): boolean {
  if (exposure !== "internal") return exposure === "public";
  const [cluster] = cloud.ofType(managedClusterType);
  return cluster === undefined || at(cluster.properties, "agentPoolProfiles.0.vnetSubnetID") !== undefined;
}

/** Who somebody is inside: the API server's file says it of their token, and is told to have been read since it changed. */
function identitiesInside(file: string, { identities: [self, ...groups] }: Caller): Identity[] {
  const { usernameClaim, usernamePrefix, groupsClaim, groups: expression } = readAuthentication(file);
  const claims = { [usernameClaim]: self?.id ?? "", [groupsClaim]: groups.map(({ id }) => id) };
  const held = cel.evaluate(expression, { claims }) as string[];
  const user = { kind: "User", id: `${usernamePrefix}${self?.id}` } as const;
  return [user, ...held.map((id) => ({ kind: "Group", id }) as const)];
}

/** What has been read of each release: its text is long, and many questions are asked. */
const read = new WeakMap<Properties, readonly Binding[]>();

/** The virtual cluster's own bindings. */
function bindingsOf(release: Properties, manifests: string): readonly Binding[] {
  const known = read.get(release) ?? parseAllDocuments(manifests).map((document) => document.toJS() as Binding);
  read.set(release, known);
  return known;
}

/** What the virtual cluster's own bindings say. */
function byAccess(
  bindings: readonly Binding[],
  identities: readonly Identity[],
  request: Request,
  tenant: string,
): Answer {
  const [role] = bindings.flatMap((binding) => heldBy(binding, identities)).filter(({ allows }) => allows(request));
  return role === undefined
    ? { allowed: false, why: forbidden(request, identities[0]?.id ?? "", undefined) }
    : { allowed: true, why: `${role.name} inside '${tenant}'` };
}
