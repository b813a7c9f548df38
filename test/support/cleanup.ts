/**
 * What a suite has opened. Closes the last first, and also what was opened before a set-up failed half-way: a
 * process or socket left behind would keep the test runner waiting.
 */
export class Cleanup {
  readonly #closers: (() => Promise<void>)[] = [];

  /** `close` runs at the end. Gives `resource` back. */
  add<T>(resource: T, close: (resource: T) => Promise<void>): T {
    this.#closers.push(() => close(resource));
    return resource;
  }

  /** Rejects with the first failure, after all have been closed. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
