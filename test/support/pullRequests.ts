import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository, TestProject } from "./project.ts";

/** A pull request over the fixture stacks: what it makes of their files. */
export interface PullRequest {
  readonly stack: string;
  /** What the base has that the fixtures have not. */
  readonly base?: (files: Files) => void;
  readonly change: (files: Files) => void;
  /** Where the program itself changes: what its base has that this repository has not. */
  readonly program?: (files: Files) => void;
}

/** The files of a project, as an editor works with them. */
export class Files {
  readonly #project: TestProject;

  constructor(project: TestProject) {
    this.#project = project;
  }

  write(path: string, ...lines: string[]): void {
    this.#project.write(path, `${lines.join("\n")}\n`);
  }

  remove(path: string): void {
    this.#project.remove(path);
  }

  /** Replaces a text that must stand there once. */
  edit(path: string, before: string, after: string): void {
    const text = readFileSync(join(this.#project.root, path), "utf8");
    if (text.split(before).length !== 2) throw new Error(`${path} does not hold this once: ${before}`);
    this.#project.write(
      path,
      text.replace(before, () => after),
    );
  }

  append(path: string, ...lines: string[]): void {
    this.#project.append(path, `${lines.join("\n")}\n`);
  }
}

/** The two trees of a pull request. */
export function treesOf({ stack, base = () => undefined, change, program }: PullRequest): {
  base: TestProject;
  head: TestProject;
} {
  const [before, after] = [TestProject.ofFixture(stack), TestProject.ofFixture(stack)];
  for (const project of [before, after]) {
    if (program !== undefined) copyProgram(project);
    base(new Files(project));
  }
  program?.(new Files(before));
  change(new Files(after));
  return { base: before, head: after };
}

/** Puts the program itself into a project, where otherwise a link leads to it. */
function copyProgram(project: TestProject): void {
  project.remove("index.ts");
  for (const name of ["index.ts", "components", "model"]) {
    cpSync(join(repository, name), join(project.root, name), { recursive: true });
  }
}

const [tenants, settings] = ["tenants/sandbox", "Pulumi.sandbox.yaml"];
const sandbox = (change: PullRequest["change"], base?: PullRequest["base"]): PullRequest => ({
  stack: "sandbox",
  change,
  ...(base && { base }),
});
const payments = [
  "# yaml-language-server: $schema=../schema.json",
  "owner: team-payments@contoso.com",
  "purpose: card payments",
  "access:",
  "  admins: [{ user: alice@contoso.com }]",
  "  developers: [{ user: bob@contoso.com }, { user: carol@contoso.com }]",
  "expose: public",
  "allowedCidrs: [203.0.113.0/24]",
];
const invented = [
  "  virtual-clusters:prices:",
  "    currency: USD",
  "    source: an invented list",
  "    date: 2026-11-01",
  "    nodes: { Standard_D8s_v5: 300 }",
  "    tiers: { Standard: 70 }",
  "    parts: { systemDiskGi: 0.1, diskGi: 0.1, loadBalancerRule: 8 }",
];

/** Pull requests as they come, by what they are about. */
export const pullRequests: Readonly<Record<string, PullRequest>> = {
  "nothing-changed": sandbox(() => undefined),
  "new-tenant": sandbox((files) => files.write(`${tenants}/payments.yaml`, ...payments)),
  "new-tenant-with-prices": sandbox(
    (files) => files.write(`${tenants}/payments.yaml`, ...payments),
    (files) => files.append(settings, ...invented),
  ),
  "two-new-tenants": sandbox((files) => {
    files.write(`${tenants}/payments.yaml`, ...payments, "hostRole: writer");
    files.write(
      `${tenants}/search.yaml`,
      "owner: team-search@contoso.com",
      "purpose: the shop's search",
      "size: large",
      "store: etcd",
      "expose: public",
      "allowedCidrs: [198.51.100.0/24]",
      "expires: 2099-03-31",
    );
  }),
  resize: sandbox((files) => files.append(`${tenants}/data.yaml`, "size: medium")),
  "resize-with-prices": sandbox(
    (files) => files.append(`${tenants}/data.yaml`, "size: medium"),
    (files) => files.append(settings, ...invented),
  ),
  "resize-down": sandbox((files) => files.edit(`${tenants}/ml.yaml`, "size: large", "size: small")),
  version: sandbox((files) => files.edit(`${tenants}/ci.yaml`, '"1.34"', '"1.35"')),
  "version-skips-a-minor": sandbox((files) => files.edit(`${tenants}/ci.yaml`, '"1.34"', '"1.36"')),
  "namespace-change": sandbox((files) => files.append(`${tenants}/data.yaml`, "namespace: spark")),
  "access-added-and-removed": sandbox((files) =>
    files.edit(
      `${tenants}/ml.yaml`,
      "    - user: ada@contoso.com",
      "    - user: alice@contoso.com\n    - user: bob@contoso.com",
    ),
  ),
  "host-role-raised": sandbox((files) => files.edit(`${tenants}/ml.yaml`, "hostRole: writer", "hostRole: admin")),
  "host-role-of-developers": sandbox(
    (files) => files.append(`${tenants}/payments.yaml`, "hostRole: admin"),
    (files) => files.write(`${tenants}/payments.yaml`, ...payments),
  ),
  "exposure-opened": sandbox((files) =>
    files.append(`${tenants}/data.yaml`, "expose: public", "allowedCidrs: [198.51.100.0/24, 203.0.113.7/32]"),
  ),
  "range-added": sandbox((files) => files.append(`${tenants}/web.yaml`, "  - 198.51.100.0/24")),
  suspended: sandbox((files) => files.append(`${tenants}/web.yaml`, "lifecycle: suspended")),
  "active-again": sandbox(
    (files) => files.edit(`${tenants}/web.yaml`, "lifecycle: suspended", "lifecycle: active"),
    (files) => files.append(`${tenants}/web.yaml`, "lifecycle: suspended"),
  ),
  offboarding: sandbox((files) => files.append(`${tenants}/web.yaml`, "lifecycle: offboarding")),
  "removed-with-data-lost": sandbox((files) => files.remove(`${tenants}/legacy.yaml`)),
  "removed-with-data-kept": sandbox(
    (files) => files.remove(`${tenants}/legacy.yaml`),
    (files) => files.append(`${tenants}/legacy.yaml`, "dataOnRemoval: keep"),
  ),
  "removed-too-early": sandbox((files) => files.remove(`${tenants}/web.yaml`)),
  rename: sandbox((files) => {
    files.write(`${tenants}/spark.yaml`, "owner: team-data@contoso.com", "purpose: Spark on the weekend");
    files.remove(`${tenants}/data.yaml`);
  }),
  "chart-values-for-all": sandbox((files) =>
    files.append(
      settings,
      "  virtual-clusters:vcluster:",
      "    helmValues: { controlPlane: { statefulSet: { labels: { team: platform } } } }",
    ),
  ),
  "chart-channel-for-all": sandbox((files) =>
    files.append(
      settings,
      "  virtual-clusters:vcluster:",
      '    channels: { default: "0.36.2" }',
      `    charts: { "0.36.2": { digest: ${"ab".repeat(32)} } }`,
    ),
  ),
  "default-size-raised": sandbox((files) => files.edit(settings, "size: small", "size: medium")),
  "gates-loosened": sandbox((files) => {
    files.append(settings, "  virtual-clusters:gates: { tenants: 100, restartDays: [Saturday] }");
    files.write(
      "waivers/sandbox.yaml",
      "- rule: data-lost",
      '  target: "*"',
      "  who: platform@contoso.com",
      "  why: whoever reads this *must* see it",
      "  until: 2099-12-31",
    );
  }),
  "without-settings": {
    stack: "prod",
    change: (files) => files.write("tenants/prod/shop.yaml", "owner: team-shop@contoso.com", "purpose: the shop"),
  },
  "protect-off": sandbox((files) => files.append(settings, "  virtual-clusters:protect: false")),
  "protect-off-in-production": sandbox(
    (files) => files.append(settings, "  virtual-clusters:protect: false"),
    (files) => {
      files.edit(settings, "environment: development", "environment: production");
      files.edit(settings, "    tier: Standard\n", "    tier: Standard\n    authorizedIpRanges: [203.0.113.0/24]\n");
    },
  ),
  "another-administrator": sandbox((files) =>
    files.edit(
      settings,
      "      - user: admin@contoso.com\n",
      "      - user: admin@contoso.com\n      - { user: 11111111-2222-4333-8444-555555555556, name: alice@contoso.com }\n",
    ),
  ),
  "node-pool": sandbox((files) => files.edit(settings, "count: 3", "count: 5")),
  "cluster-replaced": sandbox((files) => files.edit(settings, "location: westeurope", "location: northeurope")),
  "host-opened": sandbox(
    (files) => files.edit(settings, "    authorizedIpRanges: [203.0.113.0/24]\n", ""),
    (files) =>
      files.edit(settings, "    tier: Standard\n", "    tier: Standard\n    authorizedIpRanges: [203.0.113.0/24]\n"),
  ),
  "broken-file": sandbox((files) => {
    files.append(`${tenants}/web.yaml`, "sise: large");
    files.append(`${tenants}/data.yaml`, "size: medium");
  }),
  "handed-over": sandbox((files) => {
    files.edit(`${tenants}/data.yaml`, "team-data@contoso.com", "team-bi@contoso.com");
    files.append(
      settings,
      "  virtual-clusters:handover: { data: { from: team-data@contoso.com, to: team-bi@contoso.com } }",
    );
  }),
  "program-alone": {
    stack: "sandbox",
    change: () => undefined,
    program: (files) => files.edit("model/deploy/tenantAddresses.ts", ', "168.63.129.16/32"', ""),
  },
  "base-broken": sandbox(
    (files) => files.edit(`${tenants}/data.yaml`, "size: enormous", "size: medium"),
    (files) => files.append(`${tenants}/data.yaml`, "size: enormous"),
  ),
  "new-stack": {
    stack: "edge",
    change: (files) => {
      files.write("Pulumi.edge.yaml", "config:", "  virtual-clusters:existingCluster: { name: edge }");
      files.write("tenants/edge/shop.yaml", "owner: team-shop@contoso.com", "purpose: tills", "expose: none");
    },
  },
  "stack-gone": {
    stack: "dev",
    change: (files) => {
      files.remove("Pulumi.dev.yaml");
      files.remove("tenants/dev/vcluster-1.yaml");
    },
  },
  "no-azure": {
    stack: "local",
    change: (files) => files.edit("tenants/local/demo.yaml", "hostRole: admin", "hostRole: writer"),
  },
};
