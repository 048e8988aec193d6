import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../model/plan/plan.ts";
import { counted, list, ours, say } from "../../model/plan/words.ts";
import { programRule } from "../../policy/judge.ts";
import { wayUp } from "../gitTree.ts";

/** What decides what is deployed, how a change is judged, and what runs with an account. */
const ofProject = [
  "index.ts",
  "{cli,components,console,model,policy,sandbox}/**/*",
  "{package.json,package-lock.json,.npmrc,Pulumi.yaml,tsconfig.json}",
];

/** What says whose files are, and what runs when: in a repository's root, which may be above the project's. */
const ofRepository = [
  "{CODEOWNERS,.github/CODEOWNERS,docs/CODEOWNERS}",
  ".github/{workflows,actions}/**/*",
  "{azure-pipelines*.yml,.azuredevops/**/*}",
];

/** The people whom the simulated Entra ID knows decide nothing. */
const harmless = new Set(["sandbox/directory.yaml"]);

/** Files that rule over changes, and differ between two trees. */
export interface Ruling {
  /** From the project's root. */
  readonly files: readonly string[];
  /** Stands for exactly this change of them; a waiver names it. */
  readonly fingerprint: string;
}

/** Nothing that rules over changes differs. */
export const noRuling: Ruling = { files: [], fingerprint: "" };

/**
 * The ruling files that differ, or that only one of two trees has.
 *
 * @param below the project's folder in the repository, with a "/" at its end; empty where it is the root
 */
export function changedRuling(base: string, head: string, below = ""): Ruling {
  const up = wayUp(below);
  const patterns = [...ofProject, ...ofRepository, ...(up === "" ? [] : ofRepository.map((pattern) => up + pattern))];
  const found = [base, head].flatMap((root) => globSync(patterns, { cwd: root }));
  const files = [...new Set(found)]
    .filter((file) => !harmless.has(file) && text(base, file) !== text(head, file))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(JSON.stringify([file, text(head, file)]));
  return { files, fingerprint: hash.digest("hex").slice(0, 12) };
}

function text(root: string, file: string): string | undefined {
  const path = join(root, file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, "latin1") : undefined;
}

/** What a change of them needs a waiver for; nothing where there is none. */
export function rulingFindings({ files, fingerprint }: Ruling): Finding[] {
  if (files.length === 0) return [];
  const why = say`it changes what is deployed, or how changes are judged: ${ours(counted(files.length, "file"))} (${list(files)})`;
  return [{ rule: programRule.id, target: `program ${fingerprint}`, why }];
}
