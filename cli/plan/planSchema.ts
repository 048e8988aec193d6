import { z } from "zod";
import { planVersion } from "../../model/plan/plan.ts";

/** Where the JSON Schema of `plan --format json` is committed. */
export const planSchemaFile = "docs/plan.schema.json";

const text = z.string();
const count = z.int();

const problem = z.strictObject({
  file: text.optional().describe("from the project's folder; left out where it is about no file"),
  line: count.optional(),
  column: count.optional(),
  message: text,
});

const value = {
  path: text.describe("such as azure.nodePool.count"),
  from: text.optional().describe("left out where there was none"),
  to: text.optional().describe("left out where there is none any more"),
};

const change = z.strictObject({ ...value, consequences: z.array(text).describe("what comes of it") });

const resource = z.strictObject({
  op: z.enum(["create", "update", "replace", "delete"]),
  kind: text.describe("such as Release"),
  name: text,
  values: z.array(z.strictObject(value)),
  meaning: text.optional().describe("what it stands for, such as a role's name"),
});

const finding = {
  rule: text.describe("the rule's id, such as data-lost"),
  target: text.describe("what it is about, such as tenant payments"),
  why: text,
};

const fromTo = z.strictObject({ from: text, to: text });
const sum = z.strictObject({
  amount: z.number(),
  atLeast: z.boolean().describe("true where something in it has no price"),
});

const tenant = z.strictObject({
  name: text,
  alike: z.array(text).describe("other tenants to which exactly the same happens"),
  owner: text,
  namespace: text,
  fate: z.enum(["created", "changed", "suspended", "resumed", "offboarding", "deleted"]),
  cause: z.enum(["file", "stack"]).describe("its own file, or the stack's settings or the program"),
  fields: z.array(change),
  people: z.array(z.strictObject({ who: z.array(text), inside: fromTo, host: fromTo, gain: z.boolean() })),
  controlPlane: z.enum(["starts", "restarts", "stops", "anew", "goes", "untouched"]),
  replicas: count.describe("control planes while it is active"),
  data: z.strictObject({ lost: z.boolean(), text }).optional().describe("left out where none is at stake"),
  resources: z.array(resource),
  values: z.array(z.strictObject(value)).describe("chart values of its release"),
  cost: z
    .strictObject({
      own: sum.describe("a month: its disks and its address"),
      share: z.number().optional().describe("a month: its part of the nodes, by its requests"),
    })
    .optional(),
});

const stack = z.strictObject({
  stack: text,
  headline: text.describe("everything in a line"),
  changes: z.boolean(),
  rehearsed: z.boolean().describe("false where it is told by the files alone"),
  failures: z.array(z.strictObject({ side: z.enum(["base", "head"]), problems: z.array(problem) })),
  gates: z
    .strictObject({
      file: text.describe("where waivers of the stack stand"),
      needed: z.array(z.strictObject({ ...finding, waiver: z.array(text).describe("the lines of a waiver") })),
      waived: z.array(
        z.strictObject({
          ...finding,
          waiver: z.strictObject({ rule: text, target: text, who: text, why: text, until: text }),
        }),
      ),
      problems: z.array(problem).describe("what is wrong with the waivers as the change leaves them"),
      notes: z.array(text),
    })
    .describe("what needs a waiver of the base, and what has one (docs/gates.md)"),
  notes: z.array(text).describe("what is not known of where the comparison begins"),
  drift: z
    .array(
      resource.extend({
        tenant: text.optional().describe("whose it is; left out for what all tenants share"),
        inside: z.boolean().describe("true for what a release's chart has made, of which engines know nothing"),
        consequence: text.optional().describe("what comes of it; left out where its values say it all"),
        mendable: z.boolean().describe("false where nothing puts it back as it was"),
        mend: text.describe("the command that puts it back, or why none does"),
      }),
    )
    .optional()
    .describe("what is otherwise in the cloud than it was deployed; left out where nobody has looked"),
  alarms: z.array(z.strictObject({ level: z.enum(["danger", "attention"]), short: text, text })),
  settings: z.array(change),
  shared: z.array(resource).describe("resources that belong to no tenant, those of single people among them"),
  people: z
    .array(
      z.strictObject({
        op: z.enum(["create", "replace", "delete"]),
        role: text.describe("Azure's role"),
        who: z.array(text).describe("as the files name them; by object id where they do not tell"),
      }),
    )
    .describe("whose roles at the whole cluster are given, made anew or taken away"),
  tenants: z.array(tenant),
  untouched: z.array(text),
  unread: z.array(text).describe("tenants of which nothing can be told: a side's file is not right"),
  warnings: z.array(problem).describe("those that the base does not have"),
  warningsGone: count,
  room: z.array(
    z.strictObject({
      whose: text,
      what: text,
      unit: text,
      before: z.number().optional().describe("below zero where it is lacking"),
      after: z.number().optional(),
    }),
  ),
  cost: z
    .strictObject({
      currency: text,
      source: text,
      date: text,
      before: sum.optional(),
      after: sum.optional(),
      unknown: z.array(text).describe("what has no price"),
    })
    .optional()
    .describe("left out where the stack has no prices"),
});

/** What `plan --format json` prints. A reader that knows this version can rely on it: nothing is taken away within one. */
export const planSchema = z
  .strictObject({
    version: z.literal(planVersion),
    base: text.describe("what it is compared with, such as origin/main"),
    engine: z
      .enum(["sandbox", "pulumi"])
      .describe("whose steps: those rehearsed in memory, or those of Pulumi's own engine over what is deployed"),
    headline: text,
    program: z.strictObject({
      files: z.array(text).describe("files of the program that differ"),
      ownPackages: z.boolean().describe("true where the base ran with the packages of its own lock file"),
      ruling: z
        .array(text)
        .describe("files that differ of those that decide what is deployed, or how changes are judged"),
    }),
    stacks: z.array(stack),
  })
  .meta({ title: "What a change does to the stacks of a project" });

/** A plan as a document. */
export type PlanDocument = z.output<typeof planSchema>;

/** The text of {@link planSchemaFile}. */
export function planJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(planSchema, { target: "draft-7" }), undefined, 2)}\n`;
}
