import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { kubeloginKubeconfig } from "../../model/kubeconfig.ts";
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
const kubeconfig = stringify({
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
    expect(credentialsIn(base64(kubeconfig))).toEqual(["certificate", "key data", "private key", "token"]);
    expect(credentialsIn(kubeloginKubeconfig(base64(kubeconfig), "azurecli"))).toEqual([]);
  });

  test("is in what a deployment of stack 'sandbox' says, gives out and writes: checkpoint, cloud, outputs, messages", async () => {
    const project = TestProject.ofRepository("sandbox");
    const { outputs, messages, steps } = await project.up();
    const files = globSync(".sandbox/**", { cwd: project.root }).filter((file) =>
      statSync(join(project.root, file)).isFile(),
    );
    expect(files.sort()).toEqual([".sandbox/sandbox/cloud.json", ".sandbox/sandbox/state.json"]);
    const texts = [
      ...files.map((file) => [file, readFileSync(join(project.root, file), "utf8")] as const),
      ["outputs, messages and steps", JSON.stringify({ outputs, messages, steps })] as const,
    ];
    expect(texts.map(([where, text]) => [where, credentialsIn(text)])).toEqual(texts.map(([where]) => [where, []]));
    // The same search finds what is planted in the very checkpoint.
    const [, state = ""] = texts.find(([where]) => where.endsWith("state.json")) ?? [];
    expect(credentialsIn(state.replace("kubelogin", base64(kubeconfig)))).toContain("private key");
  });
});
