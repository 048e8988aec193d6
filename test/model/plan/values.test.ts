import { describe, expect, test } from "vitest";
import { listWords, rangeWords } from "../../../model/plan/values.ts";
import { plain } from "../../../model/plan/words.ts";

const ranges = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i}.0/24`);
const told = (words: ReturnType<typeof listWords>) => words.map(plain);

describe("a list that differs", () => {
  test("is told by what has come and what has gone", () => {
    expect(told(listWords(["a", "b"], ["b", "c"]))).toEqual(["added: c", "removed: a"]);
    expect(told(listWords(["a"], ["a"]))).toEqual([]);
  });

  test("needs no such words where there were no ranges, unless the value would be cut", () => {
    expect(told(rangeWords([], ranges(6)))).toEqual([]);
    expect(told(rangeWords(ranges(1), []))).toEqual([]);
    expect(told(rangeWords(ranges(1), ranges(2)))).toEqual(["added: 10.0.1.0/24"]);
    expect(told(rangeWords([], ranges(7)))).toEqual([
      "added: 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24, 10.0.4.0/24, 10.0.5.0/24 and 10.0.6.0/24",
    ]);
  });
});
