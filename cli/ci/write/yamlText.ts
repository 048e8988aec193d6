import { Document, isScalar, visit } from "yaml";
import { versionOf } from "./pinnedActions.ts";

/** A pipeline as the text of its file; behind each pinned action stands which release it is. */
export function yamlText(pipeline: object): string {
  const document = new Document(pipeline, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      const version = isScalar(node) && typeof node.value === "string" ? versionOf(node.value) : undefined;
      if (version !== undefined) node.comment = ` ${version}`;
    },
    Pair: (_, { key }) => {
      // A line between the parts that a reader looks for.
      if (isScalar(key) && ["jobs", "stages"].includes(String(key.value))) key.spaceBefore = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}
