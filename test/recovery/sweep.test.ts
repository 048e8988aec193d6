import { expect, test } from "vitest";
import { comparable, copyOf, deploy, scenarios } from "./scenario.ts";

/** Every so many points here; all of them are for `npm run test:long`. */
const stride = Number(process.env.STRIDE ?? 29);

test("a deployment that is cut off at a point is finished by the next one, as if nothing had been", async () => {
  for (const { name, before, after, program, project } of await scenarios()) {
    const { passed } = await deploy(project, copyOf(before), program);
    const wanted = comparable(after);
    let cut = 0;
    for (let at = 0; at < passed; at += stride) {
      const stopped = await deploy(project, copyOf(before), program, at);
      if (stopped.where !== "") cut++;
      const next = await deploy(project, stopped.world, program);
      const about = `${name}, cut off ${stopped.where} (${at} of ${passed})`;
      expect(next.result.messages.filter(({ severity }) => severity === "error"), about).toEqual([]);
      expect(comparable(next.world), about).toEqual(wanted);
    }
    console.log(`${name}: ${passed} points, cut off at ${cut}`);
    expect(cut).toBe(Math.ceil(passed / stride));
  }
});
