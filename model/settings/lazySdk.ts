/** What Node.js is to load before Pulumi's SDK, as one of its options: `components/lazySdk.ts`, by its address. */
export const lazySdkOption = `--import=${new URL("../../components/lazySdk.ts", import.meta.url).href}`;
