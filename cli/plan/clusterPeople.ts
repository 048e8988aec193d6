import { listPeople } from "../../model/plan/people.ts";
import type { ClusterPeople } from "../../model/plan/plan.ts";
import { ours, type Words } from "../../model/plan/words.ts";
import { opSigns } from "./phrases.ts";

/** What somebody may do at the whole cluster. */
const clusterDeeds = {
  clusterUser: ["may get the host's kubeconfig", "may no longer get the host's kubeconfig"],
  clusterAdmin: ["administrator of the whole cluster", "no longer administrator of the whole cluster"],
} as const;

/** People whose role at the whole cluster changes: "+ user dev@contoso.com: may get the host's kubeconfig". */
export function clusterPeopleLines(people: readonly ClusterPeople[]): Words[] {
  return people.map(({ op, role, who }) => {
    const [holds, lost] = clusterDeeds[role];
    const deed = { create: holds, delete: lost, replace: `${holds}, by a new role assignment` }[op];
    return [`${opSigns[op]} `, ...listPeople(who), ...ours(`: ${deed}`)];
  });
}
