/** Environment variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What kubelogin reads, by the variable of Pulumi's Azure providers that says the same.
 * Source: kubelogin 0.2.19, `pkg/internal/env` (it reads ARM_* only with `--use-azurerm-env-vars`, and of those no
 * federated token); azure-native, "Configuration".
 */
const sameMeaning: Readonly<Record<string, string>> = {
  AZURE_CLIENT_ID: "ARM_CLIENT_ID",
  AZURE_TENANT_ID: "ARM_TENANT_ID",
  AZURE_CLIENT_SECRET: "ARM_CLIENT_SECRET",
  AZURE_CLIENT_CERTIFICATE_PATH: "ARM_CLIENT_CERTIFICATE_PATH",
  AZURE_CLIENT_CERTIFICATE_PASSWORD: "ARM_CLIENT_CERTIFICATE_PASSWORD",
  AZURE_FEDERATED_TOKEN_FILE: "ARM_OIDC_TOKEN_FILE_PATH",
};

/**
 * Where tokens come from in the clouds that ARM_ENVIRONMENT names; kubelogin wants the slash at the end.
 * Source: azure-native, "Configuration"; Azure SDK, `cloud` configurations.
 */
const authorityHosts: Readonly<Record<string, string>> = {
  usgovernment: "https://login.microsoftonline.us/",
  china: "https://login.chinacloudapi.cn/",
};

/**
 * What kubelogin needs beside what is set already: one identity for Pulumi's providers and for the cluster. A variable
 * that is set, empty or not, is left alone.
 *
 * @example kubeloginEnvironment({ ARM_CLIENT_ID: "a" }) // { AZURE_CLIENT_ID: "a" }
 */
export function kubeloginEnvironment(environment: Environment): Record<string, string> {
  const found = Object.entries(sameMeaning).map(([name, source]) => [name, environment[source]] as const);
  const host = authorityHosts[environment.ARM_ENVIRONMENT?.toLowerCase() ?? ""];
  return Object.fromEntries(
    [...found, ["AZURE_AUTHORITY_HOST", host] as const].filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && entry[1] !== "" && environment[entry[0]] === undefined,
    ),
  );
}

/**
 * How the CLI itself signs in, for a state in Blob Storage or a key in Key Vault, where a client id is handed on to kubelogin
 * and nothing that proves it: Azure's SDK would take the id for a managed identity's, ask the machine for one, and on a
 * virtual machine of Azure end there instead of going on to the sign-in of the Azure CLI.
 * Source: Azure SDK for Go, azidentity, DefaultAzureCredential and AZURE_TOKEN_CREDENTIALS.
 */
export function stateEnvironment(environment: Environment): Record<string, string> {
  const added = kubeloginEnvironment(environment);
  const all: Environment = { ...environment, ...added };
  const proofs = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];
  const isProven = proofs.some((name) => isSet(all[name])) || environment.ARM_USE_MSI?.toLowerCase() === "true";
  const chosen = environment.AZURE_TOKEN_CREDENTIALS !== undefined;
  return added.AZURE_CLIENT_ID === undefined || isProven || chosen
    ? {}
    : { AZURE_TOKEN_CREDENTIALS: "AzureCLICredential" };
}

/** A variable that a way to sign in needs, and what else would do. */
export interface MissingVariable {
  readonly name: string;
  /** The variable that `npm run up` takes its value from. */
  readonly source: string;
}

/**
 * The variables without which kubelogin cannot sign in by a method, as `npm run up` would start it.
 *
 * With "workloadidentity" on GitHub (ACTIONS_ID_TOKEN_REQUEST_TOKEN and _URL are set, for a job with `id-token: write`)
 * kubelogin asks GitHub for a fresh token whenever it needs one, and no file is read.
 * Source: kubelogin, `pkg/internal/token/provider.go` and the credentials beside it.
 *
 * @param login kubelogin's `--login`
 */
export function missingForKubelogin(login: string, environment: Environment): MissingVariable[] {
  const all: Environment = { ...environment, ...kubeloginEnvironment(environment) };
  const onGitHub = isSet(all.ACTIONS_ID_TOKEN_REQUEST_TOKEN) && isSet(all.ACTIONS_ID_TOKEN_REQUEST_URL);
  const withCertificate = isSet(all.AZURE_CLIENT_CERTIFICATE_PATH);
  const needed: Readonly<Record<string, readonly string[]>> = {
    workloadidentity: ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", ...(onGitHub ? [] : ["AZURE_FEDERATED_TOKEN_FILE"])],
    spn: ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", ...(withCertificate ? [] : ["AZURE_CLIENT_SECRET"])],
  };
  return (needed[login] ?? [])
    .filter((name) => !isSet(all[name]))
    .map((name) => ({ name, source: sameMeaning[name] ?? "" }));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
