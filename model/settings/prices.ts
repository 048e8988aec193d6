import { z } from "zod";

const price = z.number().min(0);

/** Parts of a stack that have a price, beside its nodes and its tier. */
const parts = ["systemDiskGi", "diskGi", "loadBalancerRule"] as const;

/**
 * What the parts of a stack cost a month, as the platform team has read it somewhere (setting `prices`). The program knows
 * no price of its own: what is not named here is unknown, and never counted as nothing.
 *
 * @example { currency: EUR, source: the invoice of October, date: 2026-11-01, nodes: { Standard_D8s_v5: 250 } }
 */
export const pricesSchema = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "write the three letters of a currency, such as EUR")
    .describe("the currency, such as EUR"),
  source: z.string().trim().min(3).max(200).describe("where the prices were read"),
  date: z.iso.date("write a date as 2027-03-31").describe("the day on which they were read, such as 2027-03-31"),
  nodes: z.record(z.string(), price).default({}).describe("a node a month, by its VM size"),
  tiers: z
    .partialRecord(z.enum(["Free", "Standard"]), price)
    .default({})
    .describe("the cluster's tier a month, by its name"),
  parts: z
    .partialRecord(z.enum(parts), price)
    .default({})
    .describe(
      "a month: systemDiskGi (a Gi of a node's system disk), diskGi (a Gi of a virtual cluster's own disk), loadBalancerRule (an exposed virtual cluster's rule)",
    ),
});

/** Prices with every default filled in. */
export type Prices = z.output<typeof pricesSchema>;
