import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { TestProject } from "./project.ts";

const changes = z.record(z.string(), z.string()).default({});

/** What a deployment of one release changes in a stack that the release before left, with the reason of each. */
const block = z.strictObject({ resources: changes, components: changes });

/** One release of CHANGELOG.md, or what is to be released. */
export interface Release {
  /** "Unreleased" for what has no version yet. */
  readonly version: string;
  readonly changes: z.output<typeof block>;
}

const heading = /^## (\S+).*$/gm;
const unreleased = "Unreleased";

/**
 * The releases of a changelog, in its order: the newest first.
 *
 * @throws Error where a release has not just one list of changes that can be read.
 */
export function readChangelog(text: string): Release[] {
  const starts = [...text.matchAll(heading)];
  return starts.map(({ 1: version = "", index }, i) => {
    const section = text.slice(index, starts[i + 1]?.index);
    const lists = [...section.matchAll(/^```yaml\n(.*?)^```$/gms)];
    if (lists.length !== 1) throw new Error(`CHANGELOG.md: ${version} has ${lists.length} lists of changes, not one`);
    return { version, changes: block.parse(parse(lists[0]?.[1] ?? "")) };
  });
}

/** What is listed after a release: each change with its reason. */
export function listedSince(all: readonly Release[], version: string): Release["changes"] {
  const index = all.findIndex((one) => one.version === version);
  if (index < 0) throw new Error(`CHANGELOG.md has no release ${version}`);
  const merged = (of: keyof Release["changes"]) =>
    Object.fromEntries(all.slice(0, index).flatMap(({ changes }) => Object.entries(changes[of])));
  return { resources: merged("resources"), components: merged("components") };
}

/** True where a change, as "op Type name", is one of the listed ones: "op Type", or with a name in which `*` is any text. */
export function isListed(change: string, listed: string): boolean {
  const [op, type, name = "*"] = listed.split(" ");
  const pattern = `${op} ${type} ${name}`.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${pattern}$`).test(change);
}

/** What docs/upgrading.md tells whoever comes from a release to do, before the first deployment of a later one. */
export function takeUpgradeSteps({ root, stack }: Pick<TestProject, "root" | "stack">, version: string): void {
  const file = `Pulumi.${stack}.yaml`;
  // Internal addresses of AKS's own network, to which nothing leads, are given up.
  const text = readFileSync(join(root, file), "utf8");
  if (version === "0.1.0") writeFileSync(join(root, file), text.replace("expose: internal", "expose: none"));
}

const nothingYet = `## ${unreleased}

\`\`\`yaml
resources: {}
components: {}
\`\`\`

`;

/** The changelog once what is unreleased is a version's, and nothing is unreleased. */
export function release(text: string, version: string, date: string): string {
  if (!text.includes(`## ${unreleased}\n`)) throw new Error(`CHANGELOG.md has no '## ${unreleased}'`);
  return text.replace(`## ${unreleased}\n`, `${nothingYet}## ${version} (${date})\n`);
}
