import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceState } from "../../sandbox/engine/checkpoint.ts";
import { parseUrn, stackType } from "../../sandbox/engine/urn.ts";
import type { TestProject } from "./project.ts";

/**
 * Gives a project of a release's fixture more tenants, as if that release had deployed them: copies of one of its tenants, whose
 * people have no roles in Azure, for those are told apart by more than names.
 *
 * @param names the copies
 */
export function addCopies(
  { root, stack }: Pick<TestProject, "root" | "stack">,
  tenant: string,
  names: readonly string[],
) {
  const copies = <T>(value: T) =>
    names.map((name) => JSON.parse(JSON.stringify(value).replaceAll(new RegExp(`\\b${tenant}\\b`, "g"), name)) as T);
  const edit = <T>(file: string, change: (content: T) => T) => {
    const path = join(root, file);
    if (existsSync(path)) writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as T)));
  };
  const isOwn = (text: string, end: string) => new RegExp(`(^|/)${tenant}(${end}|$)`).test(text);

  const text = readFileSync(join(root, `tenants/${stack}/${tenant}.yaml`), "utf8");
  for (const [i, copy] of copies(text).entries()) writeFileSync(join(root, `tenants/${stack}/${names[i]}.yaml`), copy);
  edit<Readonly<Record<string, object>>>("cloud.json", (objects) => {
    const own = Object.entries(objects).filter(([id]) => isOwn(id, "/"));
    return { ...objects, ...Object.fromEntries(own.flatMap(copies)) };
  });
  for (const file of ["state.json", "engine.json"]) {
    edit<{ deployment: { resources: ResourceState[] } }>(file, (checkpoint) => {
      const all = checkpoint.deployment.resources;
      for (const { outputs = {} } of all.filter(({ type }) => type === stackType)) {
        const tenants = outputs.tenants as Record<string, object>;
        for (const copy of copies({ [tenant]: tenants[tenant] })) Object.assign(tenants, copy);
      }
      const own = all.filter(({ urn }) => isOwn(parseUrn(urn).name, "-"));
      const resources = [...all, ...own.flatMap(copies)];
      return { ...checkpoint, deployment: { ...checkpoint.deployment, resources } };
    });
  }
}
