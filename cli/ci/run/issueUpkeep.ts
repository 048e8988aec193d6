/** An issue as it should be. */
export interface WantedIssue {
  /** What it is about, the same from run to run, such as "expiry dev/payments". */
  readonly key: string;
  readonly title: string;
  /** Markdown; whatever somebody wrote is harmless in it already. */
  readonly body: string;
}

/** An open issue as GitHub has it. */
export interface OpenIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** True where this repository's own workflows opened it: anybody may write a marker into an issue. */
  readonly ours: boolean;
}

/** One thing to do. */
export type IssueAction =
  | { readonly do: "open"; readonly title: string; readonly body: string }
  | { readonly do: "edit"; readonly number: number; readonly title: string; readonly body: string }
  | { readonly do: "close"; readonly number: number };

/** The first line of an issue or a comment by which it is found again. */
export function marker(key: string): string {
  return `<!-- tenants: ${key} -->`;
}

/** True where a text begins with a marker. */
export function isMarked(text: string, key: string): boolean {
  return firstLine(text) === marker(key);
}

/** The texts of an issue or a comment that will be found again by its key. */
export function marked(key: string, body: string): string {
  return `${marker(key)}\n${body}`;
}

/**
 * What to do so that there is exactly one open issue for each thing that is so, and none for what is not any more. An issue
 * that says already what it should is left alone, so that nobody is notified of nothing.
 *
 * @param kind the first word of the keys that are looked after here; issues with other keys are never touched
 * @param open the open issues of the repository, in any order; of two with the same key the older one is kept
 */
export function issueActions(kind: string, wanted: readonly WantedIssue[], open: readonly OpenIssue[]): IssueAction[] {
  const mine = open
    .filter(({ ours, body }) => ours && firstLine(body).startsWith(`<!-- tenants: ${kind} `))
    .sort((a, b) => a.number - b.number);
  const kept = new Map<string, OpenIssue>();
  for (const issue of mine) {
    const line = firstLine(issue.body);
    if (!kept.has(line)) kept.set(line, issue);
  }
  const needed = new Set(wanted.map(({ key }) => marker(key)));
  const closed = mine.filter((issue) => {
    const line = firstLine(issue.body);
    return !needed.has(line) || kept.get(line) !== issue;
  });
  return [
    ...wanted.flatMap(({ key, title, body: text }): IssueAction[] => {
      const body = marked(key, text);
      const issue = kept.get(marker(key));
      if (issue === undefined) return [{ do: "open", title, body }];
      if (issue.title === title && sameText(issue.body, body)) return [];
      return [{ do: "edit", number: issue.number, title, body }];
    }),
    ...closed.map(({ number }): IssueAction => ({ do: "close", number })),
  ];
}

/** GitHub may give back other line ends than it was given. */
function sameText(a: string, b: string): boolean {
  return plainLines(a) === plainLines(b);
}

function plainLines(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}
