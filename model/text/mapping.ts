/** What YAML calls a mapping, and JSON an object. */
export type Mapping = Readonly<Record<string, unknown>>;

/** True for a mapping: neither a list nor null. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
