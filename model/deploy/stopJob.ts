import type { Tenant } from "../tenant/tenantSchema.ts";
import { releaseApps } from "./releaseApps.ts";

/**
 * The job that removes what a stopped virtual cluster leaves running: its workloads' pods go on without a control plane.
 * It runs under the tenant's own service account, which may do so in its own namespace and nowhere else. First it waits
 * until the control plane is gone, which would otherwise start the pods again. A virtual cluster that comes back
 * creates them anew from its Deployments.
 *
 * @param image an image whose entry point is kubectl
 */
export function stopJob({ name, namespace }: Tenant, image: string) {
  const kubectl = (container: string, args: readonly string[]) => ({
    name: container,
    image,
    args: [...args, `--namespace=${namespace}`],
    resources: {
      requests: { cpu: "10m", memory: "64Mi" },
      limits: { cpu: "100m", memory: "128Mi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 65532,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
  return {
    metadata: { name: `${name}-stop`, namespace },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 600,
      template: {
        // As the release's own pods it reaches the host's API server, which its namespace's others do not.
        metadata: { labels: { app: releaseApps.stopJob, release: name } },
        spec: {
          serviceAccountName: `vc-${name}`,
          restartPolicy: "Never",
          initContainers: [
            kubectl("wait", [
              "wait",
              "pod",
              "--for=delete",
              `--selector=app=${releaseApps.controlPlane},release=${name}`,
              "--timeout=300s",
            ]),
          ],
          containers: [kubectl("remove", ["delete", "pod", `--selector=vcluster.loft.sh/managed-by=${name}`])],
        },
      },
    },
  };
}
