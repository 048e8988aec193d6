import { writeFileSync } from "node:fs";
import { provider } from "@pulumi/pulumi";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { CloudProvider } from "../../sandbox/cloud/provider.ts";
import { Points } from "./points.ts";

/*
 * Serves the simulated cloud to the real Pulumi CLI until one of its points, from which on it does and answers nothing.
 * Arguments: the cloud's file, the point, the file that is written there.
 */
const [file = "", at = "", hit = "", ...engine] = process.argv.slice(2);
let gone = false;
const forever = () => new Promise<never>(() => undefined);
const cloud = new CloudProvider(new Cloud(file), () => undefined);
const points = new Points(Number(at), (what) => {
  gone = true;
  writeFileSync(hit, what);
});
// What is begun before that point is not done after it, and what is done then is not told.
const served = mortal(points.provider(mortal(cloud)));
await provider.main({ ...served, version: cloud.version }, engine);

function mortal(whole: provider.Provider): provider.Provider {
  const unlessGone = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = gone ? await forever() : await work();
    return gone ? forever() : result;
  };
  return {
    ...whole,
    create: (urn, inputs) => unlessGone(async () => (await whole.create?.(urn, inputs)) ?? { id: "" }),
    update: (id, urn, olds, news) => unlessGone(async () => (await whole.update?.(id, urn, olds, news)) ?? {}),
    delete: (id, urn, props) => unlessGone(async () => whole.delete?.(id, urn, props)),
  };
}
