import { celList, type GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/** ClusterRoles that a tenant's administrators may give to others. Neither has rights on what {@link kept} lists. */
const givable = ["edit", "view"];

/** Kinds that no Role of a tenant's may name: whoever changes them is out of the tenant's bounds. */
const kept = [
  "bindings",
  "ciliumnetworkpolicies",
  "limitranges",
  "namespaces",
  "networkpolicies",
  "resourcequotas",
  "rolebindings",
  "roles",
];

/** Verbs that reach beyond what their holder has. Source: Kubernetes, "Using RBAC Authorization", privilege escalation. */
const reaching = ["bind", "escalate", "impersonate"];

const isBinding = "request.resource.resource == 'rolebindings'";
const ofRole = (expression: string) => `${isBinding} || !has(object.rules) || object.rules.all(r, ${expression})`;
const ofSubjects = (expression: string) =>
  `!(${isBinding}) || !has(object.subjects) || object.subjects.all(s, ${expression})`;
const none = (field: string, expression: string) => `(!has(r.${field}) || !r.${field}.exists(x, ${expression}))`;

/**
 * What tenants may give to each other. Azure's role RBAC Admin lets its holder bind any ClusterRole, also `cluster-admin`,
 * and a RoleBinding to that one gives the namespace itself. A Role is judged on every change: it may be bound already.
 */
export const roles: GuardRule = {
  name: "roles",
  resources: [
    {
      apiGroups: ["rbac.authorization.k8s.io"],
      resources: ["roles", "rolebindings"],
      operations: ["CREATE", "UPDATE"],
    },
  ],
  conditions: notThePlatform(),
  validations: [
    {
      expression: `!(${isBinding}) || object.roleRef.kind == 'Role' || object.roleRef.name in ${celList(givable)}`,
      message: "a tenant binds the ClusterRoles 'view' and 'edit', or a Role of its own namespace",
    },
    {
      expression: ofSubjects("!s.name.startsWith('system:')"),
      message: "a tenant gives no role to users and groups of Kubernetes' own ('system:…'), which stand for anybody",
    },
    {
      expression: ofSubjects(
        "s.kind != 'ServiceAccount' || (has(s.namespace) && s.namespace == object.metadata.namespace)",
      ),
      message: "a tenant gives no role to a service account of another namespace",
    },
    {
      expression: ofRole(
        ["verbs", "apiGroups", "resources"].map((field) => none(field, "x.contains('*')")).join(" && "),
      ),
      message: "a tenant's Role names its verbs, groups and kinds one by one, without '*'",
    },
    {
      expression: ofRole(none("verbs", `x in ${celList(reaching)}`)),
      message: `a tenant's Role gives none of the verbs ${reaching.join(", ")}`,
    },
    {
      expression: ofRole(none("resources", `x.split('/')[0] in ${celList(kept)}`)),
      message: `a tenant's Role gives nothing on ${kept.join(", ")}`,
    },
  ],
};
