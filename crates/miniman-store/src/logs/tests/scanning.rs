//! The simple model of searching: all records of a log, grouped from its beginning, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use miniman_log::query::Query;
use miniman_log::{Place, RecordBatch, RecordRef, Severity};

use crate::logs::{Chunk, Log, ReadMax, facts};

pub(super) struct Scan(Vec<Line>);

struct Line {
    seq: i64,
    batch: Arc<RecordBatch>,
    index: usize,
    /// Where its group's head stands among the lines.
    head: usize,
    /// What it counts as when it comes.
    at_once: Severity,
    /// What it counts as once its group is over.
    severity: Severity,
    /// Here the group turns out to be an error.
    raised: bool,
}

impl Scan {
    pub(super) fn of(log: &Log) -> Self {
        let (mut lines, mut grouper, mut from) = (Vec::<Line>::new(), log.grouper(), log.bounds().first);
        while let Some(chunk) = log.read(from, ReadMax::BLOCK).unwrap() {
            from = chunk.next();
            let Chunk::Records { first, batch, range } = chunk else {
                grouper.interrupt();
                continue;
            };
            for (seq, index) in (first..).zip(range) {
                let grouped = grouper.push(&batch.get(index));
                let head = match grouped.place {
                    Place::Head => lines.len(),
                    Place::Continuation { head_offset } => lines.len() - head_offset as usize,
                };
                if grouped.raised {
                    let group = lines.iter_mut().filter(|line| line.head == head);
                    let unspecified = group.filter(|line| line.severity == Severity::UNSPECIFIED);
                    unspecified.for_each(|line| line.severity = grouped.severity);
                }
                let (severity, raised) = (grouped.severity, grouped.raised);
                lines.push(Line {
                    seq,
                    batch: batch.clone(),
                    index,
                    head,
                    at_once: severity,
                    severity,
                    raised,
                });
            }
        }
        Self(lines)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The numbers of all lines of those groups of which a line matches.
    pub(super) fn found(&self, log: &Log, query: &Query) -> Vec<i64> {
        let (identity, mut matcher) = (log.identity(), query.matcher());
        let matching = self.0.iter().filter(|line| {
            let record = line.batch.get(line.index);
            matcher.matches(&RecordRef { severity: line.severity, ..record }, &facts(&identity))
        });
        let groups: BTreeSet<_> = matching.map(|line| line.head).collect();
        self.0.iter().filter(|line| groups.contains(&line.head)).map(|line| line.seq).collect()
    }

    /// The number of the first line of each group that matches.
    pub(super) fn firsts(&self, log: &Log, query: &Query) -> Vec<i64> {
        let (identity, mut matcher) = (log.identity(), query.matcher());
        let mut groups = BTreeSet::new();
        let matching = self.0.iter().filter(|line| {
            let record = line.batch.get(line.index);
            matcher.matches(&RecordRef { severity: line.severity, ..record }, &facts(&identity))
        });
        matching.filter(|line| groups.insert(line.head)).map(|line| line.seq).collect()
    }

    /// Each of them behind the number at which it is known to be one, as the lines came.
    pub(super) fn due(&self, log: &Log, query: &Query) -> Vec<(i64, i64)> {
        let (identity, mut matcher) = (log.identity(), query.matcher());
        let mut due = Vec::new();
        let mut matched = BTreeSet::new();
        for (at, line) in self.0.iter().enumerate() {
            let group = || self.0[..=at].iter().filter(|earlier| earlier.head == line.head);
            if !matched.contains(&line.head) {
                let is_raised = group().any(|line| line.raised);
                let matches = group().any(|earlier| {
                    let record = earlier.batch.get(earlier.index);
                    let severity = if is_raised { earlier.severity } else { earlier.at_once };
                    matcher.matches(&RecordRef { severity, ..record }, &facts(&identity))
                });
                if matches {
                    matched.insert(line.head);
                    due.extend(group().map(|earlier| (line.seq, earlier.seq)));
                }
            } else {
                due.push((line.seq, line.seq));
            }
        }
        due
    }

    /// The numbers of all lines of those groups whose first line a rule finds.
    pub(super) fn hidden(&self, log: &Log, rule: &Query) -> BTreeSet<i64> {
        let (identity, mut matcher) = (log.identity(), rule.matcher());
        let mut hides = |head: usize| {
            let head = &self.0[head];
            matcher.matches(&head.batch.get(head.index), &facts(&identity))
        };
        self.0.iter().filter(|line| hides(line.head)).map(|line| line.seq).collect()
    }

    /// Lines that name no level and are not among `found`.
    pub(super) fn without_level_but(&self, found: &[i64]) -> u64 {
        let names_none = |line: &&Line| {
            line.batch.get(line.index).severity == Severity::UNSPECIFIED && !found.contains(&line.seq)
        };
        self.0.iter().filter(names_none).count() as u64
    }
}
