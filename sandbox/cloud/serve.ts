import { provider } from "@pulumi/pulumi";
import { valuesChecks } from "../../model/chart/chartSchema.ts";
import { Cloud } from "./cloud.ts";
import { CloudProvider } from "./provider.ts";

/*
 * Serves the simulated cloud to the real Pulumi CLI: prints its port, which PULUMI_DEBUG_PROVIDERS names for each
 * package. Arguments: the cloud's file, the project's root, the seconds until a new role assignment works.
 */
const [file = "", root = "", roleDelay = "0", ...engine] = process.argv.slice(2);
const cloud = new Cloud(file, { roleDelay: Number(roleDelay) });
await provider.main(new CloudProvider(cloud, valuesChecks(root)), engine);
