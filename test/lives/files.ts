/** A tenant file of a life, as far as lives differ. */
export interface TenantFile {
  readonly owner: string;
  readonly size: string;
  readonly kubernetes: string;
  readonly namespace: string;
  readonly store: "sqlite" | "etcd";
  readonly lifecycle: "active" | "suspended" | "offboarding";
  readonly dataOnRemoval: "keep" | "delete";
}

/** What people have written for a stack. */
export interface Repository {
  /** Tenant files by name. */
  readonly files: Readonly<Record<string, TenantFile>>;
  readonly handover: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
  readonly forgetRetained: readonly string[];
}

/** A file's text: JSON is YAML, and quickly written. Its parts are told by their lines. */
const text = (value: unknown) => JSON.stringify(value, undefined, 1);

/** The repository's files with their texts. */
export function texts({ files, handover, forgetRetained }: Repository): Record<string, string> {
  const settings = {
    "virtual-clusters:existingCluster": { name: "host" },
    "virtual-clusters:tenantDefaults": { expose: "none" },
    "virtual-clusters:handover": handover,
    "virtual-clusters:forgetRetained": forgetRetained,
  };
  const access = { admins: [{ user: "jane" }] };
  return {
    "Pulumi.test.yaml": text({ config: settings }),
    ...Object.fromEntries(
      Object.entries(files).map(([name, file]) => [
        `tenants/test/${name}.yaml`,
        text({ purpose: "a life", ...file, hostRole: "writer", access }),
      ]),
    ),
  };
}
