/** Days before the end of support from which it is told. */
export const noticeDays = 60;

/** Days before a tenant's date (`expires`) from which it is told that it is near. */
export const expiryNoticeDays = 30;

/** Where something stands on a day: supported, about to lose that, or without it. */
export type Standing = "supported" | "ending" | "ended";

/**
 * Where something stands whose support ends with a day. Days are written as 2027-03-31.
 *
 * @param end the last day of support
 * @param notice days before the end from which it is told
 */
export function standingOn(today: string, end: string, notice = noticeDays): Standing {
  if (today > end) return "ended";
  const days = (Date.parse(end) - Date.parse(today)) / 86_400_000;
  return days <= notice ? "ending" : "supported";
}
