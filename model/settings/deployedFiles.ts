import { createHash } from "node:crypto";
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
  /** {@link otherSettings} of that deployment. */
  readonly others?: Readonly<Record<string, string>> | undefined;
  /** Whom the names of people meant: object ids, by kind and name. */
  readonly people?: Readonly<Record<string, string>> | undefined;
}

/** What the output `record` of the platform holds. */
export const platformRecordSchema = z.object({
  settings: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
  program: z.string().optional(),
  others: z.record(z.string(), z.string()).optional(),
  people: z.record(z.string(), z.string()).optional(),
});

/** What the output `file` of a tenant holds: its file's text. */
export const recordedFileSchema = z.string();

/** The project's own settings, by name: others, such as a provider's, may be secrets. */
export function ownSettings(project: string, config: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(project.length + 1), text]));
}

/**
 * What stands for the settings of other namespaces, such as a provider's subscription: a digest of each, by `<namespace>:<key>`,
 * for they may be secrets that nobody has encrypted. Encrypted ones are left out: the program gets them in the clear, and nothing
 * that is made of a secret belongs into outputs. They say who asks a cloud, and seldom what is there.
 *
 * @param encrypted names of settings that are to be left out
 */
export function otherSettings(
  project: string,
  config: Readonly<Record<string, string>>,
  encrypted: readonly string[] = [],
): Record<string, string> {
  return digestsOf(
    Object.entries(config).filter(([key]) => !key.startsWith(`${project}:`) && !encrypted.includes(key)),
  );
}

/** What stands for texts, by their names. */
export function digestsOf(texts: Iterable<readonly [name: string, text: string]>): Record<string, string> {
  return Object.fromEntries([...texts].map(([name, text]) => [name, digestOf(text)]));
}

/** What the output `resources` of a tenant holds: it stands for the URNs of all that there is of it. */
export function resourcesDigest(urns: readonly string[]): string {
  return digestOf([...urns].sort().join("\n"));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/**
 * The names of the settings that are encrypted, as Pulumi's language host tells a program; none where nobody tells.
 *
 * @param environment the program's own
 */
export function encryptedSettings(environment: NodeJS.ProcessEnv): string[] {
  return z.array(z.string()).parse(JSON.parse(environment.PULUMI_CONFIG_SECRET_KEYS || "[]"));
}
