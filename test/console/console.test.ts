import { expect, onTestFinished, test } from "vitest";
import { describeError, describeStepError } from "../../console/errors.ts";
import { table } from "../../console/table.ts";
import { columns as terminalColumns } from "../../console/terminal.ts";
import { InputError, Refusal } from "../../model/text/problems.ts";

const columns = [
  { name: "tenant" },
  { name: "size", optional: true },
  { name: "store", optional: true },
  { name: "people" },
];
const rows = [
  ["ml", "small", "sqlite", "admins: cluster-admin\nviewers: view"],
  ["a\u001bb", "large", "etcd", ""],
];

test("a table is as wide as its text, and shows what the text hides", () => {
  expect(table(columns, rows, 80)).toBe(
    [
      "tenant    size   store   people",
      "ml        small  sqlite  admins: cluster-admin",
      "                         viewers: view",
      "a\\u001bb  large  etcd",
    ].join("\n"),
  );
});

test("a table that is too wide leaves out what can be missed, and says so", () => {
  expect(table(columns, rows, 40)).toBe(
    [
      "tenant    size   people",
      "ml        small  admins: cluster-admin",
      "                 viewers: view",
      "a\\u001bb  large",
      "(for want of room without store)",
    ].join("\n"),
  );
});

test("a table that is still too wide breaks its last column", () => {
  expect(table(columns, rows, 28)).toBe(
    [
      "tenant    people",
      "ml        admins:",
      "          cluster-admin",
      "          viewers: view",
      "a\\u001bb",
      "(for want of room without size, store)",
    ].join("\n"),
  );
});

test("an error that is meant for the reader is its message alone", () => {
  expect(describeError(new Refusal("no such file: a\u001b"))).toBe("no such file: a\\u001b");
  const location = { file: "a.yaml", line: 1, column: 2 };
  expect(describeError(new InputError([{ location, message: "wrong" }]), true)).toBe(
    "1 problem to mend first; nothing was changed.\na.yaml:1:2: wrong",
  );
});

test("a defect says how to see where it comes from, and shows it then", () => {
  const defect = new TypeError("x is undefined");
  expect(describeError(defect)).toBe(
    "x is undefined (unexpected: run it again with --debug, or NODE_DEBUG=virtual-clusters, to see where it comes from)",
  );
  expect(describeError(defect, true)).toMatch(/^TypeError: x is undefined\n {4}at .*console\.test\.ts/);
});

test("a step that fails is told by its message, and a defect with its stack where that is asked for", () => {
  const [refusal, defect] = [new Refusal("Forbidden"), new TypeError("x is undefined")];
  expect([describeStepError(refusal, true), describeStepError(defect, false)]).toEqual(["Forbidden", "x is undefined"]);
  expect(describeStepError(defect, true)).toMatch(/^TypeError: x is undefined\n {4}at /);
});

test.each([
  [undefined, 80],
  // As in a pipeline's terminal that tells no size.
  [0, 80],
  [12, 40],
  [132, 132],
])("a terminal of %s columns has lines of %i", (told, expected) => {
  const own = Object.getOwnPropertyDescriptor(process.stdout, "columns");
  Object.defineProperty(process.stdout, "columns", { value: told, configurable: true });
  onTestFinished(() => {
    if (own === undefined) Reflect.deleteProperty(process.stdout, "columns");
    else Object.defineProperty(process.stdout, "columns", own);
  });
  expect(terminalColumns()).toBe(expected);
});
