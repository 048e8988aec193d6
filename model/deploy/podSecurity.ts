import type { PodSecurity } from "../facts/podSecurityStandards.ts";

/** The user and group that the virtual cluster's own containers run as under `restricted`: any but root. */
const user = 12345;

/**
 * What the chart's pods need beside its own values to meet a standard. Its control plane is root by default, which
 * `baseline` allows; of etcd and the container that copies Kubernetes' binaries it says nothing. The disks are mounted
 * for the group. CoreDNS and the job that stops a tenant meet `restricted` as they are.
 * Source: chart 0.36.1, controlPlane.statefulSet.security, templates/etcd-statefulset.yaml, _init-containers.tpl.
 */
export function securityValues(standard: PodSecurity) {
  if (standard === "baseline") return undefined;
  const container = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsGroup: user,
    runAsNonRoot: true,
    runAsUser: user,
    seccompProfile: { type: "RuntimeDefault" },
  };
  return { container, security: { containerSecurityContext: container, podSecurityContext: { fsGroup: user } } };
}
