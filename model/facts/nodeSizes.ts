/** What one node of an Azure VM size brings. */
export interface NodeSize {
  readonly vCpus: number;
  readonly memoryGiB: number;
  /** Data disks that can be attached: each persistent volume takes one. */
  readonly dataDisks: number;
}

/** Pods that one node runs at most. Source: AKS, limit with Azure CNI. */
export const maxPodsPerNode = 250;

/** Memory per vCPU in GiB, by the letter of the general series. Source: Azure VM sizes, D, E and F families. */
const series: Readonly<Record<string, { readonly memoryPerVCpu: number; readonly names: readonly string[] }>> = {
  D: {
    memoryPerVCpu: 4,
    names: ["s_v3", "s_v4", "s_v5", "s_v6", "as_v4", "as_v5", "as_v6", "ds_v4", "ds_v5", "ds_v6", "ads_v5", "ads_v6"],
  },
  E: {
    memoryPerVCpu: 8,
    names: ["s_v3", "s_v4", "s_v5", "s_v6", "as_v4", "as_v5", "as_v6", "ds_v4", "ds_v5", "ds_v6", "ads_v5", "ads_v6"],
  },
  F: { memoryPerVCpu: 2, names: ["s_v2"] },
};

/** Data disks by vCPUs in the D, E and F series; larger sizes stay at 32. Source: Azure VM sizes, "Max data disks". */
const dataDisks: Readonly<Record<number, number>> = { 2: 4, 4: 8, 8: 16, 16: 32, 32: 32, 48: 32, 64: 32 };

/**
 * The node sizes that a stack may choose: those of at least 2 vCPUs and 4 GiB, AKS's minimum for a system pool.
 * Source: Azure VM sizes.
 */
export const nodeSizes: ReadonlyMap<string, NodeSize> = new Map<string, NodeSize>([
  ["Standard_DS2_v2", { vCpus: 2, memoryGiB: 7, dataDisks: 8 }],
  ["Standard_DS3_v2", { vCpus: 4, memoryGiB: 14, dataDisks: 16 }],
  ["Standard_DS4_v2", { vCpus: 8, memoryGiB: 28, dataDisks: 32 }],
  ["Standard_DS5_v2", { vCpus: 16, memoryGiB: 56, dataDisks: 64 }],
  ...Object.entries(series).flatMap(([letter, { memoryPerVCpu, names }]) =>
    Object.entries(dataDisks).flatMap(([vCpus, disks]) =>
      names.map((name): [string, NodeSize] => [
        `Standard_${letter}${vCpus}${name}`,
        { vCpus: Number(vCpus), memoryGiB: Number(vCpus) * memoryPerVCpu, dataDisks: disks },
      ]),
    ),
  ),
  // The largest of the older ones have less than their series says.
  ["Standard_E64s_v3", { vCpus: 64, memoryGiB: 432, dataDisks: 32 }],
  ["Standard_E64s_v4", { vCpus: 64, memoryGiB: 504, dataDisks: 32 }],
  ["Standard_E64ds_v4", { vCpus: 64, memoryGiB: 504, dataDisks: 32 }],
]);

/** Nodes that AKS makes beside those of a pool while it upgrades them; Azure's own default. Source: AKS, "Customize node surge upgrade". */
export const maxSurge = "10%";

/** How many that are for a pool of so many nodes: AKS rounds up. */
export function surgeNodes(count: number): number {
  return Math.ceil((count * Number.parseInt(maxSurge, 10)) / 100);
}
