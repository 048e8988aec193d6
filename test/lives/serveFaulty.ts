import { writeFileSync } from "node:fs";
import { provider } from "@pulumi/pulumi";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider } from "../../sandbox/cloud/provider.ts";
import { type Fault, faultyProvider } from "./world.ts";

/*
 * Serves the simulated cloud to the real Pulumi CLI, with a fault in it. Arguments: the cloud's file, the fault as JSON (null
 * for none), the file that is written where the fault is hit.
 */
const [file = "", fault = "null", hit = "", ...engine] = process.argv.slice(2);
const cloud = new CloudProvider(new Cloud(file), () => undefined);
const faulty = faultyProvider(cloud, (JSON.parse(fault) as Fault | null) ?? undefined, () => writeFileSync(hit, ""));
await provider.main({ ...faulty, version: cloud.version }, engine);
