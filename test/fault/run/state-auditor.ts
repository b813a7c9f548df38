import type { CameraReport } from '../../support/framewell-server.js';

/** What a busy machine may add to any deadline. */
const SLACK_MS = 2000;

export interface Deadlines {
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** Holds what the API tells of the cameras against the deadlines that the server was given. */
export class StateAuditor {
  readonly violations: string[] = [];
  readonly #deadlines: Deadlines;

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  audit(reports: readonly CameraReport[]): void {
    const nowMs = Date.now();
    for (const report of reports) {
      const violation = this.#violationOf(report, nowMs);
      if (violation) this.violations.push(`${report.id}: ${violation}`);
    }
  }

  #violationOf({ state, ages }: CameraReport, nowMs: number): string | undefined {
    const { connectTimeoutMs, stallTimeoutMs } = this.#deadlines;
    const sinceMs = nowMs - Date.parse(state.since);
    if (state.name === 'connecting' && sinceMs > connectTimeoutMs + SLACK_MS) {
      return `Expected an end of connecting by its deadline but it lasts for ${sinceMs} ms`;
    }
    if (state.retryAt !== undefined && nowMs - Date.parse(state.retryAt) > SLACK_MS) {
      return `Expected a try at ${state.retryAt} but the camera still waits`;
    }
    if (state.name === 'live' && (ages.accessUnitMs ?? Infinity) > stallTimeoutMs + SLACK_MS) {
      return `Expected a stall to be noticed but the camera is live ${ages.accessUnitMs} ms after its last picture`;
    }
    return undefined;
  }
}
