import { oneLine, printable } from "../../model/text/printable.ts";
import { isError, type Problem } from "../../model/text/problems.ts";

/** GitHub's runner takes a line that begins with "::" for a command; so does nothing that follows in it. */
export function githubAnnotation({ severity = "error", location, message }: Problem): string {
  const encode = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string) => encode(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const place = `file=${property(oneLine(location.file))},line=${location.line},col=${location.column}`;
  return `::${severity} ${place}::${encode(printable(message))}`;
}

/** The same for the agent of Azure Pipelines, which names files from the repository's root likewise. */
export function azureAnnotation(problem: Problem): string {
  const { location, message } = problem;
  const place = `sourcepath=${azureProperty(oneLine(location.file))};linenumber=${location.line};columnnumber=${location.column}`;
  return azureIssue(isError(problem) ? "error" : "warning", message, place);
}

/** A line that Azure Pipelines shows among a run's errors or warnings. */
export function azureIssue(type: "error" | "warning", message: string, place = ""): string {
  return `##vso[task.logissue type=${type};${place}]${azureEncoded(printable(message))}`;
}

function azureEncoded(text: string): string {
  return text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function azureProperty(text: string): string {
  return azureEncoded(text).replaceAll(";", "%3B").replaceAll("]", "%5D");
}
