import * as pulumi from "@pulumi/pulumi";
import { describeRight, effectiveRights } from "../model/access/effectiveRights.ts";
import { activeAccess, hostMembers } from "../model/access/roles.ts";
import { tenantVersions } from "../model/chart/versions.ts";
import type { Address } from "../model/deploy/address.ts";
import type { ValueSettings } from "../model/deploy/chartValues.ts";
import { tenantUrns, type UrnContext } from "../model/deploy/tenantUrns.ts";
import { resourcesDigest } from "../model/settings/deployedFiles.ts";
import type { Settings } from "../model/settings/settingsSchema.ts";
import type { Tenant as TenantModel } from "../model/tenant/tenantSchema.ts";
import type { Guards } from "./guards.ts";
import { grantHostRole, type HostAuthorization } from "./hostAccess.ts";
import type { NameZone } from "./hostNetwork.ts";
import { recordName } from "./tenantName.ts";
import { type HostGuardReference, tenantNamespace } from "./tenantNamespace.ts";
import { virtualCluster } from "./virtualCluster.ts";

export interface TenantArgs {
  readonly tenant: TenantModel;
  /** What its file holds; undefined where it is not known. */
  readonly file: string | undefined;
  readonly authorization: HostAuthorization;
  /** How it is found from outside; undefined where it has no address of its own. */
  readonly address: Address | undefined;
  readonly zone: NameZone | undefined;
  readonly guards: Guards;
  readonly hostGuard: HostGuardReference;
  /** What the state says of it, where this run only takes something away: that stays. */
  readonly kept?: Readonly<Record<string, unknown>> | undefined;
  /** The roles of people that this run takes away although its file asks for them. */
  readonly withheld?: readonly string[] | undefined;
  /** An offboarding tenant is not protected, whatever `protect` says. */
  readonly settings: ValueSettings & UrnContext["settings"] & Pick<Settings, "protect">;
}

/** What the stack output `tenants` says of one tenant. */
export interface TenantOutputs {
  readonly owner: string;
  readonly namespace: pulumi.Output<string>;
  readonly release: pulumi.Output<string>;
  readonly store: TenantModel["store"];
  readonly kubernetes: string;
  /** The patch release of it, such as 1.35.4. */
  readonly kubernetesVersion: string;
  /** The chart version. */
  readonly chart: string;
  readonly size: string;
  readonly lifecycle: TenantModel["lifecycle"];
  readonly hostRole: TenantModel["hostRole"];
  readonly expose: TenantModel["expose"];
  /** The name that its API server is found by, where it has one that stays. */
  readonly host?: string;
  readonly dataOnRemoval: TenantModel["dataOnRemoval"];
  /** What the people of each list can really do inside: a list's own right is less where `hostRole` gives more. */
  readonly effective: Readonly<Record<string, string>>;
  /** A command that connects to the virtual cluster, or why there is none. */
  readonly connect: string;
}

/** Everything that one tenant file stands for: a namespace, its people's role there, and the virtual cluster in it. */
export class Tenant extends pulumi.ComponentResource {
  readonly outputs: TenantOutputs;

  constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    const { tenant, file, authorization, settings, address, zone, guards, hostGuard, kept, withheld } = args;
    const { owner, lifecycle, kubernetes } = tenant;
    const versions = tenantVersions(tenant, settings.vcluster);
    // The versions stand here, too, because a component is in the state before anything in it is changed: an upgrade that
    // is cut off is known to have begun.
    const hooks = { beforeUpdate: [guards.update] };
    super("virtual-clusters:index:Tenant", name, { owner, lifecycle, kubernetes, ...versions }, { ...opts, hooks });
    const protect = settings.protect && tenant.lifecycle !== "offboarding";
    const keeping = { tenant, settings, address, guards, protect };
    const namespace = tenantNamespace({ ...keeping, hostGuard }, this);
    grantHostRole(tenant, namespace, authorization, this, withheld);
    const members = authorization.directory.findMembers(activeAccess(tenant));
    const release = virtualCluster({ ...keeping, members, namespace }, this);
    recordName(name, address, zone, this);
    const rights = effectiveRights(tenant, { signIn: settings.signIn !== undefined });
    this.outputs = {
      owner,
      namespace,
      release,
      store: tenant.store,
      kubernetes: tenant.kubernetes,
      ...versions,
      size: tenant.size,
      lifecycle: tenant.lifecycle,
      hostRole: tenant.hostRole,
      expose: tenant.expose,
      ...(address?.host !== undefined && { host: address.host }),
      dataOnRemoval: tenant.dataOnRemoval,
      effective: Object.fromEntries(
        Object.entries(rights).map(([list, right]) => [list, describeRight(right, tenant.hostRole)]),
      ),
      connect:
        tenant.lifecycle === "active"
          ? `vcluster connect ${tenant.name} --namespace ${tenant.namespace}`
          : `${tenant.lifecycle}: the control plane is stopped`,
    };
    // Written once the release is: what stands in the state is what was deployed (docs/decisions/0015).
    this.registerOutputs(kept ?? { namespace, release, file, resources: this.#digest(args) });
  }

  /** Stands for all that is registered of it: a state that lacks something of that was changed by other hands. */
  #digest({ tenant, settings, authorization: { directory } }: TenantArgs): string {
    const [stack, project] = [pulumi.getStack(), pulumi.getProject()];
    const members = directory.find(hostMembers(tenant));
    return resourcesDigest(tenantUrns(tenant, { stack, project, settings, members }));
  }
}
