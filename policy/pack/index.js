// Pulumi loads a pack by `require`, with a compiler of its own for TypeScript; what is imported from here, Node.js loads itself.
import { startPack } from "./pack.ts";

startPack(process.env);
