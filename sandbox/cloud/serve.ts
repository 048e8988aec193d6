import { provider } from "@pulumi/pulumi";
import { valuesChecks } from "../../model/chart/chartSchema.ts";
import { CloudClock } from "./clock.ts";
import { Cloud } from "./cloud.ts";
import { Faults, parseFault } from "./faults.ts";
import { CloudProvider, resourceTypes } from "./provider.ts";

/*
 * Serves the simulated cloud to the real Pulumi CLI: prints its port, which PULUMI_DEBUG_PROVIDERS names for each
 * package. Arguments: the cloud's file, the project's root, the seconds until a new role assignment works, and the faults with
 * commas between them; of a full disk the CLI itself would have to know. What a fault leaves in the cloud stays there.
 */
const [file = "", root = "", roleDelay = "0", faults = "", ...engine] = process.argv.slice(2);
const cloud = new Cloud(file, { roleDelay: Number(roleDelay) });
const strikes = new Faults(
  faults
    .split(",")
    .filter(Boolean)
    .map((text) => parseFault(text, resourceTypes)),
  { cloud, clock: new CloudClock(cloud), say: (text, urn) => console.error(`${urn}: ${text}`) },
);
const served = new CloudProvider(cloud, valuesChecks(root));
await provider.main({ ...strikes.provider(served), version: served.version }, engine);
