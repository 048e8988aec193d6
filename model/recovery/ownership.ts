import { ownerAnnotation, stackLabel, tenantLabel } from "../deploy/namespace.ts";
import type { StateRecord } from "./checkpoint.ts";

/** What a Kubernetes object says of whose it is. */
export interface Marks {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * The marks by which an object of a record's name is another's: another stack's, another tenant's, or another owner's, whose data a
 * removal has kept. None where it is this stack's. Azure's resources bear no such marks.
 */
export function foreignMarks({ type, inputs = {} }: StateRecord, live: Marks): string[] {
  if (!type.startsWith("kubernetes:")) return [];
  const { labels, annotations } = (inputs.metadata ?? {}) as Marks;
  return [
    ...[tenantLabel, stackLabel].filter((name) => labels?.[name] !== live.labels?.[name]),
    ...[ownerAnnotation].filter((name) => annotations?.[name] !== live.annotations?.[name]),
  ];
}

/**
 * Of records that were taken over, those that the cloud has as somebody else's, and what depends on them: by URN, with the marks.
 *
 * @param resources the state, after the cloud was asked
 */
export function foreignAmong(
  records: readonly StateRecord[],
  resources: readonly StateRecord[],
): Map<string, readonly string[]> {
  const live = new Map(resources.map(({ urn, outputs }) => [urn, (outputs?.metadata ?? {}) as Marks]));
  const foreign = new Map<string, readonly string[]>();
  // Each stands after what it depends on.
  for (const record of records) {
    const found = live.get(record.urn);
    const marks = found === undefined ? [] : foreignMarks(record, found);
    const within = (record.dependencies ?? []).flatMap((urn) => foreign.get(urn) ?? []);
    const all = [...new Set([...marks, ...within])];
    if (all.length > 0) foreign.set(record.urn, all);
  }
  return foreign;
}
