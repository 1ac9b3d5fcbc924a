//! The accounting: which numbers a reader got of a container's numbered lines, and whether that is what was written.
//!
//! A [`Ledger`] keeps runs of numbers rather than lines, so a reader of millions stays small; it is judged afterwards,
//! because what Docker itself kept of a container's output is only known at the end.

use serde_json::Value;

/// Runs and gaps that a ledger keeps: enough for gaps on purpose. A reader that gets mere disorder would fill memory.
const ENTRIES_MAX: usize = 100_000;
/// Sentences about one ledger: the first few say it.
const WRONG_MAX: usize = 5;

/// The numbers that are in a container's log, as ascending runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written(Vec<(u64, u64)>);

impl Written {
    /// 0 up to and without `count`.
    pub(super) fn up_to(count: u64) -> Written {
        Written(if count == 0 { Vec::new() } else { vec![(0, count - 1)] })
    }

    /// The numbers of `lines`, which must ascend.
    ///
    /// # Errors
    /// The first line that has no number or a lower one than the line before.
    pub(super) fn of_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Written, String> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for line in lines {
            let number = number(line).ok_or_else(|| format!("no numbered line: {line:?}"))?;
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                Some((_, last)) if *last >= number => {
                    return Err(format!("{number} is written behind {last}"));
                }
                _ => runs.push((number, number)),
            }
        }
        Ok(Written(runs))
    }

    /// How many.
    pub(super) fn count(&self) -> u64 {
        self.count_in(0, u64::MAX)
    }

    /// The last number.
    pub(super) fn last(&self) -> Option<u64> {
        self.0.last().map(|(_, last)| *last)
    }

    fn count_in(&self, from: u64, to: u64) -> u64 {
        let shares = self.0.iter().map(|(first, last)| {
            let (first, last) = (*first.max(&from), *last.min(&to));
            (last + 1).saturating_sub(first)
        });
        shares.sum()
    }
}

/// What one reader got of one log, in the order in which it got it.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// For sentences: who read, and which container.
    title: String,
    entries: Vec<Entry>,
    last_seq: Option<i64>,
    wrong: Vec<String>,
}

#[derive(Clone, Debug)]
enum Entry {
    Run { first: u64, last: u64, cursor: String },
    Gap { missed: Option<u64>, reason: String, cursor: String },
}

/// What a judged ledger comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) lines: u64,
    /// Lines that gaps stand for.
    pub(super) reported: u64,
    /// Gaps whose count nobody can know.
    pub(super) unknown: u64,
    pub(super) wrong: Vec<String>,
}

impl Ledger {
    pub(super) fn new(title: &str) -> Ledger {
        Ledger { title: title.to_owned(), entries: Vec::new(), last_seq: None, wrong: Vec::new() }
    }

    /// The number of the last record or gap.
    pub(super) fn last_seq(&self) -> Option<i64> {
        self.last_seq
    }

    /// Takes a record, as batches and answers hold it.
    pub(super) fn record(&mut self, record: &Value) {
        let cursor = record["cursor"].as_str().unwrap_or_default();
        let body = record["body"].as_str().unwrap_or_default();
        let Some(number) = number(body) else {
            return self.complain(format!("no numbered line at {cursor}: {:?}", shortened(body)));
        };
        let seq = seq_of(cursor);
        if let (Some(last), Some(seq)) = (self.last_seq, seq)
            && seq != last + 1
        {
            self.complain(format!("line {number} at {cursor} follows the number {last} without a gap"));
        }
        self.last_seq = seq.or(self.last_seq);
        match self.entries.last_mut() {
            Some(Entry::Run { last, .. }) if *last + 1 == number => *last = number,
            _ => self.push(Entry::Run { first: number, last: number, cursor: cursor.to_owned() }),
        }
    }

    /// Takes a gap, as `log_gap` and the rows of answers tell it.
    pub(super) fn gap(&mut self, gap: &Value) {
        let cursor = gap["from"].as_str().unwrap_or_default().to_owned();
        self.last_seq = gap["to"].as_str().and_then(seq_of).or(self.last_seq);
        let reason = gap["reason"].as_str().unwrap_or_default().to_owned();
        self.push(Entry::Gap { missed: gap["missed"].as_u64(), reason, cursor });
    }

