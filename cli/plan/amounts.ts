import { differInCents, money, moneyChange } from "../../model/plan/cost.ts";
import type { RoomChange, StackPlan, Sum, TenantPlan } from "../../model/plan/plan.ts";
import { list, ours, type Words } from "../../model/plan/words.ts";

/*
 * Costs and room, in the same words for every format.
 */

/** "at least US$8.50". */
export function sumText({ amount, atLeast }: Sum, currency: string, options?: { readonly cents: boolean }): string {
  return `${atLeast ? "at least " : ""}${money(amount, currency, options)}`;
}

/** What a tenant costs, in a sentence. */
export function costWords({ own, share }: NonNullable<TenantPlan["cost"]>, currency: string): Words {
  const ofNodes =
    share === undefined
      ? "its part of the nodes is unknown"
      : `${money(share, currency)} of the nodes, by its requests`;
  return ours(`${sumText(own, currency)} a month of its own (disks, address), and ${ofNodes}`);
}

/** The bill in a sentence. */
export function billWords({ currency, source, date, before, after, unknown }: NonNullable<StackPlan["cost"]>): Words {
  const cents = differInCents(before?.amount ?? 0, after?.amount ?? 0, currency);
  const sums = [before, after].map((sum) => (sum === undefined ? "nothing" : sumText(sum, currency, { cents })));
  const change = moneyChange(before?.amount ?? 0, after?.amount ?? 0, currency);
  const amount =
    change === undefined ? `${sums[1]} a month, as before` : `${sums[0]} -> ${sums[1]} a month (${change})`;
  const lacking = unknown.length === 0 ? [] : [". Without a price: ", ...list(unknown, 6)];
  return [
    ...ours(`an estimate, without what workloads store or send: ${amount}; prices of `),
    { value: date },
    " from ",
    { value: source },
    ...lacking,
  ];
}

/** Room of one kind, before and after: "CPU 20060m -> 19840m". Only what differs, and what is lacking. */
export function roomLines(room: readonly RoomChange[]): Words[] {
  const groups = Map.groupBy(
    room.filter(({ before, after }) => before !== after || (after ?? 0) < 0),
    ({ whose }) => whose,
  );
  return [...groups].map(([whose, some]) => {
    const parts = some.map(({ what, unit, before, after }) => {
      const [from, to] = [before, after].map((left) => (left === undefined ? "none" : amount(left, unit)));
      return from === to || before === undefined ? `${what} ${to}` : `${what} ${from} -> ${to}`;
    });
    return ours(`${whose}: ${parts.join(", ")}`);
  });
}

/** An amount as people compare it: cores and Gi. */
export function amount(left: number, unit: string): string {
  const size = Math.abs(left);
  const text =
    unit === "m"
      ? `${size / 1000}`
      : unit === "Mi"
        ? `${(size / 1024).toFixed(1).replace(/\.0$/, "")}Gi`
        : `${size}${unit}`;
  return left < 0 ? `${text} too many` : text;
}
