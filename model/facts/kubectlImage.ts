/** A kubectl works with API servers of its own minor, the one before and the one after. Source: Kubernetes, "Version Skew Policy". */
export const kubectlSkew = 1;

/**
 * The image whose entry point is kubectl, as Kubernetes publishes it with each of its releases. By {@link kubectlSkew} this one
 * is for hosts of 1.34 to 1.36. Source: kubernetes/kubernetes, build/server-image/kubectl.
 */
export const kubectlImage = "registry.k8s.io/kubectl:v1.35.0";

/** The Kubernetes minor of a kubectl image, from its tag; undefined where the tag does not say it. */
export function kubectlMinor(image: string): string | undefined {
  return /:v?(\d+\.\d+)\.\d+(?:-[-.\w]+)?(?:@sha256:[0-9a-f]+)?$/.exec(image)?.[1];
}
