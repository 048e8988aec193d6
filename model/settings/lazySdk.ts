import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What Node.js is to load before Pulumi's SDK, as one of its options: `components/lazySdk.ts`, by its address. */
export function lazySdkOption(root: string): string {
  return `--import=${pathToFileURL(join(root, "components/lazySdk.ts")).href}`;
}
