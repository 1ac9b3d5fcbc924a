//! What is looked for in one log, and which of a batch's lines it may be.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::query::{Finder, Haystack, Matcher, Necessary, Query};
use miniman_log::{RecordBatch, RecordRef, Severity};

use super::super::{Log, LogIdentity};
use super::facts;
use super::hide::Hide;
use super::lines::Stretch;
use super::run::Group;

/// A query as it asks of one log, with the buffers that asking needs.
pub(super) struct Scope {
    identity: Arc<LogIdentity>,
    pub(super) condition: Necessary,
    /// Whether a line's level matters: then a line without one may match by its group's.
    pub(super) asks_level: bool,
    finder: Option<Finder>,
    matcher: Matcher,
    /// What finds the first lines of groups that are left out.
    hidden: Vec<Matcher>,
    haystack: Haystack,
}

impl Scope {
    pub(super) fn new(log: &Log, query: &Query, hide: &Hide) -> Self {
        let identity = log.identity();
        Self {
            condition: query.necessary_in(&facts(&identity)),
            asks_level: query.asks_level(),
            hidden: hide.matchers(&identity),
            identity,
            finder: query.finder(),
            matcher: query.matcher(),
            haystack: Haystack::new(),
        }
    }

    /// The indexes of `range` whose records match by themselves, or may by their group's level; rising.
    pub(super) fn candidates(&mut self, batch: &RecordBatch, range: Range<usize>) -> Vec<u32> {
        let mut found = Vec::new();
        // It is borrowed from beside what is asked for each line.
        let mut haystack = std::mem::take(&mut self.haystack);
        match self.finder.take() {
            Some(finder) => {
                let lines = finder.lines(batch, &mut haystack);
                let lines = lines.skip_while(|at| *at < range.start).take_while(|at| *at < range.end);
                let exact = finder.is_exact();
                found.extend(lines.filter(|at| exact || self.may_match(batch, *at)).map(|at| at as u32));
                self.finder = Some(finder);
            }
            None => found.extend(range.filter(|at| self.may_match(batch, *at)).map(|at| at as u32)),
        }
        self.haystack = haystack;
        found
    }

    fn may_match(&mut self, batch: &RecordBatch, at: usize) -> bool {
        self.depends(batch, at) || self.matches(&batch.get(at))
    }

    /// Whether it is its group's level that decides.
    pub(super) fn depends(&self, batch: &RecordBatch, at: usize) -> bool {
        self.asks_level && batch.severities()[at] == Severity::UNSPECIFIED.number()
    }

    /// Whether the record matches, with the severity that it has here.
    pub(super) fn matches(&mut self, record: &RecordRef<'_>) -> bool {
        self.matcher.matches(record, &facts(&self.identity))
    }

    /// Whether any group may be left out.
    pub(super) fn hides(&self) -> bool {
        !self.hidden.is_empty()
    }

    /// Whether the group that begins with this line is left out.
    pub(super) fn hides_behind(&mut self, first: &RecordRef<'_>) -> bool {
        let facts = facts(&self.identity);
        self.hidden.iter_mut().any(|rule| rule.matches(first, &facts))
    }

    /// Whether a line that it covers matches as one of its group.
    pub(super) fn matches_in(&mut self, group: &Group, stretch: &Stretch, seq: i64) -> bool {
        let record = stretch.get(seq);
        self.matches(&RecordRef { severity: group.effective(record.severity), ..record })
    }
}
