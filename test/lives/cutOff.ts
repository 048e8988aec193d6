import type { TestProject } from "../support/project.ts";
import { type Repository, type TenantFile, texts } from "./files.ts";
import type { Outcome, Stack } from "./world.ts";

const ada: TenantFile = {
  owner: "x@contoso.com",
  namespace: "ada",
  size: "small",
  kubernetes: "1.34",
  store: "sqlite",
  lifecycle: "active",
  dataOnRemoval: "delete",
};

/** How people might go on after an upgrade to 1.35 whose answer was lost: none of them may bring 1.34 back. */
export const waysBack: Readonly<Record<string, readonly Partial<Repository & { ada: Partial<TenantFile> }>[]>> = {
  "a revert": [{ ada: {} }],
  "a revert and a resize": [{ ada: { size: "medium" } }],
  "a revert with the owner in capitals": [{ ada: { owner: "X@contoso.com", size: "medium" } }],
  "a handover": [
    {
      ada: { owner: "y@contoso.com", size: "medium" },
      handover: { ada: { from: "x@contoso.com", to: "y@contoso.com" } },
    },
  ],
};

/** Upgrades a tenant, loses the answer, and goes on in one of these ways; gives how that ended and what runs then. */
export async function cutOffUpgrade(
  project: TestProject,
  stack: Stack,
  way: readonly Partial<Repository & { ada: Partial<TenantFile> }>[],
): Promise<{ readonly outcomes: Outcome[]; readonly running: string | undefined }> {
  const write = (file: Partial<TenantFile>, rest: Partial<Repository> = {}) => {
    const repository = { handover: {}, forgetRetained: [], ...rest, files: { ada: { ...ada, ...file } } };
    for (const [path, text] of Object.entries(texts(repository))) project.write(path, text);
  };
  write({});
  await stack.run("up");
  write({ kubernetes: "1.35" });
  // The release is all that is updated by a provider.
  await stack.run("up", { nth: 0, after: true });
  const outcomes: Outcome[] = [];
  for (const { ada: file = {}, ...rest } of way) {
    write(file, rest);
    outcomes.push(await stack.run("up"));
  }
  return { outcomes, running: stack.world().clusters.ada?.kubernetes };
}
