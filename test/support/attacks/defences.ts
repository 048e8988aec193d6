import type { Answer, Api, Json, Target } from "./api.ts";
import { type Actor, type Attack, actors, type Defence, type Step, tenants } from "./data.ts";
import { guard, identity, targetOf } from "./stage.ts";

/** Puts a defence back. */
export type Restore = () => Promise<void>;

const escaped = (text: string) => text.replace(/[.$-]/g, "\\$&");

/** The words by which a defence is known in an answer of the API server; a network policy gives none. */
export function signature(defence: Defence): RegExp {
  const [kind = "", name = ""] = split(defence);
  if (kind === "guard") return new RegExp(`ValidatingAdmissionPolicy '${escaped(`${guard}-${name}`)}'`);
  if (kind === "Pod Security") return /violates PodSecurity/;
  if (kind === "quota") return /exceeded quota/;
  if (kind === "RBAC") return /cannot \w+ resource|is attempting to grant RBAC permissions not currently held/;
  throw new Error(`'${defence}' gives no answer`);
}

/** "guard pods" as its two parts; "Pod Security" is one. */
export function split(defence: Defence): string[] {
  const [, kind, name] = /^(guard|network policy) (.*)$/.exec(defence) ?? [];
  return kind !== undefined && name !== undefined ? [kind, name] : [defence];
}

/**
 * Takes a defence away from an actor.
 *
 * @returns what puts it back
 */
export async function remove(api: Api, defence: Defence, actor: Actor, attack: Attack): Promise<Restore> {
  const [kind, name = ""] = split(defence);
  const { tenant } = actors[actor];
  switch (kind) {
    case "guard":
      return removeObject(api, {
        kind: "ValidatingAdmissionPolicyBinding",
        name: `${guard}-${name}`,
        namespace: "",
      });
    case "quota":
      return removeObject(api, { kind: "ResourceQuota", name: `vc-${tenant}`, namespace: tenant });
    case "network policy":
      return removeObject(api, { kind: "NetworkPolicy", name, namespace: await ownerOf(api, name) });
    case "Pod Security":
      return relabel(api, tenant);
    case "RBAC":
      return grant(api, actor, attack.grant ?? [ruleOf(api, attack, actor)]);
    default:
      throw new Error(`'${defence}' cannot be taken away`);
  }
}

async function removeObject(api: Api, target: Target): Promise<Restore> {
  const found = must(await api.get(target));
  const { metadata, status: _, ...rest } = found.body as { metadata: Json; status?: unknown };
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _at, managedFields: _by, ...kept } = metadata;
  must(await api.delete(target));
  return async () => {
    must(await api.create({ ...target, name: undefined }, { ...rest, metadata: kept }));
  };
}

async function ownerOf(api: Api, policy: string): Promise<string> {
  for (const namespace of tenants)
    if ((await api.get({ kind: "NetworkPolicy", name: policy, namespace })).ok) return namespace;
  throw new Error(`no tenant has a network policy '${policy}'`);
}

const enforce = "pod-security.kubernetes.io/enforce";

async function relabel(api: Api, namespace: string): Promise<Restore> {
  const target = { kind: "Namespace", name: namespace, namespace: "" };
  const { metadata } = must(await api.get(target)).body as { metadata: { labels: Record<string, string> } };
  const set = async (standard: string | undefined) => {
    must(await api.patch(target, { metadata: { labels: { [enforce]: standard ?? null } } }));
  };
  await set("privileged");
  return () => set(metadata.labels[enforce]);
}

/** What an attack's last step asks RBAC for. */
function ruleOf(api: Api, { steps = [] }: Attack, actor: Actor): Json {
  const last = steps.at(-1);
  if (last === undefined) throw new Error("an attack with no steps meets no RBAC");
  const { kind, name, subresource } = targetOf(last, actors[actor].tenant);
  const found = api.kind(last.of === undefined ? kind : targetOf(last, "").kind);
  const resource = subresource === undefined ? found.plural : `${found.plural}/${subresource}`;
  return { apiGroups: [found.group], resources: [resource], verbs: [verbOf(last, name)] };
}

function verbOf(step: Step, name: string | undefined): string {
  if (step.create !== undefined) return "create";
  if (step.patch !== undefined) return "patch";
  if (step.replace !== undefined) return "update";
  if (step.get !== undefined) return name === undefined ? "list" : "get";
  return name === undefined ? "deletecollection" : "delete";
}

/** Gives an actor a right in the whole cluster. */
async function grant(api: Api, actor: Actor, rules: readonly Json[]): Promise<Restore> {
  const user = identity(actor)?.user;
  if (user === undefined) throw new Error(`${actor} has every right`);
  const metadata = { name: "attack-grant" };
  const group = "rbac.authorization.k8s.io";
  const role = { kind: "ClusterRole", namespace: "" };
  const binding = { kind: "ClusterRoleBinding", namespace: "" };
  must(await api.create(role, { apiVersion: `${group}/v1`, kind: "ClusterRole", metadata, rules }));
  const body = {
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: group, kind: "ClusterRole", name: metadata.name },
    subjects: [{ apiGroup: group, kind: "User", name: user }],
  };
  must(await api.create(binding, body));
  return async () => {
    for (const target of [binding, role]) must(await api.delete({ ...target, name: metadata.name }));
  };
}

/** The answer, where it is a yes. */
export function must(answer: Answer): Answer {
  if (!answer.ok) throw new Error(answer.message);
  return answer;
}
