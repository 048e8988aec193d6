import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCommand } from "../support/command.ts";
import { fakeTools, hostReplies, type Replies } from "../support/fakeTools.ts";
import { azureSettings, TestProject, tenantFile } from "../support/project.ts";

const directory = "00000000-0000-4000-8000-0000000e17a0";
const signIn = `  virtual-clusters:signIn: { issuer: "https://login.microsoftonline.com/${directory}/v2.0", clientId: app }\n`;

/** What the host answers, by the arguments of kubectl. */
const answers: Replies = {
  "--context host --namespace dev get service ml --output json": {
    fails: "E1123 a log line\nError from server (Forbidden): services is forbidden",
  },
  ...hostReplies("ml", "dev", "10.1.2.3", "the authority"),
};

/** Runs the command in a project with one tenant, `ml`, with a kubectl that knows the answers above. */
async function kubeconfig(args: readonly string[], fields: readonly string[] = [], settings = azureSettings + signIn) {
  const project = new TestProject({
    "Pulumi.test.yaml": settings,
    "tenants/test/ml.yaml": tenantFile("namespace: dev", ...fields),
  });
  const path = fakeTools(project.root, { kubectl: answers });
  const {
    code: status,
    stdout,
    stderr,
  } = await runCommand("cli/tenants.ts", ["kubeconfig", ...args, "--stack", "test", "--cwd", project.root], {
    env: { PATH: path },
  });
  return { status, stdout, stderr };
}

describe("npm run tenants -- kubeconfig", () => {
  test("prints where the virtual cluster is and how its people sign in, and no secret", async () => {
    const { status, stdout, stderr } = await kubeconfig(["ml"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(parse(stdout)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test-ml",
      clusters: [
        {
          name: "test-ml",
          cluster: {
            server: "https://10.1.2.3",
            "certificate-authority-data": Buffer.from("the authority").toString("base64"),
          },
        },
      ],
      contexts: [{ name: "test-ml", context: { cluster: "test-ml", user: "kubelogin" } }],
      users: [
        {
          name: "kubelogin",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              command: "kubelogin",
              args: ["get-token", "--login", "azurecli", "--server-id", "app", "--tenant-id", directory],
              interactiveMode: "IfAvailable",
              provideClusterInfo: false,
              installHint: "kubelogin is needed: https://azure.github.io/kubelogin/install.html",
            },
          },
        },
      ],
    });
  });

  test("asks the cluster of the kubeconfig that the settings name, from the project's folder", async () => {
    const cluster =
      "config:\n  virtual-clusters:existingCluster: { name: kind, kubeconfig: kube/config, context: a b }\n";
    const { stderr } = await kubeconfig(["ml"], [], cluster + signIn);
    expect(stderr).toMatch(
      /^error: kubectl --context 'a b' --kubeconfig \/.*\/kube\/config --namespace dev get service ml/,
    );
  });

  test("with a device code names the application and the directory to ask", async () => {
    const { stdout } = await kubeconfig(["ml", "--login", "devicecode"]);
    const { users } = parse(stdout) as { users: { user: { exec: { args: string[] } } }[] };
    expect(users[0]?.user.exec.args).toEqual(
      `get-token --login devicecode --server-id app --tenant-id ${directory} --client-id app`.split(" "),
    );
  });

  test("of a tenant that is not exposed goes by port-forward, and says so", async () => {
    const { status, stdout, stderr } = await kubeconfig(["ml"], ["expose: none"]);
    expect(status).toBe(0);
    expect(stdout).toContain("server: https://localhost:8443");
    expect(stderr).toBe(
      "note: 'ml' is not exposed. While you use it, run: kubectl port-forward --namespace dev service/ml 8443:443\n",
    );
  });

  test.each([
    [["mm"], [], undefined, "error: no tenant 'mm' in stack 'test', did you mean 'ml'? there are ml\n"],
    [
      ["ml"],
      ["sice: small"],
      undefined,
      "error: tenants/test/ml.yaml:4:1: unknown key 'sice', did you mean 'size'? allowed: owner, purpose, size, kubernetes, namespace, store, channel, access, hostRole, expose, allowedCidrs, bootstrap, lifecycle, expires, dataOnRemoval\n",
    ],
    [["ml"], ["lifecycle: suspended"], undefined, "error: tenant 'ml' is suspended: its control plane is stopped\n"],
    [
      ["ml"],
      [],
      azureSettings,
      "error: stack 'test' has no setting signIn, so nobody could sign in with it (docs/onboarding.md). Whoever may read Secrets of namespace 'dev': vcluster connect ml --namespace dev\n",
    ],
    [
      ["ml"],
      [],
      `${azureSettings}  virtual-clusters:signIn: { issuer: https://id.contoso.com, clientId: app }\n`,
      "error: signIn.issuer is 'https://id.contoso.com', which is not Entra ID (https://login.microsoftonline.com/<Entra ID tenant>/v2.0): use your issuer's own sign-in for kubectl\n",
    ],
    [
      ["ml", "--context", "host"],
      [],
      undefined,
      "error: kubectl --context host --namespace dev get service ml --output json\n  Error from server (Forbidden): services is forbidden\n",
    ],
  ])("%j with %j is refused with what to do", async (args, fields, settings, message) => {
    const { status, stdout, stderr } = await kubeconfig(args, fields, settings);
    expect([status, stdout, stderr]).toEqual([1, "", message]);
  });
});
