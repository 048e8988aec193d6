import { expect, test } from "vitest";
import { cannotLookUp, resolvePeople } from "../../../model/access/people.ts";
import type { Mention, PrincipalType } from "../../../model/tenant/principals.ts";

const mention = (type: PrincipalType, id: string, line: number): Mention => ({
  principal: { type, id },
  location: { file: "ml.yaml", line, column: 1 },
  tenant: "ml",
});
const user = (objectId: string, userPrincipalName: string, mail = userPrincipalName) => ({
  objectId,
  userPrincipalName,
  mail,
  accountEnabled: true,
});
const nobody = { users: [], byMail: [], groups: new Map<string, string>(), ambiguous: new Set<string>() };
const [first, second] = ["3c7e9d20-4a74-4c10-9a1b-8d1f3b0e2d03", "4d8fae31-5b85-4d21-8b2c-9e204c1f3e04"];

test("a user is found whatever the case of the name, a group by its very display name", () => {
  const { objectIds, problems } = resolvePeople([mention("User", "Ada@Contoso.com", 1), mention("Group", "Leads", 2)], {
    ...nobody,
    users: [user(first, "ada@contoso.COM")],
    groups: new Map([["leads", second]]),
  });
  expect(objectIds.get("User ada@contoso.com")).toBe(first);
  expect(problems.map(({ message }) => message)).toEqual([
    "Entra ID does not know the group 'Leads', did you mean 'leads'? check the spelling of its display name, capitals too, or write its object id",
  ]);
});

test("a group whose display name is somebody's user principal name is not taken for them", () => {
  const mentions = [mention("User", "ada@contoso.com", 1), mention("Group", "ada@contoso.com", 2)];
  const { objectIds, problems } = resolvePeople(mentions, {
    ...nobody,
    users: [user(first, "ada@contoso.com")],
    groups: new Map([["ada@contoso.com", second]]),
  });
  expect([objectIds.get("User ada@contoso.com"), objectIds.get("Group ada@contoso.com")]).toEqual([first, second]);
  expect(problems).toEqual([]);
});

test("a user and a group that nobody knows are told as that alone, whatever they have in common", () => {
  const { problems } = resolvePeople([mention("User", "OPS", 1), mention("Group", "OPS", 2)], nobody);
  expect(problems.map(({ location, message }) => `${location.line}: ${message.split(";")[0]}`)).toEqual([
    "1: Entra ID does not know the user 'OPS'",
    "2: Entra ID does not know the group 'OPS'",
  ]);
});

test("a mail address that is not a user principal name is told with everybody whose it is", () => {
  const { problems } = resolvePeople([mention("User", "shop@contoso.com", 1)], {
    ...nobody,
    byMail: [user(first, "ada@contoso.com", "shop@contoso.com"), user(second, "bob@contoso.com", "Shop@contoso.com")],
  });
  expect(problems.map(({ message }) => message)).toEqual([
    `'shop@contoso.com' is a mail address, not a user principal name; write the object id: ${first} (ada@contoso.com) or ${second} (bob@contoso.com)`,
  ]);
});

test.each([
  [
    "could not configure AzureCli Authorizer: ERROR: Please run 'az login' to setup account.",
    /^Sign in first: 'az login'/,
  ],
  ["unexpected status 503", /^Try again where that looks like a passing failure\./],
])("who cannot ask Entra ID is told what to do: %s", (reason, expected) => {
  const [, , remedy = "", ...commands] = cannotLookUp(reason, [mention("User", first, 1)]).split("\n");
  expect(remedy).toMatch(expected);
  expect(commands).toEqual([]);
});

test("the commands that look names up hold nothing that a shell would run, and nothing hidden", () => {
  const names = [
    mention("Group", "ml-leads$(touch /tmp/x)", 1),
    mention("User", "o'hara@contoso.com\u202e", 2),
    mention("User", "ada@contoso.com", 3),
  ];
  expect(cannotLookUp("503\u001b[2J", names).split("\n").slice(1)).toEqual([
    "  503\\u001b[2J",
    "Try again where that looks like a passing failure. Object ids instead of names need no look-up and no right to make one:",
    "  ml.yaml:1:1: az ad group show --group 'ml-leads$(touch /tmp/x)' --query id --output tsv",
    "  ml.yaml:2:1: az ad user show --id $'o\\x27hara@contoso.com\\xe2\\x80\\xae' --query id --output tsv",
    "  ml.yaml:3:1: az ad user show --id ada@contoso.com --query id --output tsv",
  ]);
  const { problems } = resolvePeople([mention("Group", "a`b", 1)], { ...nobody, ambiguous: new Set(["a`b"]) });
  expect(problems[0]?.message).toMatch(
    /: az ad group list --display-name 'a`b' --query '\[\]\.\{id:id,about:description\}'$/,
  );
});
