import { describe, expect, test } from "vitest";
import { changedPaths, keepOld, openSecrets, parsePath, pathCovers, secret } from "../../../sandbox/engine/values.ts";

describe("property paths", () => {
  test("are read in every form that Pulumi writes", () => {
    expect(parsePath("a.b[0].c")).toEqual(["a", "b", "0", "c"]);
    expect(parsePath('a["b.c"][*]')).toEqual(["a", "b.c", "*"]);
  });

  test("cover what they name and everything inside it, and nothing above it", () => {
    expect(pathCovers(["a", "*"], ["a", "b", "c"])).toBe(true);
    expect(pathCovers(["a", "b"], ["a"])).toBe(false);
    expect(pathCovers(["a", "b"], ["a", "c"])).toBe(false);
  });
});

describe("changed paths", () => {
  test("name the smallest parts that differ", () => {
    const before = { a: 1, b: { c: [1, 2], d: "x" }, e: true };
    const after = { a: 1, b: { c: [1, 3, 4], d: "x" }, f: true };
    expect(changedPaths(before, after)).toEqual([["b", "c", "1"], ["b", "c", "2"], ["e"], ["f"]]);
  });

  test("look inside secrets", () => {
    expect(changedPaths({ a: secret("x") }, { a: secret("x") })).toEqual([]);
    expect(changedPaths({ a: secret("x") }, { a: secret("y") })).toEqual([["a"]]);
  });
});

describe("ignored changes", () => {
  test("keep the old value, at any depth, and add nothing that was not there", () => {
    const [now, before] = [{ a: { b: 2, c: 2 }, d: 2 }, { a: { b: 1 } }];
    expect(keepOld(now, before, ["a.b", "d"])).toEqual({ a: { b: 1, c: 2 } });
    expect(now).toEqual({ a: { b: 2, c: 2 }, d: 2 });
  });
});

test("opening secrets leaves everything else as it is", () => {
  expect(openSecrets({ a: secret({ b: secret(1) }), c: [secret("x"), null] })).toEqual({ a: { b: 1 }, c: ["x", null] });
});
