import { oneLine } from "../../model/text/printable.ts";
import type { ResourceState } from "./checkpoint.ts";
import { parseProviderReference } from "./urn.ts";

/**
 * What is wrong with the resources of a state among each other: each once, and after what it is in, its provider, and what it depends
 * on. Such a state was not written by an engine: Pulumi refuses it, too. Source: Pulumi, pkg/resource/deploy/snapshot.go, VerifyIntegrity.
 *
 * @returns undefined where nothing is
 */
export function integrityProblem(resources: readonly ResourceState[]): string | undefined {
  const known = new Set<string>();
  const instances = new Set<string>();
  const said = (urn: string) => `'${oneLine(urn)}'`;
  for (const { urn, id = "", parent, provider, dependencies = [], delete: isOld } of resources) {
    if (known.has(urn) && isOld !== true) return `resource ${said(urn)} stands twice`;
    if (parent !== undefined && !known.has(parent)) return `the parent of ${said(urn)} does not stand before it`;
    if (provider !== undefined && provider !== "") {
      const instance = parseProviderReference(provider);
      if (!instances.has(`${instance.urn}::${instance.id}`))
        return `the provider of ${said(urn)} does not stand before it`;
    }
    const missing = dependencies.find((one) => !known.has(one));
    if (missing !== undefined) return `${said(missing)}, on which ${said(urn)} depends, does not stand before it`;
    if (isOld !== true) known.add(urn);
    instances.add(`${urn}::${id}`);
  }
  return undefined;
}
