//! A query's lines out of a log that comes by once: whole groups, as a search in the store gives them.
//!
//! A group is decided when it ends, and what stands behind its first line waits so long, because rows keep their order.
//! Once live, a match goes out when it comes and brings what came before it in its group.

use std::collections::VecDeque;
use std::sync::Arc;

use miniman_engine::Container;
use miniman_log::group::GROUP_RECORDS_MAX;
use miniman_log::query::{Facts, Necessary, Query};
use miniman_log::{Grouper, HeadPattern, Matcher, Place, RecordRef, Severity};

use super::around::Around;
use super::lane::Row;
use crate::Keeps;

/// Bytes of bodies that wait for their groups to end: 16 of the longest groups. Beyond, the oldest is decided as it is.
const HELD_BYTES_MAX: usize = 4 << 20;

pub(super) struct Sieve {
    container: Arc<Container>,
    matcher: Matcher,
    /// Lines without a level may match by their group's.
    asks_level: bool,
    grouper: Grouper,
    /// The open group of each stream.
    open: [Group; 2],
    held: VecDeque<Held>,
    /// Number of the first that is held.
    first: u64,
    held_bytes: usize,
    around: Around,
    live: bool,
    unspecified: u64,
}

struct Held {
    /// `None` once it was given.
    row: Option<Row>,
    bytes: usize,
    stream: usize,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Open,
    Kept,
    Dropped,
}

/// Lines that belong together.
#[derive(Debug, Default)]
struct Group {
    /// Numbers of those that are not decided; none once one matched.
    members: Vec<u64>,
    severity: Severity,
    matched: bool,
}

impl Sieve {
    pub(super) fn new(container: Arc<Container>, query: &Query, context: u32) -> Self {
        let pattern = container.multiline.as_deref().and_then(|pattern| HeadPattern::new(pattern).ok());
        Self {
            container,
            matcher: query.matcher(),
            asks_level: query.asks_level(),
            grouper: pattern.map_or_else(Grouper::new, Grouper::with_pattern),
            open: Default::default(),
            held: VecDeque::new(),
            first: 0,
            held_bytes: 0,
            around: Around::new(context),
            live: false,
            unspecified: 0,
        }
    }

    /// Records without a level that were left out, where levels are asked for.
    pub(super) fn unspecified(&self) -> u64 {
        self.unspecified
    }

    /// The log's next record.
    pub(super) fn push(&mut self, row: Row) {
        let record = row.record();
        let (grouped, stream) = (self.grouper.push(&record), record.iostream.index());
        let number = self.first + self.held.len() as u64;
        let bytes = record.body.len();
        self.held_bytes += bytes;
        if grouped.place == Place::Head {
            self.decide(stream);
            self.open[stream].severity = grouped.severity;
        }
        let group = &mut self.open[stream];
        if grouped.raised {
            group.severity = grouped.severity;
        }
        let verdict = if group.matched { Verdict::Kept } else { Verdict::Open };
        self.held.push_back(Held { row: Some(row), bytes, stream, verdict });
        // A level that may still be raised decides at the end only.
        let group = &mut self.open[stream];
        if !group.matched {
            group.members.push(number);
            let from = if grouped.raised { 0 } else { group.members.len() - 1 };
            if self.live || !self.asks_level {
                self.look(stream, from);
            }
        }
        while self.held.len() > GROUP_RECORDS_MAX as usize || self.held_bytes > HELD_BYTES_MAX {
            let Some(front) = self.held.front() else { break };
            if front.verdict != Verdict::Open {
                // What can go goes before anything is decided early.
                break;
            }
            self.decide(front.stream);
        }
    }

    /// Records are missing here; all before is decided and given.
    pub(super) fn interrupt(&mut self, keeps: Option<&Keeps>, out: &mut VecDeque<Row>) {
        self.end();
        self.drain(keeps, out);
        self.grouper.interrupt();
        self.around.interrupt();
    }

    /// Nothing belongs to the open groups any more.
    pub(super) fn end(&mut self) {
        (0..self.open.len()).for_each(|stream| self.decide(stream));
    }

    pub(super) fn go_live(&mut self) {
        self.live = true;
        for stream in 0..self.open.len() {
            self.look(stream, 0);
        }
    }

    /// Gives what is decided.
    pub(super) fn drain(&mut self, keeps: Option<&Keeps>, out: &mut VecDeque<Row>) {
        let given = |row: &Row| keeps.is_none_or(|keeps| keeps(&row.batch, row.index));
        if self.live {
            for held in self.held.iter_mut().filter(|held| held.verdict == Verdict::Kept) {
                out.extend(held.row.take().filter(given));
            }
        }
        while let Some(held) = self.held.pop_front_if(|held| held.verdict != Verdict::Open) {
            self.first += 1;
            self.held_bytes -= held.bytes;
            let Some(row) = held.row else { continue };
            let found = held.verdict == Verdict::Kept;
            if !found && self.asks_level && row.record().severity == Severity::UNSPECIFIED {
                self.unspecified += 1;
            }
            let is_match = found && given(&row);
            self.around.push(row, is_match, out);
        }
    }

    /// Decides a stream's open group by what is known of it, and begins another.
    fn decide(&mut self, stream: usize) {
        if !self.open[stream].matched && self.asks_level {
            self.look(stream, 0);
        }
        let group = std::mem::take(&mut self.open[stream]);
        if !group.matched {
            self.mark(&group.members, Verdict::Dropped);
        }
        self.open[stream].severity = group.severity;
    }

    /// Looks at the group's members from the one at `from` on, and keeps all when one matches.
    fn look(&mut self, stream: usize, from: usize) {
        let Self { matcher, container, held, first, .. } = self;
        let group = &mut self.open[stream];
        let facts = facts(container);
        group.matched |= group.members[from.min(group.members.len())..].iter().any(|number| {
            let row = held.get(number.wrapping_sub(*first) as usize).and_then(|held| held.row.as_ref());
            row.is_some_and(|row| {
                let record = row.record();
                let own = record.severity;
                let severity = if own == Severity::UNSPECIFIED { group.severity } else { own };
                matcher.matches(&RecordRef { severity, ..record }, &facts)
            })
        });
        if group.matched {
            let members = std::mem::take(&mut group.members);
            self.mark(&members, Verdict::Kept);
        }
    }

    fn mark(&mut self, members: &[u64], verdict: Verdict) {
        for number in members {
            if let Some(held) = self.held.get_mut(number.wrapping_sub(self.first) as usize) {
                held.verdict = verdict;
            }
        }
    }
}

/// Whether a line of the container may match.
pub(super) fn may_match(container: &Container, query: &Query) -> bool {
    query.necessary_in(&facts(container)) != Necessary::Nothing
}

fn facts(container: &Container) -> Facts<'_> {
    Facts {
        container: &container.name,
        stack: container.stack.as_deref().unwrap_or_default(),
        service: container.service.as_deref().unwrap_or_default(),
    }
}
