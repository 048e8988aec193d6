import { describe, expect, test } from "vitest";
import { messageLines, remark, stepLine, verdict } from "../../sandbox/display.ts";
import type { Op } from "../../sandbox/engine/types.ts";
import { nextSteps } from "../../sandbox/nextSteps.ts";

const urn = (type: string, name: string) => `urn:pulumi:test::virtual-clusters::${type}::${name}`;
const release = (name: string) => urn("kubernetes:helm.sh/v3:Release", name);
const step = (op: Op, of = release("ml")) => ({ kind: "end", op, urn: of, changed: [] }) as const;

describe("the verdict of a run", () => {
  const said = (ok: boolean, ops: readonly Op[], interrupted = false) =>
    verdict("up", { ok, steps: ops.map((op) => step(op)) }, { seconds: 1.23, interrupted });

  test("counts what was done, and says where that is nothing", () => {
    expect(said(true, ["create", "same"])).toBe("1 created, 1 unchanged (1.2 s)");
    expect(said(true, [])).toBe("nothing to do (1.2 s)");
    // What the engine has made for itself, nobody has asked for.
    const own = ["default", "default_4_34_2"].map((name) => step("delete", urn("pulumi:providers:kubernetes", name)));
    expect(verdict("up", { ok: true, steps: own }, { seconds: 1.23, interrupted: false })).toBe(
      "nothing to do (1.2 s)",
    );
    expect(said(false, ["create"])).toBe("failed: 1 created (1.2 s)");
  });

  test("of a run that failed before it did anything says that, also where a component was registered", () => {
    const steps = [step("create", urn("virtual-clusters:index:Platform", "platform"))];
    const at = { seconds: 0, interrupted: false };
    expect(verdict("up", { ok: false, steps }, at)).toBe("failed: nothing was changed (0.0 s)");
    expect(said(false, ["same"])).toBe("failed: nothing was changed (1.2 s)");
  });

  test("of a run that was interrupted is no failure", () => {
    expect(said(false, ["create"], true)).toBe("interrupted: 1 created (1.2 s); run it again to go on");
  });
});

test("a deletion that leaves a namespace in the cloud says so", () => {
  const namespace = urn("kubernetes:core/v1:Namespace", "web-namespace");
  expect(stepLine({ ...step("delete", namespace), retained: true })).toBe(
    "  - delete  Namespace       web-namespace  [retain]: it stays in the cloud, with its data",
  );
});

describe("what a run says", () => {
  test("is said once, with all that it is about", () => {
    const message = "it is protected";
    expect(
      messageLines([
        { severity: "error", message, urn: release("a") },
        { severity: "error", message: "it is gone", urn: release("b") },
        { severity: "error", message: `${message}\n`, urn: release("c") },
        { severity: "warning", message: "old", urn: "" },
        { severity: "warning", message: "old", urn: "" },
      ]),
    ).toEqual([
      "error: 2 resources: it is protected\n  Release         a\n  Release         c",
      "error: Release b: it is gone",
      "warning: old",
    ]);
  });

  test("hides nothing: colours of the program's own are left out, anything else is shown", () => {
    expect(remark("\u001b[31mred\u001b[0m \u202e\n", "")).toBe("  red \\u202e");
    expect(messageLines([{ severity: "error", message: "\u001b[31mred", urn: release("a\nb") }])).toEqual([
      "error: Release a\\nb: \\u001b[31mred",
    ]);
  });
});

describe("what to try next", () => {
  const active = (size: string) => ({ lifecycle: "active", size });

  test("takes no room, brings back one file, and is about the stack that was deployed", () => {
    const tenants = [
      ["a", active("small")],
      ["b", active("large")],
      ["c", active("small")],
      ["d", { lifecycle: "offboarding", size: "small" }],
    ] as const;
    expect(nextSteps("sandbox", tenants, ["dev", "sandbox"])).toEqual([
      "Change a tenant: in tenants/sandbox/b.yaml write 'size: small', then\n     npm run sandbox -- preview",
      "Add a tenant, then 'npm start':\n     npm run tenants -- new mine --stack sandbox --owner me@contoso.com --purpose trying",
      "Lose a tenant: delete tenants/sandbox/c.yaml, and read why it is refused:\n     npm run sandbox -- up\n     'git checkout -- tenants/sandbox/c.yaml' brings that file back.",
      "See what a tenant is and who may do what in it:\n     npm run tenants -- show c --stack sandbox",
      "See stack dev: npm run sandbox -- up --stack dev",
      'Do it for real: README.md, "For real"',
    ]);
  });

  test("is possible with one small tenant, and with none", () => {
    expect(nextSteps("dev", [["mine", active("small")]], ["dev"])[0]).toBe(
      "Change a tenant: in tenants/dev/mine.yaml write 'lifecycle: suspended', then\n     npm run sandbox -- preview --stack dev",
    );
    expect(nextSteps("dev", [["mine", active("small")]], ["dev"])).toHaveLength(4);
    expect(nextSteps("dev", [], ["dev"])).toEqual([
      "Add a tenant, then 'npm start -- --stack dev':\n     npm run tenants -- new mine --stack dev --owner me@contoso.com --purpose trying",
      'Do it for real: README.md, "For real"',
    ]);
  });
});
