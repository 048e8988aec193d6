import type { TenantOutput } from "./display.ts";

/**
 * What a reader may try after `npm start`: each step works as it stands, also after those before it, and what it takes
 * back is one file.
 *
 * @param stack the stack that was deployed
 * @param tenants what its outputs say of its tenants
 * @param stacks all stacks of the project
 */
export function nextSteps(
  stack: string,
  tenants: readonly (readonly [name: string, TenantOutput])[],
  stacks: readonly string[],
): string[] {
  const active = tenants.filter(([, { lifecycle }]) => lifecycle === "active");
  // Neither takes room that the next step needs.
  const [larger] = active.find(([, { size }]) => size === "medium" || size === "large") ?? [];
  const [changed, line] = larger === undefined ? [active[0]?.[0], "lifecycle: suspended"] : [larger, "size: small"];
  const lost = active.map(([name]) => name).findLast((name) => name !== changed) ?? changed;
  const file = (name: string) => `tenants/${stack}/${name}.yaml`;
  const onStack = stack === "sandbox" ? "" : ` --stack ${stack}`;
  const again = stack === "sandbox" ? "npm start" : `npm start --${onStack}`;
  return [
    ...(changed === undefined
      ? []
      : [`Change a tenant: in ${file(changed)} write '${line}', then\n     npm run sandbox -- preview${onStack}`]),
    ...(tenants.some(([name]) => name === "mine")
      ? []
      : [
          `Add a tenant, then '${again}':\n     npm run tenants -- new mine --stack ${stack} --owner me@contoso.com --purpose trying`,
        ]),
    ...(lost === undefined
      ? []
      : [
          `Lose a tenant: delete ${file(lost)}, and read why it is refused:\n     npm run sandbox -- up${onStack}\n     'git checkout -- ${file(lost)}' brings that file back.`,
          `See what a tenant is and who may do what in it:\n     npm run tenants -- show ${lost} --stack ${stack}`,
        ]),
    ...(stack !== "dev" && stacks.includes("dev") ? ["See stack dev: npm run sandbox -- up --stack dev"] : []),
    'Do it for real: README.md, "For real"',
  ];
}
