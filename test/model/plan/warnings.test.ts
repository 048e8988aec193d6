import { describe, expect, test } from "vitest";
import { compareWarnings, problemsIn } from "../../../model/plan/warnings.ts";
import type { Problem } from "../../../model/text/problems.ts";

const warning = (file: string, line: number, message: string): Problem => ({
  severity: "warning",
  location: { file, line, column: 1 },
  message,
});

describe("warnings of two sides", () => {
  test("are the same where only their lines have moved", () => {
    const before = [warning("a.yaml", 3, "old"), warning("a.yaml", 4, "stands in 'admins' already (line 3)")];
    const after = [warning("a.yaml", 8, "old"), warning("a.yaml", 9, "stands in 'admins' already (line 8)")];
    expect(compareWarnings(before, after)).toEqual({ added: [], gone: 0 });
  });

  test("are new where one more of a kind comes, and counted where they go", () => {
    const after = [warning("a.yaml", 1, "x"), warning("a.yaml", 2, "x"), warning("b.yaml", 1, "x")];
    const { added, gone } = compareWarnings([warning("a.yaml", 1, "x"), warning("a.yaml", 1, "y")], after);
    expect(added).toEqual(after.slice(1));
    expect(gone).toBe(1);
  });
});

describe("what an engine said", () => {
  const error = (message: string, about = "") => ({ severity: "error" as const, message, about });

  test("is taken apart into problems with their places, and further lines stay with theirs", () => {
    const message =
      "2 problems to mend first; nothing was changed.\ntenants/a/x.yaml:1:2: one\n  more of it\nP.yaml:3:4: two";
    expect(problemsIn([error(message)])).toEqual([
      { location: { file: "tenants/a/x.yaml", line: 1, column: 2 }, message: "one\n  more of it" },
      { location: { file: "P.yaml", line: 3, column: 4 }, message: "two" },
    ]);
  });

  test("is told with the resource that it is about, where no file is named", () => {
    expect(problemsIn([error("it is protected", "Release ml-vcluster")])).toEqual([
      { message: "Release ml-vcluster: it is protected" },
    ]);
  });
});
