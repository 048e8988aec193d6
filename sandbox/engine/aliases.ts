import type resource from "@pulumi/pulumi/proto/resource_pb.js";
import { makeUrn } from "./urn.ts";

/** The URNs under which a resource may stand in the state: parts that an alias leaves out are the resource's own. */
export function aliasUrns(request: resource.RegisterResourceRequest, stack: string, project: string): string[] {
  return request.getAliasesList().map((alias) => {
    const spec = alias.getSpec();
    if (spec === undefined) return alias.getUrn();
    const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
    return makeUrn(
      spec.getStack() || stack,
      spec.getProject() || project,
      parent,
      spec.getType() || request.getType(),
      spec.getName() || request.getName(),
    );
  });
}
