import type { Resources } from "./quantities.ts";

/** What a size gives a tenant. */
export interface Size {
  /** Requests and limits of one control plane. A limit on CPU is needed where a quota limits CPU. */
  readonly controlPlane: { readonly requests: Resources; readonly limits: Resources };
  /** Disk of the store, in Gi, for tenants that begin with this size: it cannot change later. */
  readonly diskGi: number;
  /** What the tenant's own pods may ask for together. The control plane's share comes on top. */
  readonly workloads: {
    readonly requests: Resources;
    readonly limits: Resources;
    /** Persistent volumes together, in Gi. */
    readonly storageGi: number;
    readonly pods: number;
  };
}

/**
 * The sizes that a tenant file names. One `small` tenant fits the article's two Standard_DS2_v2 nodes (4 vCPU, 14 GiB
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
} as const satisfies Record<string, Size>;

/** The name of a size, as a tenant file writes it. */
export type SizeName = keyof typeof sizes;

/** The names of all sizes, smallest first. */
export const sizeNames = Object.keys(sizes) as [SizeName, ...SizeName[]];
