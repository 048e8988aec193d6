import { expect, test } from "vitest";
import { azureAnnotation, githubAnnotation } from "../../../cli/ci/annotations.ts";
import { hostileTexts } from "../../support/hostileTexts.ts";

const location = { file: "tenants/dev/ml.yaml", line: 3, column: 7 };

test.each(hostileTexts)("an annotation with %j in it is one line, and one command", (text) => {
  const problem = { severity: "warning", location: { ...location, file: `${text}.yaml` }, message: text } as const;
  for (const [line, command] of [
    [githubAnnotation(problem), /^::warning file=[^:,]*,line=3,col=7::/],
    [azureAnnotation(problem), /^##vso\[task\.logissue type=warning;sourcepath=[^;\]]*;linenumber=3;columnnumber=7\]/],
  ] as const) {
    expect(line).toMatch(command);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test("an annotation names place and message as each service encodes them", () => {
  const problem = { location: { ...location, file: "a;b]c,d:e%.yaml" }, message: "50% of\ntwo lines" };
  expect(githubAnnotation(problem)).toBe("::error file=a;b]c%2Cd%3Ae%25.yaml,line=3,col=7::50%25 of%0Atwo lines");
  expect(azureAnnotation(problem)).toBe(
    "##vso[task.logissue type=error;sourcepath=a%3Bb%5Dc,d:e%AZP25.yaml;linenumber=3;columnnumber=7]50%AZP25 of%0Atwo lines",
  );
});
