//! The lines around a log's matches: so many before and behind each, of the same log, never one twice.
//!
//! Nothing is kept of what was passed: lines before a match are read again when it is found, and those behind it are taken
//! as the search comes to them. A gap ends them, and so does the edge of what is asked for.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::RecordBatch;
use miniman_store::logs::{Chunk, Found, Gap, Log, ReadMax, StoreError};

use super::{Keeps, Order, Span, Wanted};

/// Lines of context to each side of a match.
pub const CONTEXT_LINES_MAX: u32 = 1_000;
/// Bytes that are read for them at once; what is longer is cut short.
const CONTEXT_BYTES_MAX: usize = 1 << 20;

/// See the module's words.
pub(super) struct Surroundings {
    keeps: Keeps,
    lines: i64,
    /// What may be given still: from here on where the oldest comes first, else up to here.
    open: i64,
    /// Context goes up to here (and without it) where the oldest comes first, else down to here.
    owed: i64,
}

/// What a step of a search gives.
pub(super) enum Given {
    Nothing,
    Gap(Gap),
    /// `picks` are rising indexes of `batch`, whose first record has number `first`; with whether they are context.
    Records {
        first: i64,
        batch: Arc<RecordBatch>,
        picks: Vec<(u32, bool)>,
    },
}

impl Given {
    /// The lowest number that is given.
    pub(super) fn lowest(&self) -> Option<i64> {
        match self {
            Self::Records { first, picks, .. } => picks.first().map(|(index, _)| first + i64::from(*index)),
            Self::Nothing | Self::Gap(_) => None,
        }
    }
}

impl Surroundings {
    pub(super) fn new(span: &Span, order: Order, wanted: &Wanted<'_>) -> Self {
        let (open, owed) = match order {
            Order::Asc => (span.context_from.min(span.from), i64::MIN),
            Order::Desc => (span.to, i64::MAX),
        };
        let lines = i64::from(wanted.context.min(CONTEXT_LINES_MAX));
        Self { keeps: Arc::clone(&wanted.keeps), lines, open, owed }
    }

    /// Whether the last match wants lines of what is left of its span.
    pub(super) fn is_owed(&self, span: &Span, order: Order) -> bool {
        span.from < span.to
            && match order {
                Order::Asc => self.owed > span.from,
                Order::Desc => self.owed < span.to,
            }
    }

    /// What is given of a step that covered these numbers.
    pub(super) fn given(
        &mut self,
        log: &Log,
        covered: &Range<i64>,
        found: Found,
        order: Order,
    ) -> Result<Given, StoreError> {
        let (first, batch, mut matches) = match found {
            Found::Gap(gap) => {
                (self.open, self.owed) = match order {
                    Order::Asc => (covered.end, i64::MIN),
                    Order::Desc => (covered.start, i64::MAX),
                };
                return Ok(Given::Gap(gap));
            }
            Found::Nothing => (covered.start, Arc::default(), Vec::new()),
            Found::Records { first, batch, matches } => (first, batch, matches),
        };
        matches.retain(|index| (self.keeps)(&batch, *index as usize));
        if self.lines == 0 {
            let picks: Vec<_> = matches.into_iter().map(|index| (index, false)).collect();
            return Ok(if picks.is_empty() {
                Given::Nothing
            } else {
                Given::Records { first, batch, picks }
            });
        }
        let matches: Vec<i64> = matches.into_iter().map(|index| first + i64::from(index)).collect();
        let Some(wanted) = self.wanted(covered, &matches, order) else { return Ok(Given::Nothing) };
        let (start, batch) = run(log, wanted, covered, order)?;
        let end = start + batch.len() as i64;
        let near = |seq: &i64| self.is_near(*seq, &matches, order);
        let picks: Vec<_> = (start..end)
            .filter(near)
            .map(|seq| ((seq - start) as u32, matches.binary_search(&seq).is_err()))
            .collect();
        let highest = picks.last().map(|(index, _)| start + i64::from(*index));
        let lowest = picks.first().map(|(index, _)| start + i64::from(*index));
        match order {
            Order::Asc => {
                self.open = highest.map_or(self.open, |seq| self.open.max(seq + 1));
                self.owed = matches.last().map_or(self.owed, |last| last + self.lines + 1);
            }
            Order::Desc => {
                self.open = lowest.map_or(self.open, |seq| self.open.min(seq));
                self.owed = matches.first().map_or(self.owed, |first| first - self.lines);
            }
        }
        if picks.is_empty() {
            return Ok(Given::Nothing);
        }
        Ok(Given::Records { first: start, batch: Arc::new(batch), picks })
    }

