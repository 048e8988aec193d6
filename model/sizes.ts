/** What a size gives a tenant. Quantities are written as Kubernetes writes them ("500m" CPU, "4Gi" memory). */
export interface Size {
  /** Requests and limits of the control plane's one container. A limit on CPU is needed where a quota limits CPU. */
  readonly controlPlane: { readonly requests: Resources; readonly limits: Resources };
  /** Disk of the control plane's store, for tenants that begin with this size: it cannot change later. */
  readonly disk: string;
  /** Upper bound for everything in the tenant's namespace: the control plane, its DNS and the workloads together. */
  readonly quota: {
    readonly requests: Resources;
    readonly limits: Resources;
    readonly storage: string;
    readonly pods: number;
  };
}

interface Resources {
  readonly cpu: string;
  readonly memory: string;
}

/**
 * The sizes that a tenant file names. One `small` tenant fits the article's two Standard_DS2_v2 nodes (4 vCPU, 14 GiB
 * together, of which the system's pods take about one vCPU).
 * The control plane asks for what the chart asks for by default (200m, 256Mi) or more.
 */
export const sizes = {
  small: {
    controlPlane: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
    disk: "5Gi",
    quota: {
      requests: { cpu: "2", memory: "4Gi" },
      limits: { cpu: "6", memory: "10Gi" },
      storage: "30Gi",
      pods: 30,
    },
  },
  medium: {
    controlPlane: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "4Gi" } },
    disk: "10Gi",
    quota: {
      requests: { cpu: "4", memory: "8Gi" },
      limits: { cpu: "12", memory: "20Gi" },
      storage: "100Gi",
      pods: 60,
    },
  },
  large: {
    controlPlane: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "4", memory: "8Gi" } },
    disk: "20Gi",
    quota: {
      requests: { cpu: "8", memory: "16Gi" },
      limits: { cpu: "24", memory: "40Gi" },
      storage: "250Gi",
      pods: 120,
    },
  },
} as const satisfies Record<string, Size>;

/** The name of a size, as a tenant file writes it. */
export type SizeName = keyof typeof sizes;

/** The names of all sizes, smallest first. */
export const sizeNames = Object.keys(sizes) as [SizeName, ...SizeName[]];
