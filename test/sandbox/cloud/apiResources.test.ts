import { describe, expect, test } from "vitest";
import { isOfCluster, readRequest } from "../../../sandbox/cloud/apiResources.ts";

describe("a question about rights", () => {
  test.each([
    ["pods", "", "pods", ""],
    ["Pod", "", "pods", ""],
    ["po", "", "pods", ""],
    ["pods/exec", "", "pods", "exec"],
    ["pods.metrics.k8s.io", "metrics.k8s.io", "pods", ""],
    ["deploy", "apps", "deployments", ""],
    ["deployments.apps", "apps", "deployments", ""],
    ["deployments.v1.apps", "apps", "deployments", ""],
    ["networkpolicy", "networking.k8s.io", "networkpolicies", ""],
    ["storageclass", "storage.k8s.io", "storageclasses", ""],
    ["crd", "apiextensions.k8s.io", "customresourcedefinitions", ""],
    ["rayclusters.ray.io", "ray.io", "rayclusters", ""],
  ])("may name its object as kubectl does: %s", (text, group, resource, subresource) => {
    expect(readRequest("get", text)).toEqual({ verb: "get", group, resource, subresource });
  });

  test("is refused where there is no such verb or kind, with what may be meant", () => {
    expect(() => readRequest("lits", "pods")).toThrow(
      "no verb 'lits', did you mean 'list'? there are get, list, watch,",
    );
    expect(() => readRequest("get", "secrets/vc-ml")).toThrow("no subresource 'vc-ml'; there are attach, ");
    expect(() => readRequest("create", "pods/exec/x")).toThrow("no subresource 'exec/x', did you mean 'exec'?");
    expect(() => readRequest("get", "deploymentz.apps")).toThrow(
      "no kind of object 'deploymentz.apps' in Kubernetes, did you mean 'deployments'?",
    );
    expect(() => readRequest("get", "pods.apps")).toThrow("no kind of object 'pods.apps' in Kubernetes;");
    expect(() => readRequest("get", "podz")).toThrow(
      "no kind of object 'podz' in Kubernetes, did you mean 'pods'? a custom one is written with its group, such as rayclusters.ray.io",
    );
  });

  test.each([
    ["get namespaces", false],
    ["delete namespaces", false],
    ["list namespaces", true],
    ["create namespaces", true],
    ["get nodes", true],
    ["create validatingwebhookconfigurations", true],
    ["create crd", true],
    ["get pods", false],
    ["get rayclusters.ray.io", false],
    ["bind clusterroles", false],
    ["escalate clusterroles", true],
  ])("%s is one of the whole cluster: %s", (text, ofCluster) => {
    const [verb = "", kind = ""] = text.split(" ");
    expect(isOfCluster(readRequest(verb, kind))).toBe(ofCluster);
  });
});
