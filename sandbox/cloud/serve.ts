import { provider } from "@pulumi/pulumi";
import { valuesChecks } from "../../model/chartSchema.ts";
import { Cloud } from "./cloud.ts";
import { CloudProvider } from "./provider.ts";

/*
 * Serves the simulated cloud to the real Pulumi CLI: prints its port, which PULUMI_DEBUG_PROVIDERS names for each
 * package. Arguments: the cloud's file, the project's root.
 */
const [file = "", root = "", ...engine] = process.argv.slice(2);
await provider.main(new CloudProvider(new Cloud(file), valuesChecks(root)), engine);
