/**
 * How many times the usual the engine may take: tests multiply their bounds on time, memory, and pictures left out for
 * want of time by it. More than 1 where it is built for sanitizers, which make it slow and keep aside what it frees.
 */
export const ALLOWANCE = process.env.FRAMEWELL_SANITIZED_ADDON === undefined ? 1 : 3;
