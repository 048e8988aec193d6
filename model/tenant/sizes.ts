import { z } from "zod";
import { amountOf, type Resources } from "../text/quantities.ts";

// A quantity that cannot be read aborts: what is calculated with it would make no sense.
const resources = z.strictObject({
  cpu: z
    .string()
    .regex(/^[1-9]\d*m?$/, { error: 'write cores or thousandths of one, such as "2" or "500m"', abort: true })
    .describe('CPU, such as "500m" or "2"'),
  memory: z
    .string()
    .regex(/^[1-9]\d*(Mi|Gi)$/, { error: 'write Mi or Gi, such as "512Mi" or "4Gi"', abort: true })
    .describe('memory, such as "4Gi"'),
});

/** What is asked for, and what can be had: never less than is asked for. */
const shape = { requests: resources.describe("cpu, memory"), limits: resources.describe("cpu, memory") };
const room = { error: "below the requests", path: ["limits"] };

/** Pods for which a size gives one persistent volume where it names no number: a node takes far fewer disks than pods. */
const podsPerClaim = 8;

/** What a size gives a tenant. */
export const sizeSchema = z.strictObject({
  controlPlane: z
    .strictObject(shape)
    .refine(limitsHold, room)
    .describe("one control plane: requests, limits. A limit on CPU is needed where a quota limits CPU"),
  diskGi: z
    .int()
    .min(1)
    .max(1024)
    .describe("disk of the store in Gi, for tenants that begin with this size: it cannot change later"),
  workloads: z
    .strictObject({
      ...shape,
      storageGi: z.int().min(0).describe("persistent volumes together, in Gi"),
      pods: z.int().min(1).max(10_000).describe("number of pods"),
      claims: z
        .int()
        .min(0)
        .max(10_000)
        .optional()
        .describe(
          `number of persistent volumes: each takes one of a node's disks. One for ${podsPerClaim} pods by default`,
        ),
    })
    .refine(limitsHold, room)
    .describe("what the tenant's own pods may ask for together: requests, limits, storageGi, pods, claims"),
});

function limitsHold({ requests, limits }: { requests: Resources; limits: Resources }): boolean {
  const [asked, had] = [amountOf(requests), amountOf(limits)];
  return asked.milliCpu <= had.milliCpu && asked.memoryMi <= had.memoryMi;
}

/** What a size gives a tenant. */
export type Size = z.output<typeof sizeSchema>;

/** Persistent volumes that a tenant's own pods may claim together. */
export function claimsOf({ workloads: { claims, pods } }: Pick<Size, "workloads">): number {
  return claims ?? Math.ceil(pods / podsPerClaim);
}

/** Sizes by the names that tenant files write. */
export type Sizes = Readonly<Record<string, Size>>;

/**
 * The program's own sizes; a stack may add others, or give these names another meaning (setting `sizes`). One `small` tenant fits the article's two Standard_DS2_v2 nodes (4 vCPU, 14 GiB
 * together, of which the system's pods take about one vCPU).
 * The control plane asks for what the chart asks for by default (200m, 256Mi) or more.
 */
export const sizes = {
  small: {
    controlPlane: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
    diskGi: 5,
    workloads: {
      requests: { cpu: "1500m", memory: "3Gi" },
      limits: { cpu: "4", memory: "6Gi" },
      storageGi: 20,
      pods: 20,
    },
  },
  medium: {
    controlPlane: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "4Gi" } },
    diskGi: 10,
    workloads: {
      requests: { cpu: "3500m", memory: "7Gi" },
      limits: { cpu: "8", memory: "14Gi" },
      storageGi: 100,
      pods: 50,
    },
  },
  large: {
    controlPlane: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "4", memory: "8Gi" } },
    diskGi: 20,
    workloads: {
      requests: { cpu: "7", memory: "14Gi" },
      limits: { cpu: "16", memory: "28Gi" },
      storageGi: 250,
      pods: 100,
    },
  },
} as const satisfies Sizes;

/** The names of the program's own sizes, smallest first. */
export const builtInSizes = Object.keys(sizes) as [string, ...string[]];
