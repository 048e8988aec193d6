import { describe, expect, test } from "vitest";
import { readDeployed } from "../../../model/rules/deployed.ts";

const ml = { namespace: "ml", store: "sqlite", kubernetes: "1.37", lifecycle: "active", dataOnRemoval: "keep" };

describe("what the last deployment left", () => {
  test("says the host's minor, which is not known where it does not", () => {
    const hostMinor = (cluster: object) =>
      readDeployed({ tenants: {}, retained: {}, cluster }, "dev").cluster?.kubernetesVersion;
    expect(hostMinor({ value: { name: "aks", kubernetesVersion: "1.35" } })).toBe("1.35");
    expect(
      [{ value: { name: "kind" } }, {}, { secretValue: {} }, { value: { kubernetesVersion: 1 } }].map(hostMinor),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("is nothing on the first run", () => {
    expect(readDeployed({ tenants: {}, retained: {}, cluster: {} }, "dev")).toEqual({ tenants: {}, retained: {} });
  });

  test("is read whatever release wrote it: more fields, no owner, a minor that is not known here", () => {
    expect(
      readDeployed({ tenants: { value: { ml: { ...ml, size: "small" } } }, retained: {}, cluster: {} }, "dev").tenants,
    ).toEqual({
      ml,
    });
  });

  test.each([
    ["a secret", { secretValue: { ml } }, "output 'tenants' of stack 'dev' cannot be read (it is a secret)"],
    ["a list", { value: [] }, "cannot be read (at tenants: Invalid input: expected record, received array)"],
    ["a text", { value: "{}" }, "cannot be read (at tenants: Invalid input: expected record, received string)"],
    [
      "without a namespace",
      { value: { ml: { ...ml, namespace: undefined } } },
      "cannot be read (at tenants.ml.namespace: Invalid input: expected string, received undefined)",
    ],
    [
      "with an unknown store",
      { value: { ml: { ...ml, store: "mysql" } } },
      'cannot be read (at tenants.ml.store: Invalid option: expected one of "sqlite"|"etcd")',
    ],
  ])("that is %s is refused, with what to do, and never taken for nothing", (_, tenants, message) => {
    const read = () => readDeployed({ tenants, retained: {}, cluster: {} }, "dev");
    expect(read).toThrow(message);
    expect(read).toThrow("pulumi stack export --stack dev --file state.json");
  });
});
