import { describe, expect, test } from "vitest";
import { changesOf, errorsOf, TestProject, tenantFile } from "../support/project.ts";

/** What a deployment says of tenants with these access lists, and what it does. */
async function deploy(lists: Readonly<Record<string, string>>, directoryReadable = true) {
  const files = Object.entries(lists).map(([name, access]) => [name, tenantFile(`access: ${access}`)]);
  const project = TestProject.withTenants(Object.fromEntries(files));
  const result = await project.run("up", { conditions: { roleDelay: 0, directoryReadable } });
  const warnings = result.messages.filter(({ severity }) => severity === "warning").map(({ message }) => message);
  return {
    changes: changesOf(result).length,
    errors: errorsOf(result),
    // Of everybody without sign-in, and of full nodes, there is something to say as well.
    warnings: warnings.filter((text) => !/cannot sign in to the virtual|at most/.test(text)).map((t) => t.trim()),
  };
}

describe("people whom Entra ID cannot give access", () => {
  test("are all named with what to do: unknown, a guest's address, a name of several groups", async () => {
    const { changes, errors } = await deploy({
      ml: "{ admins: [{ user: dve@contoso.com }], developers: [{ user: dev@contoso.com }] }",
      web: "{ viewers: [{ group: ml-leaders }, { group: interns }, { group: ml-leads }] }",
      x: "{ admins: [{ user: Ellen@fabrikam.com }] }",
    });
    expect(changes).toBe(0);
    expect(errors).toEqual([
      `4 problems to mend first; nothing was changed.
tenants/test/ml.yaml:3:20: Entra ID does not know the user 'dve@contoso.com', did you mean 'dev@contoso.com'? check the spelling. Somebody deleted in the last 30 days can be restored (Entra ID, Users, Deleted users); a guest has the name that Entra ID gave them (with #EXT#), or is named by object id
tenants/test/web.yaml:3:21: Entra ID does not know the group 'ml-leaders', did you mean 'ml-leads'? check the spelling of its display name, capitals too, or write its object id
tenants/test/web.yaml:3:44: Entra ID has more than one group 'interns'; write the object id of the right one: az ad group list --display-name interns --query '[].{id:id,about:description}'
tenants/test/x.yaml:3:20: 'Ellen@fabrikam.com' is a guest's mail address; write the object id: 92d4f386-a0da-4276-9071-e37591648309 (ellen_fabrikam.com#EXT#@contoso.onmicrosoft.com)`,
    ]);
  });

  test("are told of where their account is closed, or where they are named twice by name and by object id", async () => {
    const { errors, warnings } = await deploy({
      ml: "{ admins: [{ user: joan@contoso.com }, { user: dev@contoso.com }], viewers: [{ user: 2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02 }] }",
      web: "{ admins: [{ user: dev@contoso.com }], viewers: [{ user: dev@contoso.com }] }",
    });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      "tenants/test/ml.yaml:3:20: 'joan@contoso.com' has a closed account in Entra ID and cannot sign in: remove the entry, or have the account enabled",
      "tenants/test/ml.yaml:3:86: '2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02' is 'dev@contoso.com' of line 3, who is named twice for this tenant: remove one of the two",
      "tenants/test/web.yaml:3:58: 'dev@contoso.com' stands in 'admins' already (line 3), which gives more: remove one of the two",
    ]);
  });
});

describe("a deploying identity that may not read Entra ID", () => {
  test("is told which right it lacks, and how to do without: a command for each name", async () => {
    const { changes, errors } = await deploy({ ml: "{ admins: [{ group: ml-leads }] }" }, false);
    expect(changes).toBe(0);
    expect(errors.join("\n").replaceAll(/ +$/gm, "")).toBe(
      `Entra ID could not be asked who is who; nothing was changed.
  Authorization_RequestDenied: Insufficient privileges to complete the operation. (403)
A service principal that deploys needs the application permissions User.Read.All and Group.Read.All of Microsoft Graph, with an administrator's consent; a user needs none. Object ids instead of names need no look-up and no right to make one:
  Pulumi.test.yaml:6:21: az ad user show --id admin@contoso.com --query id --output tsv
  tenants/test/ml.yaml:3:20: az ad group show --group ml-leads --query id --output tsv`,
    );
  });

  test("deploys all the same where everybody is named by object id", async () => {
    const project = TestProject.withTenants({
      ml: tenantFile("access: { admins: [{ user: 2b6d8c1f-3f63-4b0f-8f0a-7c0e2a9d1c02 }] }", "hostRole: writer"),
    });
    const settings = (admin: string) =>
      `config:\n  virtual-clusters:azure: { location: westeurope, resourceGroup: rg, clusterName: aks, clusterAdmins: [{ user: ${admin} }] }\n`;
    project.write("Pulumi.test.yaml", settings("1a2f6b0e-4f0d-4f6c-9d5b-8b8e2f7c1a01"));
    const result = await project.run("up", { conditions: { roleDelay: 0, directoryReadable: false } });
    expect([result.ok, errorsOf(result)]).toEqual([true, []]);
  });
});
