import { expect, test } from "vitest";
import { existingInAzure, inhabitedGroups } from "../../cli/recover/azure.ts";
import { existingOnHost } from "../../cli/recover/host.ts";
import { type Replies, withTools } from "../support/fakeTools.ts";

const subscription = "00000000-0000-4000-8000-00000000a2e0";
const type = "azure-native:resources:ResourceGroup";
const group = { urn: `urn:pulumi:dev::p::${type}::group`, custom: true, type, inputs: { resourceGroupName: "rg" } };
const id = `/subscriptions/${subscription}/resourceGroups/rg`;
const pending = [{ type: "creating", resource: group }];
const signedOut = { fails: "ERROR: Please run 'az login' to setup account." };
const absent = { fails: "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found." };

const holds = (reply: Replies[string]) => {
  const url = `https://management.azure.com${id}/resources?api-version=2021-04-01&$top=1`;
  return withTools({ az: { [`rest --method get --url ${url}`]: reply } }, async () => [
    ...(await inhabitedGroups(pending, subscription)),
  ]);
};

test("a group whose creation was cut off is somebody's where it holds something, and where Azure does not say", async () => {
  expect([await holds({ value: [{}] }), await holds(signedOut)]).toEqual([[group.urn], [group.urn]]);
  expect([await holds({ value: [] }), await holds(absent)]).toEqual([[], []]);
});

test("what Azure does not say of a resource is not taken for its absence", async () => {
  const ask = (reply: Replies[string]) =>
    withTools({ az: { [`resource show --ids ${id} --output none`]: reply } }, () =>
      existingInAzure([group], subscription),
    );
  expect(await ask("")).toEqual({ existing: [{ record: group, id }] });
  expect(await ask(absent)).toEqual({ existing: [] });
  expect(await ask(signedOut)).toEqual({ existing: [], silence: "az: Please run 'az login' to setup account." });
});

test("what the host does not say of a resource is not taken for its absence either", async () => {
  const namespace = {
    urn: "urn:pulumi:dev::p::kubernetes:core/v1:Namespace::ml",
    custom: true,
    type: "kubernetes:core/v1:Namespace",
    inputs: { metadata: { name: "ml" } },
  };
  const host = { answers: true, revisions: [], namespaces: new Set<string>() } as const;
  const ask = (reply: Replies[string]) =>
    withTools({ kubectl: { "get namespace.v1. ml --ignore-not-found --output json": reply } }, () =>
      existingOnHost({ host, flags: [] }, [namespace]),
    );
  expect(await ask({ metadata: {} })).toEqual({
    existing: [{ record: namespace, id: "ml", marks: { labels: {}, annotations: {} } }],
  });
  expect(await ask("")).toEqual({ existing: [] });
  expect(await ask({ fails: "Error from server (Forbidden): no" })).toEqual({
    existing: [],
    silence: "kubectl: Error from server (Forbidden): no",
  });
});
