import { expect, onTestFinished, test } from "vitest";
import { terminal } from "../../cli/askWayIn.ts";
import { Refusal } from "../../model/text/problems.ts";

/** Has this process be at a terminal, or not. */
function atTerminal(isTTY: boolean): void {
  for (const stream of [process.stdin, process.stdout]) {
    const own = Object.getOwnPropertyDescriptor(stream, "isTTY");
    Object.defineProperty(stream, "isTTY", { value: isTTY, configurable: true });
    onTestFinished(() => {
      if (own === undefined) Reflect.deleteProperty(stream, "isTTY");
      else Object.defineProperty(stream, "isTTY", own);
    });
  }
}

test("a question that is not answered is refused in words, and not as an error that nobody expected", async () => {
  atTerminal(true);
  const asked = terminal(AbortSignal.abort())?.("yes? ");
  await expect(asked).rejects.toThrow(new Refusal("there was no answer"));
});

test("without a terminal nobody is asked", () => {
  atTerminal(false);
  expect(terminal()).toBeUndefined();
});