    /// Compares with what was written. A gap without a count is right only for one of the reasons in `unknowable`, and
    /// then stands for what is missing there.
    pub(super) fn judge(&self, written: &Written, unknowable: &[&str]) -> Verdict {
        let mut verdict = Verdict { wrong: self.wrong.clone(), ..Verdict::default() };
        let mut wrong = Vec::new();
        let (mut next, mut hole) = (0, Hole::default());
        for entry in &self.entries {
            match entry {
                Entry::Gap { missed, reason, cursor } => {
                    if missed.is_none() {
                        verdict.unknown += 1;
                        if !unknowable.contains(&reason.as_str()) {
                            wrong.push(format!("a gap without a count at {cursor} ({reason})"));
                        }
                    }
                    hole.add(*missed, cursor);
                }
                Entry::Run { first, last, cursor } if *first < next => {
                    let seen = next - 1;
                    wrong.push(format!("lines {first} to {last} at {cursor} come behind line {seen}"));
                    verdict.lines += last - first + 1;
                    next = next.max(last + 1);
                }
                Entry::Run { first, last, cursor } => {
                    verdict.reported += hole.close(written, (next, *first), cursor, &mut wrong);
                    let (lines, there) = (last - first + 1, written.count_in(*first, *last));
                    if lines != there {
                        let never = lines - there;
                        wrong.push(format!(
                            "{never} of lines {first} to {last} at {cursor} were never written"
                        ));
                    }
                    verdict.lines += lines;
                    next = last + 1;
                }
            }
        }
        verdict.reported += hole.close(written, (next, u64::MAX), "the end", &mut wrong);
        verdict.wrong.extend(wrong);
        verdict.wrong.truncate(WRONG_MAX);
        verdict.wrong.iter_mut().for_each(|sentence| sentence.insert_str(0, &format!("{}: ", self.title)));
        verdict
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() < ENTRIES_MAX {
            self.entries.push(entry);
        } else {
            self.complain("it came in too many pieces to account for".to_owned());
        }
    }

    pub(super) fn complain(&mut self, sentence: String) {
        if self.wrong.len() < WRONG_MAX {
            self.wrong.push(sentence);
        }
    }
}

/// What gaps in a row say about the lines that are missing there.
#[derive(Default)]
struct Hole {
    told: u64,
    unknown: bool,
    cursor: Option<String>,
}

impl Hole {
    fn add(&mut self, missed: Option<u64>, cursor: &str) {
        self.told += missed.unwrap_or(0);
        self.unknown |= missed.is_none();
        self.cursor.get_or_insert_with(|| cursor.to_owned());
    }

    /// The lines from `missing.0` up to and without `missing.1` have not come; gives how many of them the gaps account for.
    fn close(&mut self, written: &Written, missing: (u64, u64), at: &str, wrong: &mut Vec<String>) -> u64 {
        let hole = std::mem::take(self);
        let (from, end) = missing;
        let missing = if end > from { written.count_in(from, end - 1) } else { 0 };
        let at = hole.cursor.as_deref().unwrap_or(at);
        if hole.unknown {
            if missing < hole.told {
                wrong.push(format!(
                    "{missing} lines are missing at {at}, and the gaps there say {}",
                    hole.told
                ));
            }
            return missing;
        }
        if missing != hole.told {
            let until = end.checked_sub(1).filter(|_| end < u64::MAX).or(written.last()).unwrap_or(from);
            wrong.push(format!(
                "{missing} lines ({from} to {until}) are missing before {at}, and gaps report {}",
                hole.told
            ));
        }
        hole.told.min(missing)
    }
}

/// The number that a line of `numbered-writer` starts with.
pub(super) fn number(line: &str) -> Option<u64> {
    line.split(' ').next()?.trim_end().parse().ok()
}

/// The number in `<log>:<seq>`.
pub(super) fn seq_of(cursor: &str) -> Option<i64> {
    cursor.rsplit_once(':')?.1.parse().ok()
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}

#[cfg(test)]
mod tests;
