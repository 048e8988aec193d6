import { stringify } from "yaml";
import { authenticationConfig } from "../access/authentication.ts";
import { bindingsInside, type Members } from "../access/roles.ts";
import type { SignIn } from "../access/signIn.ts";

/*
 * How the API server of a virtual cluster gets the file that says who is who: a ConfigMap beside the release, mounted as
 * a whole. Kubelets refresh that within a minute or so, and the API server reads what changed. A file mounted by `subPath`
 * would stay as it was. The ConfigMap is no part of the chart's values, from which the chart computes what restarts a pod.
 */

/** The ConfigMap's name: there is one virtual cluster in a namespace. */
export const signInConfigMap = "virtual-cluster-sign-in";

/** The key of the file in the ConfigMap, which is the file's name. */
const fileName = "authentication.yaml";

/** Where the ConfigMap is mounted in the control plane's pod. */
const folder = "/etc/virtual-clusters/sign-in";

const volume = "sign-in";

/** The chart's values that have the API server read the file, and bind the lists of `access` inside. */
export const signInValues = {
  apiServer: { extraArgs: [`--authentication-config=${folder}/${fileName}`] },
  persistence: {
    addVolumes: [{ name: volume, configMap: { name: signInConfigMap } }],
    addVolumeMounts: [{ name: volume, mountPath: folder, readOnly: true }],
  },
  manifests: bindingsInside()
    .map((binding) => stringify(binding))
    .join("---\n"),
};

/**
 * The ConfigMap with the file, for the tenant's namespace.
 *
 * @param members the tenant's people by object id, while it is active
 */
export function signInFile(signIn: SignIn, members: Members) {
  return {
    metadata: {
      name: signInConfigMap,
      // Whoever may write ConfigMaps here is administrator inside anyway; what they wrote must not stop a deployment.
      annotations: { "pulumi.com/patchForce": "true" },
    },
    data: { [fileName]: authenticationConfig(signIn, members) },
  };
}

/** The file in such a ConfigMap; undefined where it is not there. */
export function signInFileOf(configMap: unknown): string | undefined {
  const { data } = (configMap ?? {}) as { data?: Readonly<Record<string, unknown>> };
  const text = data?.[fileName];
  return typeof text === "string" ? text : undefined;
}
