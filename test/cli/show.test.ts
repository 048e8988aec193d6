import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { azureSettings, reachableSettings, TestProject, tenantFile } from "../support/project.ts";

/** What the command prints of tenant `ml`, by heading. */
async function show(project: TestProject, name = "ml") {
  const {
    code: status,
    stdout,
    stderr,
  } = await runCommand("cli/tenants.ts", ["show", name, "--stack", "test", "--cwd", project.root]);
  const parts = stdout.split("\n\n").map((part) => part.trimEnd().split("\n"));
  return { status, stderr, first: parts[0], parts: new Map(parts.map(([heading = "", ...lines]) => [heading, lines])) };
}

const signIn = "  virtual-clusters:signIn: { issuer: https://id.contoso.com, clientId: app }\n";
const project = (settings: string, ...lines: string[]) =>
  new TestProject({ "Pulumi.test.yaml": settings, "tenants/test/ml.yaml": tenantFile(...lines) });

describe("npm run tenants -- show", () => {
  test("says every field of a tenant, and where what is not in its file comes from", async () => {
    const { status, stderr, first, parts } = await show(
      project(azureSettings, 'kubernetes: "1.36"', "expires: 2037-03-31"),
    );
    expect([status, stderr, first]).toEqual([0, "", ["tenant ml of stack test: tenants/test/ml.yaml"]]);
    expect(parts.get("As its file says")).toEqual([
      "  owner            team@contoso.com            line 1",
      "  purpose          a test                      line 2",
      "  size             small                       the stack's default (setting tenantDefaults)",
      "  kubernetes       1.36                        line 3",
      "  namespace        ml                          the tenant's name",
      "  store            sqlite                      default",
      "  channel          default (chart 0.36.1)      default",
      "  hostRole         none                        default",
      "  expose           none                        the stack's default (setting tenantDefaults)",
      "  allowedCidrs     none                        default",
      "  bootstrap        none                        default",
      "  lifecycle        active                      default",
      "  expires          2037-03-31                  line 4",
      "  dataOnRemoval    delete                      default",
    ]);
    expect(parts.get("People")).toEqual(["  nobody is listed in 'access'"]);
    expect(parts.get("Quota of namespace 'ml'")?.[0]).toBe("  requests.cpu                 1720m");
    expect(parts.get("Deployed")).toEqual([
      "  on the sandbox: not deployed; npm run sandbox -- up --stack test",
      "  for real: npx pulumi stack output tenants --stack test",
    ]);
    expect([...parts.keys()].at(-1)).toMatch(
      /^warning: tenants\/test\/ml\.yaml:3:13: Kubernetes 1\.36 on a host of 1\.35/,
    );
  });

  test("says what people can really do, and how each of them connects", async () => {
    const access = "access: { admins: [{ user: ada@contoso.com }], viewers: [{ group: ml }, { user: 'a\u202eb' }] }";
    const { parts } = await show(project(reachableSettings + signIn, "namespace: dev", "hostRole: writer", access));
    expect(parts.get("People")).toEqual([
      "  admins: inside cluster-admin by hostRole writer; on the host Azure Kubernetes Service RBAC Writer, in namespace dev",
      "    user ada@contoso.com",
      "  viewers: inside view; on the host nothing",
      "    group ml",
      "    user a\\u202eb",
    ]);
    expect(parts.get("How to connect")).toEqual([
      "  platform administrators, admins: vcluster connect ml --namespace dev",
      "  viewers: npm run --silent tenants -- kubeconfig ml --stack test > ml.kubeconfig",
      "  it has an internal address, reached from our hub",
    ]);
  });

  test("says who cannot get in, and that a stopped tenant lets nobody in", async () => {
    const access = "access: { viewers: [{ user: ada@contoso.com }] }";
    expect((await show(project(azureSettings, access))).parts.get("How to connect")).toEqual([
      "  platform administrators: vcluster connect ml --namespace ml",
      "  viewers: cannot by themselves ('tenants check' says why)",
      "  it has no address of its own: these commands reach it by port-forward, through the host",
    ]);
    expect((await show(project(azureSettings, access, "lifecycle: suspended"))).parts.get("How to connect")).toEqual([
      "  nobody: it is suspended, and its control plane is stopped",
    ]);
  });

  test("says what the sandbox has deployed, whatever the file says by now", async () => {
    const deployed = project(azureSettings);
    await deployed.up();
    deployed.write("tenants/test/ml.yaml", tenantFile('kubernetes: "1.36"', "lifecycle: suspended"));
    expect((await show(deployed)).parts.get("Deployed")?.[0]).toBe(
      "  on the sandbox: release ml in namespace ml, chart 0.36.1, Kubernetes v1.35.0, running, protected",
    );
    deployed.write(".sandbox/test/state.json", "{");
    expect((await show(deployed)).stderr).toBe(
      `error: ${join(deployed.root, ".sandbox/test/state.json")} is not a state of the sandbox\n`,
    );
  });

  test("of a tenant that there is not says which there are", async () => {
    const { status, stderr } = await show(project(azureSettings), "mk");
    expect([status, stderr]).toEqual([1, "error: no tenant 'mk' in stack 'test', did you mean 'ml'? there are ml\n"]);
  });
});
