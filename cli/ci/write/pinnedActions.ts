/** A release of an action, by the commit that its tag named when it was read. */
interface PinnedAction {
  readonly version: string;
  readonly commit: string;
}

/**
 * The actions that workflows use. A tag can be moved to another commit, a commit cannot be changed: each is that of the release's
 * tag in the action's own repository, read on 2026-11-28. Of an update, read the tag's commit again and run `tenants ci init`.
 */
export const pinnedActions = {
  "actions/checkout": { version: "v7.0.1", commit: "3d3c42e5aac5ba805825da76410c181273ba90b1" },
  "actions/setup-node": { version: "v7.0.0", commit: "820762786026740c76f36085b0efc47a31fe5020" },
  "actions/upload-artifact": { version: "v7.0.0", commit: "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f" },
  "actions/download-artifact": { version: "v8.0.1", commit: "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c" },
  "azure/login": { version: "v3.0.1", commit: "f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca" },
  "azure/use-kubelogin": { version: "v1.3", commit: "0ce7c36141aa27d4934872cf00b0120804c98a29" },
  "helm/kind-action": { version: "v1.14.0", commit: "ef37e7f390d99f746eb8b610417061a60e82a6cc" },
} as const satisfies Readonly<Record<string, PinnedAction>>;

/** The name of an action that workflows may use. */
export type ActionName = keyof typeof pinnedActions;

/** What stands behind `uses:`. */
export function pinned(name: ActionName): string {
  return `${name}@${pinnedActions[name].commit}`;
}

/** The release of what stands behind `uses:`; undefined for what is not pinned here. */
export function versionOf(uses: string): string | undefined {
  const [name = "", commit] = uses.split("@");
  const action: PinnedAction | undefined = Object.hasOwn(pinnedActions, name)
    ? pinnedActions[name as ActionName]
    : undefined;
  return action?.commit === commit ? action?.version : undefined;
}
