import { azureRoles } from "../../model/access/roles.ts";
import { type Plan, planVersion, type StackPlan } from "../../model/plan/plan.ts";
import { plain } from "../../model/plan/words.ts";
import { printable } from "../../model/text/printable.ts";
import { headlineOf } from "./phrases.ts";
import type { PlanDocument } from "./planSchema.ts";

/** A plan as a document for other programs: everything in it, nothing cut, in the shape of `docs/plan.schema.json`. */
export function planDocument(plan: Plan): PlanDocument {
  const { base, engine = "sandbox", program, stacks } = plan;
  return {
    version: planVersion,
    base,
    engine,
    headline: plain(headlineOf(plan)),
    program: { files: [...program.files], ownPackages: program.ownPackages, ruling: [...program.ruling] },
    stacks: stacks.map(stackDocument),
  };
}

/** The same as text. What would hide something, or be a command to a CI service, is written as JSON's escapes. */
export function planJson(plan: Plan): string {
  return printable(JSON.stringify(planDocument(plan), undefined, 2)).replaceAll("##", "#\\u0023");
}

function stackDocument(stack: StackPlan): PlanDocument["stacks"][number] {
  const changesOf = (changes: StackPlan["settings"]) =>
    changes.map(({ consequences, ...change }) => ({ ...change, consequences: consequences.map(plain) }));
  const resourcesOf = (resources: StackPlan["shared"]) =>
    resources.map(({ meaning, values, ...resource }) => ({
      ...resource,
      values: [...values],
      ...(meaning && { meaning: plain(meaning) }),
    }));
  const { headline, gates, cost, untouched, unread, room, notes = [], drift } = stack;
  return {
    stack: stack.stack,
    headline: plain(headline),
    changes: stack.changes,
    rehearsed: stack.rehearsed,
    failures: stack.failures.map(({ side, problems }) => ({
      side,
      problems: problems.map(({ location, message }) => ({ ...location, message })),
    })),
    gates: {
      file: gates.file,
      needed: gates.needed.map(({ why, lines, ...finding }) => ({ ...finding, why: plain(why), waiver: [...lines] })),
      waived: gates.waived.map(({ why, waiver, ...finding }) => ({ ...finding, why: plain(why), waiver })),
      problems: gates.problems.map(({ location, message }) => ({ ...location, message })),
      notes: gates.notes.map(plain),
    },
    notes: notes.map(plain),
    ...(drift && {
      drift: drift.map(({ meaning, consequence, mend, values, ...resource }) => ({
        ...resource,
        values: [...values],
        ...(meaning && { meaning: plain(meaning) }),
        ...(consequence && { consequence: plain(consequence) }),
        mend: plain(mend),
      })),
    }),
    alarms: stack.alarms.map(({ level, short, text }) => ({ level, short: plain(short), text: plain(text) })),
    settings: changesOf(stack.settings),
    shared: resourcesOf(stack.shared),
    people: stack.people.map(({ op, role, who }) => ({ op, role: azureRoles[role].name, who: [...who] })),
    tenants: stack.tenants.map(({ fields, people, data, resources, values, cost: price, alike, ...tenant }) => ({
      ...tenant,
      alike: [...alike],
      fields: changesOf(fields),
      people: people.map(({ who, ...change }) => ({ who: [...who], ...change })),
      ...(data && { data: { lost: data.lost, text: plain(data.text) } }),
      resources: resourcesOf(resources),
      values: [...values],
      ...(price && { cost: price }),
    })),
    untouched: [...untouched],
    unread: [...unread],
    warnings: stack.warnings.map(({ location, message }) => ({ ...location, message })),
    warningsGone: stack.warningsGone,
    room: [...room],
    ...(cost && { cost: { ...cost, unknown: [...cost.unknown] } }),
  };
}
