import type { Repository, TenantFile } from "./files.ts";
import type { World } from "./world.ts";

/** What must happen to a deployment: the tenants for which it is refused, and why. None: it is accepted. */
export type Verdict = ReadonlyMap<string, string>;

/** How many minors a version is above another one. */
const above = (one: string, other: string) => Number(one.split(".")[1]) - Number(other.split(".")[1]);

/**
 * The reference: what must be refused, and nothing else may be. It knows what is really there and what the outputs
 * remember, and nothing of how the program finds out.
 */
export function verdict(repository: Repository, world: World): Verdict {
  const { files, handover, forgetRetained } = repository;
  const refused = new Map<string, string>();
  const retained = Object.entries(world.retained).filter(([name]) => !forgetRetained.includes(name));
  const refuse = (name: string, why: string) => refused.set(name, why);

  for (const [name, { lifecycle, dataOnRemoval }] of Object.entries(world.remembered)) {
    if (files[name] === undefined && lifecycle !== "offboarding") refuse(name, "its file is gone");
    if (files[name] === undefined && dataOnRemoval === "keep" && forgetRetained.includes(name))
      refuse(name, "what it keeps would be forgotten at once");
  }
  for (const [name, { namespace, release }] of Object.entries(world.state)) {
    if (files[name] !== undefined) continue;
    if (namespace?.protect || release?.protect) refuse(name, "its file is gone, and it was never offboarded");
    const remembersToKeep =
      world.remembered[name]?.dataOnRemoval === "keep" ||
      world.retained[name] !== undefined ||
      forgetRetained.includes(name);
    if (namespace?.kept && !remembersToKeep) refuse(name, "nobody would remember that its data is kept");
  }
  for (const [name, file] of Object.entries(files)) {
    const disagrees = handover[name] !== undefined && handover[name].to !== file.owner;
    const why = disagrees ? "the handover is to somebody else" : whyNot(name, file, world, handover);
    if (why !== undefined) refuse(name, why);
    const same = Object.entries(files).find(([other, { namespace }]) => other < name && namespace === file.namespace);
    if (same !== undefined) refuse(name, "two files name one namespace").set(same[0], "two files name one namespace");
    if (world.remembered[name] !== undefined) continue;
    const holder = Object.entries(world.remembered).find(([, { namespace }]) => namespace === file.namespace);
    if (holder !== undefined) refuse(name, `its namespace is that of ${holder[0]}`);
    else if (retained.some(([gone, namespace]) => gone === name || namespace === file.namespace))
      refuse(name, "data of another is kept there");
  }
  return refused;
}

/** The tenants whose namespace Kubernetes has already, and not from them. */
export function conflicts({ files }: Repository, { state, namespaces }: World): string[] {
  return Object.entries(files).flatMap(([name, { namespace }]) =>
    state[name]?.namespace === undefined && namespaces[namespace] !== undefined ? [name] : [],
  );
}

function whyNot(
  name: string,
  { owner, namespace, store, kubernetes }: TenantFile,
  { remembered, state, clusters }: World,
  handover: Repository["handover"],
): string | undefined {
  const [memory, now] = [remembered[name], state[name]];
  const agreed = (from: string) => handover[name]?.from === from && handover[name].to === owner;
  // Where a handover is agreed on, what the state says counts alone.
  const before = [handover[name] === undefined ? memory?.owner : undefined, now?.namespace?.owner].filter(
    (one) => one !== undefined,
  );
  if (before.some((one) => one !== owner && !agreed(one))) return "another owner";
  if ([memory?.namespace, now?.namespace?.name].some((one) => one !== undefined && one !== namespace))
    return "another namespace";
  if ([memory?.store, now?.release?.store].some((one) => one !== undefined && one !== store)) return "another store";
  // What has begun, and what runs after an answer that was lost: of a tenant that is known to have run.
  const running = memory === undefined ? [] : [now?.begun?.kubernetes, clusters[name]?.kubernetes];
  const versions = [memory?.kubernetes, now?.release?.kubernetes, ...running].filter((one) => one !== undefined);
  if (versions.some((one) => above(kubernetes, one) < 0)) return "an older version";
  if (versions.some((one) => above(kubernetes, one) > 1)) return "a skipped minor";
  return undefined;
}

/** What a deployment has lost, given away, turned back or moved: nothing of it may ever be, whatever failed. */
export function losses(repository: Repository, before: World, after: World): string[] {
  // What a deployment had not come to when it failed is as it was before: it can go where that was offboarding.
  const mayGo = (tenant: string, part: "namespace" | "release") =>
    repository.files[tenant] === undefined && !before.state[tenant]?.[part]?.protect;
  const known = (name: string, running: string) =>
    before.remembered[name] === undefined ? (before.state[name]?.release?.kubernetes ?? running) : running;
  const lost = Object.entries(before.clusters).flatMap(([name, cluster]): string[] => {
    const now = after.clusters[name];
    if (now === undefined) return mayGo(name, "release") ? [] : [`${name}: deleted`];
    return [
      ...(now.namespace === cluster.namespace ? [] : [`${name}: moved to ${now.namespace}`]),
      ...(now.store === cluster.store ? [] : [`${name}: store changed to ${now.store}`]),
      // Of a tenant of which no deployment ever ended well, a version whose answer was lost is known to nobody.
      ...(above(now.kubernetes, known(name, cluster.kubernetes)) < 0
        ? [`${name}: downgraded to ${now.kubernetes}`]
        : []),
    ];
  });
  const given = Object.entries(before.namespaces).flatMap(([name, { tenant, owner }]): string[] => {
    const now = after.namespaces[name];
    if (now === undefined) return mayGo(tenant, "namespace") ? [] : [`namespace ${name} of ${tenant}: deleted`];
    const agreed = repository.handover[tenant];
    // An answer that was lost leaves the state at the owner before: whose it is has not been settled then.
    const owners = [owner, before.state[tenant]?.namespace?.owner];
    const handedOver = owners.includes(agreed?.from) && agreed?.to === now.owner;
    return now.tenant === tenant && (owners.includes(now.owner) || handedOver)
      ? []
      : [`namespace ${name} of ${tenant}: given from ${owner} to ${now.tenant} of ${now.owner}`];
  });
  return [...lost, ...given];
}
