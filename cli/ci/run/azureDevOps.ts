import { isMarked } from "./issueUpkeep.ts";

/** A discussion of a pull request in Azure Repos, as far as it is asked for. */
interface Thread {
  readonly id: number;
  readonly isDeleted?: boolean;
  readonly comments?: readonly {
    readonly id: number;
    readonly content?: string;
    readonly isDeleted?: boolean;
    readonly author?: { readonly id: string };
  }[];
}

/**
 * Puts a text into the one comment of this pipeline's own account that begins with the key's marker, in the pull request that
 * the run is of.
 *
 * @param environment of the job: what the agent sets, and SYSTEM_ACCESSTOKEN, which the pipeline hands over
 * @throws Error where a request is refused, with the answer and never with the token.
 */
export async function keepAzureComment(
  environment: NodeJS.ProcessEnv,
  key: string,
  body: string,
  get: typeof fetch = fetch,
): Promise<"written" | "edited" | "left"> {
  const {
    SYSTEM_COLLECTIONURI: collection = "",
    SYSTEM_TEAMPROJECTID: project = "",
    BUILD_REPOSITORY_ID: repository = "",
    SYSTEM_PULLREQUEST_PULLREQUESTID: number = "",
    SYSTEM_ACCESSTOKEN: token = "",
  } = environment;
  const send = async (method: string, path: string, content?: unknown): Promise<unknown> => {
    const answer = await get(`${collection}${path}${path.includes("?") ? "&" : "?"}api-version=7.1-preview`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(content !== undefined && { body: JSON.stringify(content) }),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`Azure DevOps answered ${method} ${path} with ${answer.status}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const content = withoutMentions(body);
  const me = (await send("GET", "_apis/connectionData")) as { authenticatedUser: { id: string } };
  const threads = `${project}/_apis/git/repositories/${repository}/pullRequests/${number}/threads`;
  const { value } = (await send("GET", threads)) as { value: readonly Thread[] };
  for (const { id, isDeleted, comments: [first] = [] } of value) {
    if (isDeleted || first === undefined || first.isDeleted || first.author?.id !== me.authenticatedUser.id) continue;
    if (!isMarked(first.content ?? "", key)) continue;
    if (first.content === content) return "left";
    await send("PATCH", `${threads}/${id}/comments/${first.id}`, { content });
    return "edited";
  }
  await send("POST", threads, { comments: [{ parentCommentId: 0, commentType: "text", content }], status: "closed" });
  return "written";
}

/** Azure DevOps notifies whoever stands as `@<id>` in a comment; nobody does in one of ours. */
function withoutMentions(text: string): string {
  return text.replaceAll("@<", "@ <");
}
