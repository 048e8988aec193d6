/** The variable of the environment that {@link today} reads. */
export const todayVariable = "VIRTUAL_CLUSTERS_TODAY";

/**
 * The day by which support is judged, as 2027-03-31: that of the machine's clock (UTC), or the one in
 * `VIRTUAL_CLUSTERS_TODAY`, for whoever wants to see what another day will bring. What is no day there is not listened to.
 */
export function today(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment[todayVariable] ?? "";
  const isDay = /^\d{4}-\d\d-\d\d$/.test(named) && !Number.isNaN(Date.parse(named));
  return isDay ? named : new Date().toISOString().slice(0, 10);
}
