/** Runs of each way out; the project's promise is 50. */
export const RUNS = Number(process.env.EXIT_RUNS ?? 50);
const PARALLEL = 4;

/** Runs `once` that many times, a few at a time; rejects with the first failure, which says which run it was. */
export async function manyRuns(once: (run: number) => Promise<void>, runs = RUNS): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < runs) {
      const run = next++;
      try {
        await once(run);
      } catch (cause) {
        next = runs;
        throw new Error(`Run ${run + 1} of ${runs}`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
