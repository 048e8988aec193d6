import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Finding, Gates, Waiver } from "../model/plan/plan.ts";
import { ours, say, type Words } from "../model/plan/words.ts";
import type { Problem } from "../model/text/problems.ts";
import { didYouMean, validate } from "../model/text/validate.ts";
import { readYaml } from "../model/text/yamlSource.ts";

/** The target of a waiver that stands for every target of its rule. */
const everything = "*";

const waiver = z.strictObject({
  rule: z.string().min(1).describe("the rule's id, as the plan names it"),
  target: z.string().min(1).describe('what it is about, as the plan names it; "*" for everything'),
  who: z
    .email("an e-mail address is needed: whoever lets it through")
    .describe("the e-mail address of whoever lets it through"),
  why: z.string().trim().min(10).max(500).describe("why it may pass, in a sentence"),
  until: z.iso.date("write a date as 2027-03-31").describe("the last day on which it holds, such as 2027-03-31"),
});

/** Most bytes of a file of waivers. */
const maxWaiverBytes = 64 * 1024;

/** The file of a stack's waivers, below the project's root. */
export const waiverFile = (stack: string) => `waivers/${stack}.yaml`;

/** The waivers of a stack that hold, and what is wrong with the others. */
export interface WaiverReading {
  readonly waivers: readonly Waiver[];
  readonly problems: readonly Problem[];
}

/** What waivers are read by. */
export interface WaiverCase {
  /** As 2027-03-31. */
  readonly today: string;
  /** The ids of all rules. */
  readonly rules: readonly string[];
}

/**
 * Reads the waivers of a stack. One that names no rule, or holds no more, is an error; one that nothing needs is not, for it
 * has to be there before what it lets through.
 *
 * @param file as problems name it
 * @param bytes undefined where the file is not there
 */
export function readWaivers(file: string, bytes: Uint8Array | undefined, { today, rules }: WaiverCase): WaiverReading {
  if (bytes === undefined) return { waivers: [], problems: [] };
  const source = readYaml(file, bytes, maxWaiverBytes);
  if (source.problems.length > 0 || source.value === null) return { waivers: [], problems: source.problems };
  if (!Array.isArray(source.value)) {
    const message = "the file is not a list of waivers: begin each with '- rule: '";
    return { waivers: [], problems: [{ location: source.locate([]), message }] };
  }
  const read = source.value.map((raw: unknown, i): WaiverReading => {
    const { problems, ...result } = validate(waiver, raw, (path, key) =>
      key ? source.locateKey([i, ...path]) : source.locate([i, ...path]),
    );
    if (!("value" in result)) return { waivers: [], problems };
    const { value } = result;
    const wrong: Problem[] = [];
    if (!rules.includes(value.rule)) {
      const guess = didYouMean(value.rule, rules) || ";";
      const message = `no rule is called '${value.rule}'${guess} there are ${rules.join(", ")} (docs/gates.md)`;
      wrong.push({ location: source.locate([i, "rule"]), message });
    }
    if (value.until < today) {
      const message = `'until' is ${value.until}, and today is ${today}: the waiver holds no more. Remove it, or set another day`;
      wrong.push({ location: source.locate([i, "until"]), message });
    }
    return wrong.length === 0 ? { waivers: [value], problems: [] } : { waivers: [], problems: wrong };
  });
  const twice = source.value.flatMap((raw: unknown, i): Problem[] => {
    const key = keyOf(raw);
    const first = key === undefined ? -1 : (source.value as unknown[]).findIndex((other) => keyOf(other) === key);
    if (first === -1 || first === i) return [];
    const line = source.locate([first]).line;
    return [
      { location: source.locate([i]), message: `the waiver of line ${line} has the same rule and target: remove one` },
    ];
  });
  return {
    waivers: read.flatMap(({ waivers }) => waivers),
    problems: [...read.flatMap(({ problems }) => problems), ...twice],
  };
}

/** What a waiver is about; undefined where that cannot be told. */
function keyOf(raw: unknown): string | undefined {
  const { rule, target } = (raw ?? {}) as { rule?: unknown; target?: unknown };
  return typeof rule === "string" && typeof target === "string" ? JSON.stringify([rule, target]) : undefined;
}

/** The waiver that lets a finding through. */
export function waiverOf(
  { rule, target }: Pick<Finding, "rule" | "target">,
  waivers: readonly Waiver[],
): Waiver | undefined {
  return waivers.find((one) => one.rule === rule && (one.target === target || one.target === everything));
}

/** What a change needs a waiver for, and what stands in the files. */
export interface GateCase {
  readonly stack: string;
  readonly findings: readonly Finding[];
  /** The waivers that count: those of the base. */
  readonly base: WaiverReading;
  /** Those that the change leaves. */
  readonly head: WaiverReading;
  /** Those of other stacks' files that count here, too. */
  readonly elsewhere?: readonly Waiver[];
  readonly notes?: readonly Words[];
  /** As 2027-03-31: waivers are proposed from it on. */
  readonly today: string;
}

/** What is let through, and what is not. A waiver that a change brings along waives nothing of it. */
export function applyWaivers({ stack, findings, base, head, elsewhere = [], notes = [], today }: GateCase): Gates {
  const judged = findings.map((finding) => ({ finding, waiver: waiverOf(finding, [...base.waivers, ...elsewhere]) }));
  const needed = judged.flatMap(({ finding, waiver }) => (waiver === undefined ? [finding] : []));
  const missing = (from: WaiverReading, within: WaiverReading) =>
    from.waivers.filter((one) => !within.waivers.some((other) => isDeepStrictEqual(one, other)));
  // A line further up or down, it is the same that is wrong.
  const left = Map.groupBy(head.problems, ({ message }) => message);
  const mended = base.problems.filter(({ message }) => left.get(message)?.pop() === undefined);
  const waivers = { added: missing(head, base), removed: missing(base, head), mended };
  const early = needed.filter((finding) => waiverOf(finding, head.waivers) !== undefined);
  return {
    file: waiverFile(stack),
    needed: needed.map((finding) => ({ ...finding, lines: waiverLines(finding, today) })),
    waived: judged.flatMap(({ finding, waiver }) => (waiver === undefined ? [] : [{ ...finding, waiver }])),
    waivers,
    problems: head.problems,
    notes: [
      ...notes,
      ...waivers.added
        .filter((one) => !early.some((finding) => waiverOf(finding, [one])))
        .map(
          ({ rule, target, who, until, why }) =>
            say`Once this is merged, ${rule} lets ${target === everything ? ours("everything") : [{ value: target }]} pass until ${until}: ${who}: ${why}.`,
        ),
      ...early.map(
        ({ rule, target }) =>
          say`The waiver of ${rule} (${target}) does not count yet: it has to be merged before, by a change of its own.`,
      ),
    ],
  };
}

/** Days that a waiver is proposed for. */
const proposedDays = 14;

/** What has to stand in a stack's waivers, line by line, for a finding to be let through; who and why are to be filled in. */
function waiverLines({ rule, target }: Pick<Finding, "rule" | "target">, today: string): string[] {
  const until = new Date(Date.parse(today) + proposedDays * 86_400_000).toISOString().slice(0, 10);
  const written = /^[A-Za-z][\w .-]*$/.test(target) ? target : JSON.stringify(target);
  return [
    `- rule: ${rule}`,
    `  target: ${written}`,
    '  who: ""  # the e-mail address of whoever lets it through',
    '  why: ""  # in a sentence of at least 10 characters',
    `  until: ${until}`,
  ];
}
