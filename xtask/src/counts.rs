//! Counting tests from what cargo test, vitest and Playwright print.

use std::fmt;

/// How many tests passed, failed and were not run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Takes one line of output; lines that count nothing are ignored.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result: ") {
            // `ok. 7 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.1s`
            let numbers = result.split_once(". ").map_or(result, |(_, numbers)| numbers);
            for part in numbers.split("; ") {
                self.count(part);
            }
        } else if let Some(result) = line.strip_prefix("Tests ") {
            // vitest: `Tests  1 failed | 11 passed (12)`
            for part in result.split(" | ") {
                self.count(part);
            }
        } else if is_playwright_line(line) {
            self.count(line);
        }
    }

    /// `11 passed`, `1 failed (4.2s)`.
    fn count(&mut self, part: &str) {
        let mut words = part.split_whitespace();
        let (Some(Ok(number)), Some(word)) = (words.next().map(str::parse::<u64>), words.next()) else {
            return;
        };
        match word {
            "passed" => self.passed += number,
            "failed" | "flaky" | "interrupted" => self.failed += number,
            "ignored" | "skipped" | "todo" | "did" => self.skipped += number,
            _ => {}
        }
    }
}

/// Playwright ends with lines that hold a number and a word, and nothing else but a duration.
fn is_playwright_line(line: &str) -> bool {
    let mut words = line.split(' ');
    let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    let word = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    number
        && match word {
            "passed" => rest.len() <= 1 && rest.iter().all(|word| word.starts_with('(')),
            "failed" | "flaky" | "skipped" | "interrupted" => rest.is_empty(),
            "did" => rest == ["not", "run"],
            _ => false,
        }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, passed: u64, failed: u64, skipped: u64) {
        let mut counts = Counts::default();
        lines.lines().for_each(|line| counts.read(line));
        assert_eq!(counts, Counts { passed, failed, skipped }, "{lines}");
    }

    #[test]
    fn results_of_each_tool_are_counted() {
        check(
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 4.77s",
            7,
            0,
            0,
        );
        check("test result: FAILED. 2 passed; 5 failed; 1 ignored; 0 measured; 0 filtered out", 2, 5, 1);
        check(" Test Files  3 passed (3)\n      Tests  1 failed | 11 passed | 2 skipped (14)", 11, 1, 2);
        check(
            "  1 failed\n    [chromium] › log.spec.ts:3:1 › live\n  2 did not run\n  12 passed (5.3s)",
            12,
            1,
            2,
        );
    }

    #[test]
    fn other_lines_are_not_counted() {
        check("test the_10_passed ... ok\n10 passed tests are not enough\n3 files changed", 0, 0, 0);
    }
}
