import { type EditName, edits } from "./edits.ts";

/** What is refused wherever something is deployed already. */
const alwaysWrong: readonly EditName[] = [
  "skip a minor",
  "change the owner",
  "change the store",
  "change the namespace",
];
/** What the rules refuse by itself. */
const wrong: readonly EditName[] = [
  ...alwaysWrong,
  "downgrade",
  "remove",
  "bring back",
  "inherit",
  "rename",
  "take a namespace",
  "revert",
];

/** How often each edit was accepted and refused, and what else happened. */
export class Statistics {
  readonly edits: Readonly<Record<EditName, { accepted: number; refused: number }>>;
  deployments = 0;
  faults = 0;

  constructor() {
    const none = Object.keys(edits).map((kind) => [kind, { accepted: 0, refused: 0 }] as const);
    this.edits = Object.fromEntries(none) as Record<EditName, { accepted: number; refused: number }>;
  }

  count(kind: EditName, what: "accepted" | "refused"): void {
    this.edits[kind][what]++;
  }

  /** Adds what was in other lives, also as it comes from another process. */
  add({ edits, deployments, faults }: Pick<Statistics, "edits" | "deployments" | "faults">): void {
    this.deployments += deployments;
    this.faults += faults;
    for (const [kind, counts] of Object.entries(edits) as [EditName, { accepted: number; refused: number }][]) {
      this.edits[kind].accepted += counts.accepted;
      this.edits[kind].refused += counts.refused;
    }
  }

  /** What edits can be and never were: all that can be right were accepted, all that can be wrong refused. */
  never(): { readonly kind: EditName; readonly what: "accepted" | "refused" }[] {
    const counts = Object.entries(this.edits) as [EditName, { accepted: number; refused: number }][];
    return counts.flatMap(([kind, { accepted, refused }]) => [
      ...(accepted === 0 && !alwaysWrong.includes(kind) ? [{ kind, what: "accepted" } as const] : []),
      ...(refused === 0 && wrong.includes(kind) ? [{ kind, what: "refused" } as const] : []),
    ]);
  }

  toString(): string {
    const lines = Object.entries(this.edits).map(
      ([kind, { accepted, refused }]) =>
        `  ${kind.padEnd(30)} ${String(accepted).padStart(6)} ${String(refused).padStart(6)}`,
    );
    return [
      `${this.deployments} deployments, ${this.faults} with a fault`,
      `  ${"edit".padEnd(28)} accepted refused`,
      ...lines,
    ].join("\n");
  }
}
