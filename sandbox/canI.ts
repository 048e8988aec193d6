import { parseAllDocuments } from "yaml";
import { administratorRequests, reachRequest } from "../model/effectiveRights.ts";
import { allows, type Request } from "../model/rights.ts";
import { tokenPrefix } from "../model/signIn.ts";
import { type Answer, authorize, type Binding, type Caller, forbidden, heldBy } from "./cloud/authorizer.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { at, text } from "./cloud/kind.ts";
import { releaseType } from "./cloud/kubernetes.ts";

/** Where something is asked: on the host, in one of its namespaces or at the whole cluster, or in a virtual cluster. */
export type Place = { readonly namespace?: string } | { readonly tenant: string };

/**
 * What the simulated cloud would answer, from the role assignments, role bindings and releases that are deployed in it.
 *
 * @throws Error where no such tenant is deployed.
 */
export function canI(cloud: Cloud, caller: Caller, request: Request, place: Place): Answer {
  if ("tenant" in place) return inside(cloud, caller, request, place.tenant);
  const now = authorize(cloud, caller, request, place.namespace);
  if (now.allowed) return now;
  const soon = authorize(cloud, caller, request, place.namespace, Number.POSITIVE_INFINITY);
  return soon.allowed ? { allowed: false, why: `${now.why} (not in effect yet: ${soon.why})` } : now;
}

function inside(cloud: Cloud, caller: Caller, request: Request, tenant: string): Answer {
  const releases = cloud.ofType(releaseType).map(({ properties }) => properties);
  const release = releases.find(({ name }) => name === tenant);
  if (release === undefined) {
    const names = releases.map(({ name }) => String(name)).sort();
    throw new Error(`no tenant '${tenant}' is deployed: there are ${names.join(", ") || "none"}`);
  }
  if (at(release, "values.controlPlane.statefulSet.highAvailability.replicas") === 0) {
    return { allowed: false, why: `nobody can do anything in '${tenant}': its control plane is stopped` };
  }
  const namespace = text(release, "namespace");
  const [opened] = administratorRequests
    .map((what) => authorize(cloud, caller, what, namespace))
    .filter(({ allowed }) => allowed);
  if (opened !== undefined) {
    const why = `administrator inside, whatever 'access' says: reads Secret vc-${tenant} of the host's namespace '${namespace}' by ${opened.why}`;
    return { allowed: true, why };
  }
  const exposed = at(release, "values.controlPlane.service.spec.type") === "LoadBalancer";
  if (!exposed && !authorize(cloud, caller, reachRequest, namespace).allowed) {
    const why = `${caller.name} cannot reach '${tenant}': it is not exposed, and port-forward takes a role in the host's namespace '${namespace}'`;
    return { allowed: false, why };
  }
  const manifests = at(release, "values.experimental.deploy.vcluster.manifests");
  if (typeof manifests !== "string") {
    return { allowed: false, why: `${caller.name} cannot sign in to '${tenant}': the stack has no setting signIn` };
  }
  const [user = "", ...groups] = caller.objectIds.map((id) => `${tokenPrefix}${id}`);
  const bindings = parseAllDocuments(manifests).map((document) => document.toJS() as Binding);
  const roles = bindings.flatMap((binding) => heldBy(binding, [user, ...groups]));
  const [role] = roles.filter(({ rights }) => allows(rights, request));
  return role === undefined
    ? { allowed: false, why: forbidden(request, user, undefined) }
    : { allowed: true, why: `${role.name} inside '${tenant}'` };
}
