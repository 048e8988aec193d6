/**
 * The environment variable that has the program send the SDK's messages for debugging to the engine: `true`, by default not.
 * `npm run preview` and `up` set it where `--debug` is given; whoever starts the CLI itself does so, too.
 *
 * @example VIRTUAL_CLUSTERS_SDK_DEBUG=true npx pulumi preview --debug
 */
export const sdkDebugVariable = "VIRTUAL_CLUSTERS_SDK_DEBUG";
