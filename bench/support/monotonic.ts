/** The system's monotonic clock in milliseconds: the same one in all processes of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
