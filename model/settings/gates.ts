import { z } from "zod";

/** The days of the week, as settings name them; in the order of `Date.getUTCDay`. */
export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/**
 * What a change may do at most before it needs a waiver (setting `gates`; docs/gates.md). A pull request is judged by the
 * limits of its base.
 *
 * @example { tenants: 5, monthlyCost: 4000, restartDays: [Saturday, Sunday] }
 */
export const gatesSchema = z.strictObject({
  tenants: z
    .int()
    .min(0)
    .default(10)
    .describe("how many tenants that are there already a change may touch without a waiver"),
  monthlyCost: z
    .number()
    .min(0)
    .default(0)
    .describe("the sum a month that the bill may rise to without a waiver, by the setting prices; 0 for no limit"),
  restartDays: z
    .array(z.enum(weekdays))
    .refine((days) => new Set(days).size === days.length, "a day stands twice")
    .default([])
    .describe("the days (UTC) on which control planes may restart without a waiver; empty for all"),
});

/** The limits with every default filled in. */
export type GateLimits = z.output<typeof gatesSchema>;
