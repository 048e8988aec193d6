/** How a note begins where nobody could look into releases: a report without drift then does not say that nothing differs. */
export const uncompared = "What is inside releases was not compared";
