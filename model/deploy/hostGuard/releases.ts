import { tenantLabel } from "../namespace.ts";
import { celText, type GuardRule } from "./policy.ts";
import { notThePlatform } from "./who.ts";

/** How Helm names the Secrets that hold a release. Source: Helm, pkg/storage. */
const record = "sh.helm.release.v1.";

const labelled = "has(o.metadata.labels) && 'owner' in o.metadata.labels && o.metadata.labels['owner'] == 'helm'";
const named = (prefix: string) => `(has(o.metadata.name) && o.metadata.name.startsWith(${prefix}))`;

/**
 * What Helm remembers of a tenant's release. Helm finds it by labels, also under another name, and believes it: an upgrade
 * deletes what stands there and is no longer in the chart, a removal runs the hooks that stand there, both with the
 * platform's rights on the whole host. The syncer copies labels of Secrets from inside. So nobody but the platform may
 * write what Helm would read for this release; other releases in the namespace are their makers' own.
 */
export const releases: GuardRule = {
  name: "releases",
  resources: [{ apiGroups: [""], resources: ["secrets"], operations: ["CREATE", "UPDATE", "DELETE"] }],
  conditions: {
    "a-record-of-helm": `[object, oldObject].exists(o, o != null && (${named(celText(record))} || (${labelled})))`,
    ...notThePlatform,
  },
  variables: { tenant: `namespaceObject.metadata.labels[${celText(tenantLabel)}]` },
  validations: [
    {
      expression: `![object, oldObject].exists(o, o != null && (${named(`${celText(record)} + variables.tenant + '.v'`)} || (${labelled} && 'name' in o.metadata.labels && o.metadata.labels['name'] == variables.tenant)))`,
      message: "what Helm remembers of the virtual cluster's release is the platform's alone",
    },
  ],
};
