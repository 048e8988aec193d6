import { z } from "zod";

/**
 * What a deployment leaves in the state of what somebody wrote for it, so that a plan can tell later from what something
 * changes: as outputs of the platform's component, and of each tenant's. They are written once what they are about is deployed.
 */
export interface PlatformRecord {
  /** The settings as the engine handed them over: by name, every value as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** Warnings that only a deployment knows, such as of people: "file:line:column: message". */
  readonly warnings: readonly string[];
  /** Which program that was; not in what release 0.1.0 left, nor is what follows. */
  readonly program?: string | undefined;
  /** Whom the names of people meant: object ids, by kind and name. */
  readonly people?: Readonly<Record<string, string>> | undefined;
}

/** What the output `record` of the platform holds. */
export const platformRecordSchema = z.object({
  settings: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
  program: z.string().optional(),
  people: z.record(z.string(), z.string()).optional(),
});

/** What the output `file` of a tenant holds: its file's text. */
export const recordedFileSchema = z.string();

/** The project's own settings, by name: others, such as a provider's, may be secrets. */
export function ownSettings(project: string, config: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(project.length + 1), text]));
}
