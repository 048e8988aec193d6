import { uncompared } from "../../../model/plan/uncompared.ts";
import { oneLine } from "../../../model/text/printable.ts";
import { code } from "../../plan/codeSpan.ts";
import type { WantedIssue } from "./issueUpkeep.ts";

/** What of `preview --report json` is told in an issue. */
export interface DriftReport {
  readonly stacks: readonly {
    readonly stack: string;
    readonly headline: string;
    /** Whether deploying the files would change anything. */
    readonly changes: boolean;
    /** Why the files cannot be deployed: then nothing is known of what differs. */
    readonly failures?: readonly unknown[];
    /** What is otherwise in the cloud than it was deployed. */
    readonly drift?: readonly ReportedDrift[];
    /** What is not known, such as what is inside releases. */
    readonly notes?: readonly string[];
    readonly alarms: readonly { readonly text: string }[];
    readonly shared: readonly ReportedResource[];
    readonly tenants: readonly { readonly name: string; readonly resources: readonly ReportedResource[] }[];
  }[];
}

interface ReportedResource {
  readonly op: string;
  readonly kind: string;
  readonly name: string;
  readonly values?: readonly { readonly path: string }[];
}

interface ReportedDrift extends ReportedResource {
  readonly tenant?: string;
  readonly consequence?: string;
  readonly mend?: string;
}

/** Most resources that an issue names. */
const mostLines = 50;

/**
 * The issue of a stack that is not as main says; none where it is. Its text is the same as long as the same differs.
 *
 * @throws Error where the report tells nothing of the stack: that is never taken for "nothing differs".
 */
export function driftIssues(stack: string, report: DriftReport): WantedIssue[] {
  const found = report.stacks.find((one) => one.stack === stack);
  if (found === undefined) throw new Error(`the report tells nothing of stack '${stack}'`);
  const { changes, failures = [], drift = [], notes = [], headline, alarms, shared, tenants } = found;
  if (failures.length > 0) throw new Error(`stack '${stack}' could not be previewed: its report says why`);
  if (!changes && drift.length === 0) {
    const blind = notes.find((note) => note.startsWith(uncompared));
    if (blind !== undefined) throw new Error(`stack '${stack}': ${oneLine(blind)}`);
    return [];
  }
  const lines = [
    ...drift.map(driftLine),
    ...shared.map(resourceLine),
    ...tenants.flatMap(({ name, resources }) =>
      resources.map((resource) => `${code({ value: name })}: ${resourceLine(resource)}`),
    ),
  ];
  const more = lines.length > mostLines ? [`- and ${lines.length - mostLines} more`] : [];
  return [
    {
      key: `drift ${stack}`,
      title: `Stack ${stack} is not as main says`,
      body: [
        `A preview of main after a refresh shows: ${code({ value: headline, whole: true })}`,
        drift.length === 0
          ? "A merged change still waits to be deployed, or the last deployment did not end well."
          : "Somebody changed it by hand, or the last deployment did not end well. What was done by hand is put back by the commands below; what should stay goes into the files.",
        ...new Set(
          drift.flatMap(({ mend }) => (mend === undefined ? [] : [`- ${code({ value: mend, whole: true })}`])),
        ),
        ...notes.map((note) => `- ${code({ value: note, whole: true })}`),
        ...alarms.map(({ text }) => `- **${code({ value: text, whole: true })}**`),
        ...lines.slice(0, mostLines).map((line) => `- ${line}`),
        ...more,
      ].join("\n"),
    },
  ];
}

function driftLine({ tenant, consequence, ...resource }: ReportedDrift): string {
  const whose = tenant === undefined ? "" : `${code({ value: tenant })}: `;
  const comes = consequence === undefined ? "" : `: ${code({ value: consequence, whole: true })}`;
  return `by hand: ${whose}${resourceLine(resource)}${comes}`;
}

function resourceLine({ op, kind, name, values = [] }: ReportedResource): string {
  const paths = values.slice(0, 10).map(({ path }) => code({ value: path }));
  return `${code({ value: op })} ${code({ value: kind })} ${code({ value: name })}${paths.length > 0 ? ` (${paths.join(", ")})` : ""}`;
}
