/** The table of figures that a run ends with, as it stands in docs/benchmarks.md. */

interface Figure {
  what: string;
  value: string;
  budget: string;
}

const figures: Figure[] = [];

/** `budget` as docs say it; '' where there is none. */
export function figure(what: string, value: string, budget = ''): void {
  figures.push({ what, value, budget });
  console.log(`measured: ${what}: ${value}`);
}

export function printFigures(): void {
  const rows = [{ what: 'What', value: 'Measured', budget: 'Budget' }, ...figures];
  const width = (key: keyof Figure) => Math.max(...rows.map((row) => row[key].length));
  const widths = { what: width('what'), value: width('value'), budget: width('budget') };
  const line = (row: Figure) =>
    `| ${row.what.padEnd(widths.what)} | ${row.value.padEnd(widths.value)} | ${row.budget.padEnd(widths.budget)} |`;
  const rule = `| ${'-'.repeat(widths.what)} | ${'-'.repeat(widths.value)} | ${'-'.repeat(widths.budget)} |`;
  console.log(['', line(rows[0] ?? { what: '', value: '', budget: '' }), rule, ...figures.map(line), ''].join('\n'));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
export const mb = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`;
