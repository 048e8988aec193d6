import fc from "fast-check";
import { expect, test } from "vitest";
import { compare } from "./comparison.ts";
import { edit, type Host } from "./twins.ts";

// The same edits each time, and few: 500 new ones are for `npm run test:long`.
test.each<readonly [Host, number]>([
  ["azure", 2],
  ["existing", 3],
])(
  "runs of changed tenants on host '%s' say and do what full ones do, or say that they are full",
  async (host, numRuns) => {
    const { narrow } = await compare(fc.sample(edit, { seed: 7, numRuns }), host);
    expect(narrow).toBeGreaterThan(0);
  },
);
