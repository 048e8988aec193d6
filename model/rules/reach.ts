import { isDeepStrictEqual } from "node:util";
import { type EffectiveRight, effectiveRights, type WayIn } from "../access/effectiveRights.ts";
import { type InternalReach, internalReach } from "../settings/reach.ts";
import type { AzureSettings, Settings } from "../settings/settingsSchema.ts";
import type { Tenant } from "../tenant/tenantSchema.ts";
import { highestAddresses } from "../text/cidr.ts";
import type { Problem } from "../text/problems.ts";
import type { Stack } from "./stack.ts";

/*
 * Who reaches a virtual cluster: what `expose` promises must lead somewhere, and whoever is listed must have a way.
 */

/** Where the first of some fields stands that is written; by default they are the stack's. */
export function written({ locate }: Stack, name: string, ...fields: (keyof Tenant)[]): Problem["location"] {
  const start = locate(name);
  const places = fields.map((field) => locate(name, field));
  return places.find((place) => !isDeepStrictEqual(place, start)) ?? start;
}

/** A way to a virtual cluster, and what it costs. */
export interface Way {
  /** What the tenant's file says then: as text, and as its fields. */
  readonly text: string;
  readonly fields: Partial<Pick<Tenant, "expose" | "hostRole">>;
  readonly costs: string;
}

/** What a message calls an internal address that leads nowhere. */
const wordsOf = ({ why, needs }: InternalReach & { reachable: false }) => `${why}. It takes the setting ${needs}`;

/**
 * The ways to a virtual cluster that has no address, each with its price, the least intrusive of the rights first.
 *
 * @param byHost whether a host role is a way: viewers hold none
 */
export function waysIn(settings: Settings | undefined, byHost: boolean): Way[] {
  const reach = settings === undefined ? undefined : internalReach(settings);
  return [
    {
      text: "expose: public, with allowedCidrs",
      fields: { expose: "public" },
      costs:
        "a public address and a rule of the load balancer, and an API server that these ranges reach over the internet",
    },
    {
      text: "expose: internal",
      fields: { expose: "internal" },
      costs:
        reach?.reachable === true
          ? `an address of the network and a rule of the load balancer; it is reached from ${reach.from}`
          : `the work of a network and of peering or routing to it, by the platform team: ${reach === undefined ? "the stack's settings must say from where it is reached" : wordsOf(reach)}`,
    },
    ...(byHost
      ? [
          {
            text: "hostRole: writer",
            fields: { hostRole: "writer" as const },
            costs:
              "no address, for it gives port-forward on the host; but admin rights inside, for developers too: its holders read the Secret with the administrator's kubeconfig",
          },
        ]
      : []),
  ];
}

const numbers = ["no", "one way", "two ways", "three ways"];

function waysText(ways: readonly Way[]): string {
  return [`There are ${numbers[ways.length]}:`, ...ways.map(({ text, costs }) => `  ${text}: costs ${costs}`)].join(
    "\n",
  );
}

/** Without an address, a virtual cluster is reached by port-forward, which Azure's reader role does not have. */
export function* reachability(tenant: Tenant, stack: Stack): Generator<Problem> {
  // What keeps people out once it is active is told before.
  const { name, hostRole } = tenant;
  const rights = Object.entries(effectiveRights({ ...tenant, lifecycle: "active" }, { signIn: true }));
  const outside = keptOut(rights, "unreachable");
  if (outside.length === 0) return;
  const location = written(stack, name, "expose", "access");
  const ways = waysText(
    waysIn(
      stack.settings,
      outside.some((list) => list !== "viewers"),
    ),
  );
  if (outside.length === rights.length) {
    const message = `nobody listed in 'access' could reach the cluster: 'expose' is 'none', which needs port-forward, and ${outside.includes("viewers") && outside.length === 1 ? "viewers hold no role on the host" : `'hostRole' is '${hostRole}', which lacks it`}. ${ways}`;
    yield { location, message };
  } else {
    const message = `the ${listed(outside)} cannot reach the cluster: 'expose' is 'none', which needs port-forward, and they hold no role on the host. ${ways}`;
    yield { severity: "warning", location, message };
  }
}

/** An internal address must lead somewhere. What the stack's default says is told of the setting. */
export function* internalAddress({ name, expose }: Tenant, stack: Stack): Generator<Problem> {
  const { settings, locate } = stack;
  if (settings === undefined || expose !== "internal") return;
  const reach = internalReach(settings);
  if (!reach.reachable) {
    const message = `'expose' is 'internal', and nobody could reach the cluster: ${wordsOf(reach)}. Or write expose: none (port-forward), or expose: public with allowedCidrs`;
    yield { location: locate(name, "expose"), message };
  } else if (settings.azure !== undefined) {
    yield* unnamed(name, settings.azure, stack);
  }
}

/** A name in the private zone is for a fixed address: which one, the platform team says. */
function* unnamed(name: string, { network }: AzureSettings, stack: Stack): Generator<Problem> {
  const { privateDnsZone, addresses, subnet } = network;
  if (privateDnsZone === "" || subnet === undefined || addresses[name] !== undefined) return;
  const free = highestFree(subnet.cidr, Object.values(addresses));
  const message = `it has no name in '${privateDnsZone}', for it has no fixed address: people reach it by the address that Azure gives it, which changes when its Service is made anew. Under azure.network.addresses of the stack's settings write:  ${name}: ${free}`;
  yield { severity: "warning", location: written(stack, name, "expose"), message };
}

/** Azure gives nodes the lowest addresses that are free, so that those at the other end are the last to meet one. */
function highestFree(cidr: string, taken: readonly string[]): string {
  for (const address of highestAddresses(cidr)) if (!taken.includes(address)) return address;
  return "<a free address>";
}

/** What the stack's settings say of addresses that no tenant has. */
export function* addressProblems({ settings, tenants, locateSetting, drafts = [] }: Stack): Generator<Problem> {
  const { addresses = {}, subnet } = settings?.azure?.network ?? {};
  for (const name of Object.keys(addresses)) {
    const tenant = [...tenants, ...drafts.map((draft) => draft.tenant)].find((one) => one.name === name);
    if (tenant?.expose === "internal" || subnet === undefined) continue;
    const why = tenant === undefined ? "there is no such tenant" : `its 'expose' is '${tenant.expose}'`;
    const location = locateSetting(["azure", "network", "addresses", name]);
    yield { severity: "warning", location, message: `'azure.network.addresses.${name}' does nothing: ${why}` };
  }
}

/** A private cluster keeps its API server off the internet; a tenant's may still be put there. */
export function* publicOnPrivate({ name, expose }: Tenant, stack: Stack): Generator<Problem> {
  if (expose !== "public" || stack.settings?.azure?.privateCluster !== true) return;
  const message =
    "'expose' is 'public' on a private cluster: the host's API server has no public address, and this tenant's gets one. Write expose: internal where that is not meant";
  yield { severity: "warning", location: written(stack, name, "expose"), message };
}

/** The lists whose people are kept out in this way. */
export function keptOut(rights: readonly (readonly [string, EffectiveRight])[], by: WayIn): string[] {
  return rights.filter(([, { way }]) => way === by).map(([list]) => list);
}

/** Making one takes longer than checking a tenant. */
const lists = new Intl.ListFormat("en");

export function listed(names: readonly string[]): string {
  return lists.format(names);
}
