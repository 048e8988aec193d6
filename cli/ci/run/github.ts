import type { IssueAction, OpenIssue } from "./issueUpkeep.ts";
import { isMarked } from "./issueUpkeep.ts";

/** A request to a server that answers in JSON. */
export type Send = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Items of a page, and the most that are read of what has many pages. */
const page = 100;
const mostPages = 30;

/** The most files that a comparison of commits lists. Source: GitHub's REST reference, "Compare two commits". */
const mostCompared = 300;

/** The account of a workflow's own token. */
const ourLogin = "github-actions[bot]";

/**
 * The REST interface of GitHub for one repository, in a job of it.
 *
 * @param environment of the job: GITHUB_API_URL and GITHUB_REPOSITORY, which the runner sets, and GH_TOKEN
 * @throws Error where a request is refused, with GitHub's answer and never with the token.
 */
export function githubOf(environment: NodeJS.ProcessEnv, get: typeof fetch = fetch): GitHub {
  const {
    GITHUB_API_URL: api = "https://api.github.com",
    GITHUB_REPOSITORY: repository = "",
    GH_TOKEN = "",
  } = environment;
  return new GitHub(async (method, path, body) => {
    const answer = await get(`${api}/repos/${repository}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${GH_TOKEN}`,
        "content-type": "application/json",
        "x-github-api-version": "2022-11-28",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GitHub answered ${method} ${path} with ${answer.status}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  });
}

/** A pull request, as far as it is asked for. */
export interface PullRequest {
  readonly number: number;
  readonly state: string;
  readonly head: { readonly sha: string; readonly repo: { readonly id: number } | null };
  readonly base: { readonly ref: string; readonly sha: string };
}

interface Texted {
  readonly body?: string | null;
  readonly user: { readonly login: string } | null;
}

/** What the workflows ask of GitHub. */
export class GitHub {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  async pullRequest(number: number): Promise<PullRequest> {
    return (await this.#send("GET", `/pulls/${number}`)) as PullRequest;
  }

  /**
   * The paths that a commit touches since it left a branch, those that it renames among them. Unlike the files of a pull request
   * they are the same for ever, whatever is pushed while they are asked for.
   *
   * @param base the branch's newest commit
   */
  async changedFiles(base: string, head: string): Promise<{ readonly paths: string[]; readonly complete: boolean }> {
    const answer = await this.#send("GET", `/compare/${base}...${head}`);
    const { files = [] } = answer as { files?: { filename: string; previous_filename?: string }[] };
    const paths = files.flatMap(({ filename, previous_filename: before }) => [
      filename,
      ...(before === undefined ? [] : [before]),
    ]);
    return { paths, complete: files.length < mostCompared };
  }

  /** Puts a text into the one comment of ours that begins with the key's marker. */
  async keepComment(number: number, key: string, body: string): Promise<"written" | "edited" | "left"> {
    const comments = await this.#all<Texted & { id: number }>(`/issues/${number}/comments`);
    const ours = comments.find(({ user, body: text }) => user?.login === ourLogin && isMarked(text ?? "", key));
    if (ours?.body === body) return "left";
    if (ours === undefined) await this.#send("POST", `/issues/${number}/comments`, { body });
    else await this.#send("PATCH", `/issues/comments/${ours.id}`, { body });
    return ours === undefined ? "written" : "edited";
  }

  /** The open issues; pull requests, which GitHub lists among them, are none. */
  async openIssues(): Promise<OpenIssue[]> {
    const issues = await this.#all<Texted & { number: number; title: string; pull_request?: unknown }>(
      "/issues?state=open",
    );
    return issues
      .filter((issue) => issue.pull_request === undefined)
      .map(({ number, title, body, user }) => ({ number, title, body: body ?? "", ours: user?.login === ourLogin }));
  }

  /** Does what {@link issueActions} says. */
  async carryOut(actions: readonly IssueAction[]): Promise<void> {
    for (const action of actions) {
      const { do: what, ...rest } = action;
      if (what === "open") await this.#send("POST", "/issues", rest);
      else {
        const { number, ...fields } = rest as { number: number };
        const change = what === "close" ? { state: "closed", state_reason: "completed" } : fields;
        await this.#send("PATCH", `/issues/${number}`, change);
      }
    }
  }

  async #all<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let number = 1; number <= mostPages; number++) {
      const next = `${path}${path.includes("?") ? "&" : "?"}per_page=${page}&page=${number}`;
      const items = (await this.#send("GET", next)) as T[];
      found.push(...items);
      if (items.length < page) break;
    }
    return found;
  }
}
