import { columns, paint } from "../../console/terminal.ts";
import type { Plan } from "../../model/plan/plan.ts";
import type { TextFormat } from "./formats.ts";
import { planJson } from "./json.ts";
import { planMarkdown } from "./markdown.ts";
import { planText } from "./text.ts";

/** What prints a plan in each format that is read as it is printed. */
export const printers: Readonly<Record<TextFormat, (plan: Plan) => string>> = {
  text: (plan) => planText(plan, { width: columns(), paint }),
  markdown: (plan) => planMarkdown(plan),
  json: planJson,
};
