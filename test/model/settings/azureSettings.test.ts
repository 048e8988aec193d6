import { describe, expect, test } from "vitest";
import { azureSchema } from "../../../model/settings/settingsSchema.ts";
import { validate } from "../../../model/text/validate.ts";

/** What is said of the settings of an AKS cluster with these among them. */
function said(more: object): string[] {
  const settings = {
    location: "westeurope",
    resourceGroup: "rg",
    clusterName: "aks",
    clusterAdmins: [{ user: "admin@contoso.com" }],
    ...more,
  };
  const { problems } = validate(azureSchema, settings, () => ({ file: "f", line: 1, column: 1 }));
  return problems.map(({ message }) => message);
}

describe("a region", () => {
  const list = "'az account list-locations --output table' lists them by name";
  test.each([
    ["moonbase", `'location' is 'moonbase': not a region of Azure that this program knows; ${list}`],
    [
      "westeurop",
      `'location' is 'westeurop': not a region of Azure that this program knows, did you mean 'westeurope'? ${list}`,
    ],
    ["West Europe", "'location' is 'West Europe': write the region's short name, such as westeurope"],
  ])("that there is not is refused, with the nearest that there is: %s", (location, message) => {
    expect(said({ location })).toEqual([message]);
  });

  test.each(["newzealandnorth", "usgovvirginia", "chinanorth3"])(
    "of any of Azure's clouds may be named: %s",
    (name) => {
      expect(said({ location: name })).toEqual([]);
    },
  );
});

describe("tags", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${i}`, "x"]));
  test.each<[string, object, readonly string[]]>([
    ["ordinary ones", { costCenter: "4711", "team:owner": "", Ümlaut: "a/b?c" }, []],
    ["as many as Azure takes", many(50), []],
    ["one more", many(51), ["a resource of Azure has at most 50 tags"]],
    ["a forbidden character", { "a%b": "x" }, ["'tags.a%b': the name of a tag has none of < > % & \\ ? /"]],
    [
      "Azure's own beginnings",
      { Azure_x: "x" },
      ["'tags.Azure_x': names of tags that begin with microsoft, azure or windows are Azure's own"],
    ],
    ["two of one name", { Env: "a", env: "b" }, ["two names differ in upper and lower case alone"]],
    ["a long name", { ["n".repeat(513)]: "x" }, ["the name of a tag has at most 512 characters"]],
    ["a long value", { x: "v".repeat(257) }, ["at most 256"]],
    ["a number", { costCenter: 4711 }, ["'tags.costCenter' is 4711: expected"]],
  ])("are those that Azure takes: %s", (_, tags, parts) => {
    const found = said({ tags });
    expect(found).toHaveLength(parts.length);
    for (const [i, part] of parts.entries()) expect(found[i]).toContain(part);
  });
});
