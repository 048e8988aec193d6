import { expect, test } from "vitest";
import { mustSucceed } from "../../cli/askPulumi.ts";

const failed = (stderr: string) => () =>
  mustSucceed({ command: "pulumi stack export --stack nope", code: 6, stdout: "", stderr });

test("of a stack that is not there it is said how it is made, and of one that a killed run has left what mends it", () => {
  expect(failed("error: no stack named 'nope' found\n")).toThrow(
    "'pulumi stack export --stack nope' ended with 6: error: no stack named 'nope' found\nnpx pulumi stack init nope makes it",
  );
  expect(failed("error: failed to load checkpoint: EOF")).toThrow(
    /^'pulumi stack export --stack nope' ended with 6: .*\n'npm run up' alone does not mend that: npm run recover -- --stack nope$/s,
  );
  expect(failed("error: it rains")).toThrow(/^'pulumi stack export --stack nope' ended with 6: error: it rains$/);
});
