/** The one of `words` that takes the fewest single-character edits to become `typed`. */
export function closestWord(typed: string, words: readonly string[]): string | undefined {
  const [closest] = words
    .map((word) => ({ word, distance: editDistance(typed, word) }))
    .sort((a, b) => a.distance - b.distance);
  return closest?.word;
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const above = row[column]!;
      const diagonal = row[column - 1]!;
      const left = next[column - 1]!;
      next.push(Math.min(above + 1, left + 1, diagonal + (to[column - 1] === character ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}