    /// From the lowest to the highest number that is given of this step.
    fn wanted(&self, covered: &Range<i64>, matches: &[i64], order: Order) -> Option<Range<i64>> {
        let around = matches.first().zip(matches.last());
        let around = around.map(|(first, last)| first - self.lines..last + self.lines + 1);
        let (rest, edge) = match order {
            Order::Asc => (covered.start..self.owed.min(covered.end), self.open..covered.end),
            Order::Desc => (self.owed.max(covered.start)..covered.end, covered.start..self.open),
        };
        let rest = Some(rest).filter(|rest| !rest.is_empty());
        let all = match (around, rest) {
            (Some(around), Some(rest)) => around.start.min(rest.start)..around.end.max(rest.end),
            (around, rest) => around.or(rest)?,
        };
        let all = all.start.max(edge.start)..all.end.min(edge.end);
        Some(all).filter(|all| !all.is_empty())
    }

    /// Whether a line is a match, or near one, this step's or the one before.
    fn is_near(&self, seq: i64, matches: &[i64], order: Order) -> bool {
        let owed = match order {
            Order::Asc => seq < self.owed,
            Order::Desc => seq >= self.owed,
        };
        let behind = matches.partition_point(|found| *found < seq);
        let next = matches.get(behind).is_some_and(|found| found - seq <= self.lines);
        let last = behind.checked_sub(1).is_some_and(|before| seq - matches[before] <= self.lines);
        owed || next || last
    }
}

/// The records of `wanted` that lie in one run with those of `covered`, and the first one's number.
fn run(
    log: &Log,
    wanted: Range<i64>,
    covered: &Range<i64>,
    order: Order,
) -> Result<(i64, RecordBatch), StoreError> {
    // Where the two meet; without a match in it, that is the edge at which the search came in.
    let seam = match order {
        Order::Asc => wanted.start.max(covered.start),
        Order::Desc => wanted.end.min(covered.end),
    };
    let (mut parts, mut start) = (Vec::new(), seam);
    let mut bytes = 0;
    while start > wanted.start && bytes < CONTEXT_BYTES_MAX {
        let max = ReadMax { records: (start - wanted.start) as usize, bytes: CONTEXT_BYTES_MAX };
        let Some(Chunk::Records { first, batch, range }) = log.read_back(start, max)? else { break };
        bytes += if first < covered.start { bytes_of(&batch, &range) } else { 0 };
        start = first;
        parts.push((batch, range));
    }
    parts.reverse();
    let (mut end, mut bytes) = (seam, 0);
    while end < wanted.end && bytes < CONTEXT_BYTES_MAX {
        let max = ReadMax { records: (wanted.end - end) as usize, bytes: CONTEXT_BYTES_MAX };
        let Some(Chunk::Records { first, batch, range }) =
            log.read(end, max)?.filter(|chunk| chunk.first() == end)
        else {
            break;
        };
        end = first + range.len() as i64;
        bytes += if end > covered.end { bytes_of(&batch, &range) } else { 0 };
        parts.push((batch, range));
    }
    let mut all = RecordBatch::new();
    parts.iter().for_each(|(batch, range)| all.extend_from(batch, range.clone()));
    Ok((start, all))
}

fn bytes_of(batch: &RecordBatch, range: &Range<usize>) -> usize {
    range.clone().map(|index| batch.body(index).len() + 1).sum()
}
