/** C0 and C1: a camera's name must not move the cursor or recolour the terminal. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/g;

/** Prints one line for whoever reads the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one line for the person at the terminal, beside the result. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Values by their names; what is not known is undefined. */
export type Facts = Readonly<Record<string, string | undefined>>;

/** A line for each fact that is known. */
export function printFacts(facts: Facts): void {
  const known = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  for (const [name, value] of known) print(`${name.padEnd(width)}  ${printable(value)}`);
}

/** Rows under a heading, in columns as wide as their widest text. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const cells = rows.map((row) => row.map(printable));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  for (const row of cells)
    print(
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}

/** The text without what a terminal would act on. */
export function printable(text: string): string {
  return text.replace(CONTROL_CHARACTERS, '\uFFFD');
}

/** Whoever read the output has gone (`framewell watch front | head -3`): there is nobody left to work for. */
export function leaveWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
