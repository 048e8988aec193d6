import { describeRight, effectiveRights } from "../model/access/effectiveRights.ts";
import { hostRoleName } from "../model/access/roles.ts";
import { quotaOf } from "../model/deploy/quota.ts";
import { connectLines } from "../model/report/connect.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Principal } from "../model/tenant/principals.ts";
import { tenantFields } from "../model/tenant/tenantJsonSchema.ts";
import type { Tenant } from "../model/tenant/tenantSchema.ts";
import { oneLine } from "../model/text/printable.ts";
import type { DeployedRelease } from "./sandboxState.ts";

/** What is known of a tenant. */
export interface TenantFacts {
  readonly stack: string;
  readonly tenant: Tenant;
  readonly settings: Settings;
  /** The line of the file that says a field; undefined where it says nothing of it. */
  readonly lineOf: (field: string) => number | undefined;
  /** Its release on the sandbox; undefined where there is none. */
  readonly onSandbox: DeployedRelease | undefined;
}

/** Everything about one tenant, in parts with a heading each. */
export function describeTenant(facts: TenantFacts): { readonly heading: string; readonly lines: readonly string[] }[] {
  return [
    { heading: "As its file says", lines: fieldLines(facts) },
    { heading: "People", lines: peopleLines(facts) },
    { heading: `Quota of namespace '${facts.tenant.namespace}'`, lines: quotaLines(facts) },
    { heading: "How to connect", lines: connectLines(facts.stack, facts.tenant, facts.settings) },
    { heading: "Deployed", lines: deployedLines(facts) },
  ];
}

/** Fields that the stack has a default for. */
const ofStack = new Set(["size", "kubernetes", "expose"]);

function fieldLines({ tenant, settings, lineOf }: TenantFacts): string[] {
  const values: Readonly<Record<string, unknown>> = { ...tenant, expires: tenant.expires ?? "never" };
  return tenantFields()
    .filter(({ name }) => name !== "access")
    .map(({ name }) => {
      const line = lineOf(name);
      const origin = line !== undefined ? `line ${line}` : name === "namespace" ? "the tenant's name" : defaultOf(name);
      return aligned(
        name,
        `${valueText(values[name])}${name === "channel" ? ` (chart ${settings.vcluster.channels[tenant.channel]})` : ""}`,
        origin,
      );
    });
}

function defaultOf(field: string): string {
  return ofStack.has(field) ? "the stack's default (setting tenantDefaults)" : "default";
}

function valueText(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return "none";
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

function aligned(name: string, value: string, origin = ""): string {
  return `${name.padEnd(16)} ${origin === "" ? value : `${value.padEnd(26)}  ${origin}`}`;
}

function peopleLines({ tenant, settings }: TenantFacts): string[] {
  const rights = Object.entries(effectiveRights(tenant, { signIn: settings.signIn !== undefined }));
  if (rights.length === 0) return ["nobody is listed in 'access'"];
  const { hostRole, namespace, lifecycle } = tenant;
  const onHost = hostRoleName(hostRole, settings.azure !== undefined);
  return rights.flatMap(([list, right]) => {
    const host = list === "viewers" || onHost === undefined ? "nothing" : `${onHost}, in namespace ${namespace}`;
    return [
      `${list}: inside ${describeRight(right, hostRole)}; on the host ${lifecycle === "active" ? host : `nothing (${lifecycle})`}`,
      ...tenant.access[list as keyof Tenant["access"]].map((one) => `  ${personText(one)}`),
    ];
  });
}

const kinds = { User: "user", Group: "group", ServicePrincipal: "service principal" } as const;

function personText({ type, id }: Principal): string {
  return `${kinds[type]} ${oneLine(id)}`;
}

function quotaLines({ tenant, settings }: TenantFacts): string[] {
  return Object.entries(quotaOf(tenant, settings)).map(([name, value]) => `${name.padEnd(28)} ${value}`);
}

function deployedLines({ stack, tenant: { name }, onSandbox }: TenantFacts): string[] {
  const real = `for real: npx pulumi stack output tenants --stack ${stack}`;
  if (onSandbox === undefined) return [`on the sandbox: not deployed; npm run sandbox -- up --stack ${stack}`, real];
  const { namespace, chart, kubernetes, stopped, protect } = onSandbox;
  const state = `${stopped ? "stopped" : "running"}, ${protect ? "protected" : "not protected"}`;
  return [
    `on the sandbox: release ${name} in namespace ${namespace}, chart ${chart}, Kubernetes ${kubernetes}, ${state}`,
    real,
  ];
}
