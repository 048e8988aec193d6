/** How a plan can be printed where it is read as it is. */
export const textFormats = ["text", "markdown", "json"] as const;
export type TextFormat = (typeof textFormats)[number];

/** How a plan can be printed: a page, too, which shows each stack beside what changes. */
export const planFormats = [...textFormats, "html"] as const;
export type PlanFormat = (typeof planFormats)[number];
