import { describe, expect, test } from "vitest";
import { kubeloginEnvironment, missingForKubelogin, stateEnvironment } from "../../../model/access/kubelogin.ts";

const names = (login: string, environment: Record<string, string>) =>
  missingForKubelogin(login, environment).map(({ name }) => name);
const github = { ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t", ACTIONS_ID_TOKEN_REQUEST_URL: "https://example.com" };
const arm = { ARM_CLIENT_ID: "client", ARM_TENANT_ID: "tenant" };

describe("what kubelogin is started with", () => {
  test("is the identity of Pulumi's providers, under the names that it reads", () => {
    const file = { ARM_OIDC_TOKEN_FILE_PATH: "/token" };
    expect(kubeloginEnvironment({ ...arm, ...file, ARM_CLIENT_SECRET: "s", ARM_ENVIRONMENT: "USGovernment" })).toEqual({
      AZURE_CLIENT_ID: "client",
      AZURE_TENANT_ID: "tenant",
      AZURE_CLIENT_SECRET: "s",
      AZURE_FEDERATED_TOKEN_FILE: "/token",
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/",
    });
    expect(kubeloginEnvironment({ ARM_ENVIRONMENT: "public" })).toEqual({});
  });

  test("never stands in for what is set already, nor for what is empty", () => {
    expect(kubeloginEnvironment({ ...arm, AZURE_CLIENT_ID: "other", AZURE_TENANT_ID: "" })).toEqual({});
    expect(kubeloginEnvironment({ ARM_CLIENT_ID: "" })).toEqual({});
  });
});

test("a client id that is handed on keeps nobody from the Azure CLI's sign-in, unless something proves it", () => {
  const byCli = { AZURE_TOKEN_CREDENTIALS: "AzureCLICredential" };
  expect([arm, { ...arm, ARM_USE_OIDC: "true" }].map(stateEnvironment)).toEqual([byCli, byCli]);
  const left = [
    {},
    { ...arm, ARM_CLIENT_SECRET: "s" },
    { ...arm, ARM_OIDC_TOKEN_FILE_PATH: "/token" },
    { ...arm, ARM_USE_MSI: "true" },
    { ...arm, AZURE_CLIENT_ID: "own" },
    { ...arm, AZURE_TOKEN_CREDENTIALS: "prod" },
  ];
  expect(left.map(stateEnvironment)).toEqual(left.map(() => ({})));
});

describe("what kubelogin lacks", () => {
  test("for workload identity is a token's file, unless GitHub gives it tokens", () => {
    expect(names("workloadidentity", {})).toEqual(["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"]);
    expect(names("workloadidentity", arm)).toEqual(["AZURE_FEDERATED_TOKEN_FILE"]);
    expect(names("workloadidentity", { ...arm, ...github })).toEqual([]);
  });

  test("for a service principal is a secret or a certificate, and nothing for who is signed in with the Azure CLI", () => {
    expect(missingForKubelogin("spn", arm)).toEqual([{ name: "AZURE_CLIENT_SECRET", source: "ARM_CLIENT_SECRET" }]);
    expect(names("spn", { ...arm, ARM_CLIENT_CERTIFICATE_PATH: "/c.pem" })).toEqual([]);
    expect(names("azurecli", {})).toEqual([]);
  });
});
