import { BlockList, isIPv6 } from "node:net";
import type { Connection } from "./data.ts";

/** What counts of a NetworkPolicy here. Source: Kubernetes, networking.k8s.io/v1. */
export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly Port[] }[];
  };
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Port {
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol?: string;
}

type Labels = Readonly<Record<string, string>>;

/** One end of a connection: a pod, or an address outside of the cluster. */
type End = { readonly namespace: string; readonly labels: Labels } | { readonly address: string };

/**
 * Whether network policies let a TCP connection through, as a network that enforces them would: a pod that no policy
 * selects may do everything, one that some select what any of them allows.
 *
 * @param namespaces the labels of each namespace
 */
export function mayConnect(
  { from, address, pod, port }: Connection,
  home: string,
  policies: readonly NetworkPolicy[],
  namespaces: Readonly<Record<string, Labels>>,
): boolean {
  const source = { namespace: home, labels: from };
  const target: End = pod ?? { address: address ?? "" };
  const leaves = allows(policies, source, "Egress", target, port, namespaces);
  return leaves && (pod === undefined || allows(policies, pod, "Ingress", source, port, namespaces));
}

function allows(
  policies: readonly NetworkPolicy[],
  pod: { readonly namespace: string; readonly labels: Labels },
  direction: "Egress" | "Ingress",
  other: End,
  port: number,
  namespaces: Readonly<Record<string, Labels>>,
): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      (spec.policyTypes ?? ["Ingress"]).includes(direction) &&
      selects(spec.podSelector ?? {}, pod.labels),
  );
  // The port of a rule is the one that is connected to, in both directions.
  return (
    selecting.length === 0 ||
    selecting.some(({ metadata, spec }) => {
      const rules = direction === "Egress" ? spec.egress : spec.ingress;
      return (rules ?? []).some((rule) => {
        const peers = "to" in rule ? rule.to : "from" in rule ? rule.from : undefined;
        return (
          (peers === undefined || peers.some((peer) => isPeer(peer, other, metadata.namespace, namespaces))) &&
          (rule.ports === undefined || rule.ports.some((range) => isPort(range, port)))
        );
      });
    })
  );
}

function isPeer(peer: Peer, end: End, home: string, namespaces: Readonly<Record<string, Labels>>): boolean {
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return "address" in end && inRange(cidr, end.address) && !except.some((range) => inRange(range, end.address));
  }
  if ("address" in end) return false;
  const there =
    peer.namespaceSelector === undefined
      ? end.namespace === home
      : selects(peer.namespaceSelector, namespaces[end.namespace] ?? {});
  return there && selects(peer.podSelector ?? {}, end.labels);
}

function isPort({ port, endPort, protocol = "TCP" }: Port, asked: number): boolean {
  if (protocol !== "TCP") return false;
  if (port === undefined) return true;
  if (typeof port === "string") throw new Error(`a network policy names port '${port}', which is not looked up here`);
  return asked >= port && asked <= (endPort ?? port);
}

function inRange(cidr: string, address: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const family = (value: string) => (isIPv6(value) ? "ipv6" : "ipv4");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(address, family(address));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const equal = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return equal && matchExpressions.every(({ key, operator, values = [] }) => holds(operator, labels[key], values));
}

function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    default:
      throw new Error(`a label selector has the operator '${operator}'`);
  }
}
