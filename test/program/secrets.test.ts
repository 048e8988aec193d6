import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { kubeloginKubeconfig } from "../../model/access/kubeconfig.ts";
import { runCommand } from "../support/command.ts";
import { fakeTools, hostReplies } from "../support/fakeTools.ts";
import { TestProject } from "../support/project.ts";
import { credentialsIn } from "../support/secretScan.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const claims = base64(JSON.stringify({ sub: "admin" })).replaceAll("=", "");
const planted = {
  token: `${base64(JSON.stringify({ alg: "none" })).replaceAll("=", "")}.${claims}.c2lnbmF0dXJl`,
  "private key": "-----BEGIN RSA PRIVATE KEY-----\nbm9uZQ==\n-----END RSA PRIVATE KEY-----",
  certificate: "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----",
};

/** An administrator's kubeconfig, as a cluster with local accounts hands it out. */
const kubeconfigOfAdmin = stringify({
  clusters: [{ name: "aks", cluster: { server: "https://aks.example.com", "certificate-authority-data": "Y2E=" } }],
  users: [
    {
      name: "admin",
      user: {
        token: planted.token,
        "client-key-data": base64(planted["private key"]),
        "client-certificate-data": base64(planted.certificate),
      },
    },
  ],
});

const authority = planted.certificate;
describe("no credential", () => {
  test.each(Object.entries(planted))(
    "escapes the search: a %s is found plain, in base64 and in that again",
    (kind, text) => {
      for (const hidden of [text, base64(text), base64(`wrapped: ${base64(text)}`), JSON.stringify({ deep: [text] })]) {
        expect(credentialsIn(`before ${hidden} after`)).toEqual([kind]);
      }
    },
  );

  test("is left of the kubeconfig that Azure hands out", () => {
    expect(credentialsIn(base64(kubeconfigOfAdmin))).toEqual(["certificate", "key data", "private key", "token"]);
    expect(credentialsIn(kubeloginKubeconfig(base64(kubeconfigOfAdmin), "azurecli"))).toEqual([]);
  });

  test("is in what a full run of stack 'sandbox' prints, gives out and writes: log, outputs, checkpoint, cloud, kubeconfig", async () => {
    const project = TestProject.ofFixture("sandbox");
    const host = fakeTools(project.root, { kubectl: hostReplies("web", "web", "203.0.113.7", authority) });
    const cli = async (program: string, ...args: string[]) => {
      const env = { ...process.env, PATH: `${host}:${process.env.PATH}` };
      const { code, stdout, stderr } = await runCommand(program, args, { cwd: project.root, env });
      expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
      return `${stdout}${stderr}`;
    };
    const log = await cli("sandbox/main.ts", "start");
    const kubeconfig = await cli("cli/tenants.ts", "kubeconfig", "web", "--stack", "sandbox");
    const { outputs, messages, steps } = await project.up();
    const files = globSync(".sandbox/**", { cwd: project.root }).filter((file) =>
      statSync(join(project.root, file)).isFile(),
    );
    expect(files.sort()).toEqual(
      ["cloud.json", "cloud.json.bak", "report.html", "state.json", "state.json.bak"].map(
        (file) => `.sandbox/sandbox/${file}`,
      ),
    );
    const texts: Record<string, string> = {
      log,
      // The authority's certificate is what everybody checks the server by: public, and all that is in there.
      kubeconfig: kubeconfig.replace(base64(authority), ""),
      results: JSON.stringify({ outputs, messages, steps }),
      ...Object.fromEntries(files.map((file) => [file, readFileSync(join(project.root, file), "utf8")])),
    };
    for (const [where, text] of Object.entries(texts)) {
      expect([where, text.length > 100, credentialsIn(text)]).toEqual([where, true, []]);
      // The same search finds what is planted in that very text.
      const half = Math.floor(text.length / 2);
      const found = credentialsIn(`${text.slice(0, half)} ${base64(kubeconfigOfAdmin)} ${text.slice(half)}`);
      expect([where, found]).toEqual([where, ["certificate", "key data", "private key", "token"]]);
    }
  });
});
