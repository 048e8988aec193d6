import type { Left } from "../rules/capacity.ts";

/** What a part of a bar stands for. */
export type SegmentKind =
  /** Kept by the system for itself. */
  | "reserved"
  /** Taken, and no tenant's. */
  | "shared"
  | "tenant"
  | "left";

/** A part of a bar, from where to where, in the bar's unit. */
export interface Segment {
  readonly kind: SegmentKind;
  /** The tenant that takes it. */
  readonly tenant?: string;
  readonly from: number;
  readonly to: number;
}

/** How much there is of one thing, who takes it, and what is left. */
export interface Bar {
  readonly what: string;
  readonly unit: string;
  /** What there is in all, with what the system keeps. */
  readonly capacity: number;
  /** The bar's end: the capacity, or more where more is asked for. */
  readonly end: number;
  /** Below zero where it is lacking. */
  readonly left: number;
  /** True where lacking room is a warning and no error. */
  readonly soft: boolean;
  readonly segments: readonly Segment[];
}

/** Bars of the same room. */
export interface BarGroup {
  /** As in {@link Left}: "for virtual clusters themselves". */
  readonly whose: string;
  readonly bars: readonly Bar[];
}

/** The room of a stack as bars, together where it is of the same kind. */
export function barGroups(room: readonly Left[]): BarGroup[] {
  return [...Map.groupBy(room, ({ whose }) => whose)].map(([whose, some]) => ({ whose, bars: some.map(bar) }));
}

function bar({ what, unit, reserved, available, shared, taken, left, soft }: Left): Bar {
  const parts: readonly Omit<Segment & { readonly size: number }, "from" | "to">[] = [
    { kind: "reserved", size: reserved },
    { kind: "shared", size: shared },
    ...[...taken].map(([tenant, size]) => ({ kind: "tenant" as const, tenant, size })),
    { kind: "left", size: Math.max(left, 0) },
  ];
  let end = 0;
  const segments = parts.flatMap(({ size, ...part }): Segment[] => {
    const from = end;
    end += size;
    return size > 0 ? [{ ...part, from, to: end }] : [];
  });
  return { what, unit, capacity: reserved + available, end, left, soft, segments };
}
