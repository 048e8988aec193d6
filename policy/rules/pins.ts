import { kindOf, knownLater } from "../../model/plan/steps.ts";
import { list, ours, say, type Words } from "../../model/plan/words.ts";
import type { Standing, StateRule } from "../rule.ts";

/** What is deployed is the same tomorrow: charts and images are named by exact versions. */
export const pinRules: readonly StateRule[] = [
  {
    id: "unpinned-chart",
    guards: "A release installs one exact version of its chart",
    level: () => "mandatory",
    broken: (resource) => (kindOf(resource) === "Release" ? unpinnedChart(resource) : undefined),
  },
  {
    id: "unpinned-image",
    guards: "An image is named by its digest, or by a tag that is no moving one",
    level: () => "mandatory",
    broken: ({ inputs }) => {
      const images = [...new Set(movingImages(inputs))];
      return images.length === 0 ? undefined : say`what runs may be another one tomorrow: ${list(images)}`;
    },
  },
];

const exact = /^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/;

function unpinnedChart({ inputs: { chart, version } }: Standing): Words | undefined {
  if (typeof version === "string" && exact.test(version)) return undefined;
  // An archive's name has the version, and its digest is checked.
  if (typeof chart === "string" && /-\d+\.\d+\.\d+[^/]*\.tgz$/.test(chart)) return undefined;
  if (typeof version !== "string" || version === "")
    return ours("no version of its chart is named: the latest is installed");
  return say`its chart's version ${version} is none that stays the same`;
}

/** Images below `image` keys without a tag, or with one that moves; where a chart chooses the tag itself, the chart is pinned. */
function movingImages(value: unknown, key = ""): string[] {
  if (key === "image" && typeof value === "string") return isMoving(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  const { tag, repository } = value as { readonly tag?: unknown; readonly repository?: unknown };
  const own = key === "image" && tag === "latest" ? [`${String(repository ?? "image")}:latest`] : [];
  return [...own, ...Object.entries(value).flatMap(([name, child]) => movingImages(child, name))];
}

function isMoving(image: string): boolean {
  if (image === "" || image === knownLater || /@sha256:[0-9a-f]{64}$/.test(image)) return false;
  // A registry may have a port.
  const [, tag] = /:([^:/]+)$/.exec(image) ?? [];
  return tag === undefined || tag === "latest";
}
