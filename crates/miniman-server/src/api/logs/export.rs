//! Finite reading of a view: from the store's blocks to encoded chunks, on a thread of its own.
//!
//! One log is read block by block and goes straight from the columns to the encoder; several are merged by time, row
//! by row. Nothing is held but a block and the chunk being written, so a log of any length takes the same memory. The
//! end is fixed at the start: what is appended meanwhile is not part of the answer.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use miniman_hub::{Cursor, Keeps, Merged, Order, Row, Span, Step, Wanted};
use miniman_log::query::Query;
use miniman_log::{RecordBatch, Severity, Timestamp};
use miniman_store::logs::{Chunk, Gap, Hide, Log, LogId, ReadMax, StoreError};

use super::output::Output;
use super::sink::Stopped;
use crate::api::encode::{LogTag, RecordFilter};
use crate::api::wire;

/// Which part of each log of a view is wanted.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) after: Option<Cursor>,
    pub(super) before: Option<Cursor>,
}

/// One answer being read.
pub(super) struct Export {
    pub(super) logs: Vec<Log>,
    pub(super) bounds: Bounds,
    pub(super) filter: RecordFilter,
    /// Only records that it finds.
    pub(super) query: Option<Query>,
    /// What is left out of what the query finds; not without a query.
    pub(super) hide: Hide,
    /// Lines around each match.
    pub(super) context: u32,
    /// Of each group only its first line that matches.
    pub(super) firsts: bool,
    pub(super) order: Order,
    pub(super) limit: Option<u64>,
    pub(super) tail: Option<u64>,
}

/// What a search looked at and gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) scanned: u64,
    pub(super) matched: u64,
    /// Records without a level that a filter by level left out.
    pub(super) unspecified: u64,
}

/// What was found goes out after this, though it fills no chunk.
const FLUSH_AFTER: Duration = Duration::from_millis(50);

#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error("the log could not be read")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Where a reading stands.
#[derive(Debug)]
pub(super) struct Reached {
    /// Of each log: behind what was read in ascending order, before it in descending order.
    pub(super) cursor: Cursor,
    /// Nothing of the range is left.
    pub(super) exhausted: bool,
    /// Records that may still be given; `None` without a limit.
    pub(super) left: Option<u64>,
    pub(super) tally: Tally,
}

struct Reading<'a> {
    lanes: Vec<Lane>,
    output: &'a mut Output,
    filter: RecordFilter,
    query: Option<Query>,
    hide: Hide,
    context: u32,
    firsts: bool,
    order: Order,
    left: u64,
    tally: Tally,
    flushed: Instant,
}

/// One log's part of a reading; what is left of it is `from..to`.
struct Lane {
    log: Log,
    tag: LogTag,
    from: i64,
    to: i64,
    /// Context may begin here, before `from`.
    context_from: i64,
    /// The log's end when reading began.
    end: i64,
}

impl Export {
    /// Reads and encodes; full chunks go out, the rest stays in the encoder.
    pub(super) fn run(self, output: &mut Output) -> Result<Reached, ExportError> {
        let lanes = self.lanes()?;
        self.read(lanes, output)
    }

    /// What is asked for of each log, up to where it ends now.
    fn lanes(&self) -> Result<Vec<Lane>, StoreError> {
        self.logs.iter().map(|log| self.bounds.lane(log)).collect()
    }

    fn read(self, mut lanes: Vec<Lane>, output: &mut Output) -> Result<Reached, ExportError> {
        if let Some(count) = self.tail {
            let wanted = self.query.as_ref().map(|query| Wanted {
                query,
                hide: &self.hide,
                keeps: keeps(self.filter, Arc::default()),
                context: 0,
                firsts: self.firsts,
            });
            keep_last(&mut lanes, count, self.filter, wanted.as_ref(), output)?;
            // What `tail` leaves out may stand around what it keeps.
            for lane in &mut lanes {
                lane.context_from = lane.context_from.max(lane.from.saturating_sub(i64::from(self.context)));
            }
        }
        let mut reading = Reading {
            lanes,
            output,
            filter: self.filter,
            query: self.query,
            hide: self.hide,
            context: self.context,
            firsts: self.firsts,
            order: self.order,
            left: self.limit.unwrap_or(u64::MAX),
            tally: Tally::default(),
            flushed: Instant::now(),
        };
        if reading.lanes.len() == 1 && reading.query.is_none() {
            reading.one()?
        } else {
            reading.merged()?
        }
        Ok(reading.reached(self.limit.is_some()))
    }
}

impl Bounds {
    fn lane(&self, log: &Log) -> Result<Lane, StoreError> {
        // First: what comes meanwhile belongs to whoever follows from here on.
        let end = log.bounds().next;
        let Range { start: from, end: to } = self.numbers(log)?;
        let tag = LogTag::new(log.id().0, &log.identity().container_id);
        Ok(Lane { log: log.clone(), tag, from, to: to.min(end), context_from: from, end })
    }

    /// Which numbers of a log are wanted; it may be an empty range.
    pub(super) fn numbers(&self, log: &Log) -> Result<Range<i64>, StoreError> {
        let (id, bounds) = (log.id(), log.bounds());
        let mut from = bounds.first;
        let mut to = bounds.next;
        if let Some(since) = self.since {
            from = from.max(log.seek(since)?);
        }
        if let Some(seq) = self.after.as_ref().and_then(|cursor| cursor.get(id)) {
            from = from.max(seq.saturating_add(1));
        }
        if let Some(until) = self.until {
            to = to.min(log.seek(until)?);
        }
        if let Some(seq) = self.before.as_ref().and_then(|cursor| cursor.get(id)) {
            to = to.min(seq);
        }
        Ok(from.min(bounds.next)..to.max(bounds.first))
    }
}

impl Reading<'_> {
    fn one(&mut self) -> Result<(), ExportError> {
        while self.left > 0 && self.lanes[0].from < self.lanes[0].to {
            let lane = &mut self.lanes[0];
            let chunk = match self.order {
                Order::Asc => {
                    lane.log.read(lane.from, ReadMax::BLOCK)?.filter(|chunk| chunk.first() < lane.to)
                }
                Order::Desc => {
                    lane.log.read_back(lane.to, ReadMax::BLOCK)?.filter(|chunk| chunk.next() > lane.from)
                }
            };
            match chunk {
                Some(Chunk::Records { first, batch, range }) => self.run_of(first, &batch, range)?,
                Some(Chunk::Gap(gap)) => self.gap(0, &gap)?,
                // Retention took the rest meanwhile.
                None => self.lanes[0].pass_all(self.order),
            }
        }
        Ok(())
    }

    /// A run of one log's records, of which a part may lie outside the lane.
    fn run_of(&mut self, first: i64, batch: &RecordBatch, range: Range<usize>) -> Result<(), ExportError> {
        let Lane { from, to, .. } = self.lanes[0];
        let skip = usize::try_from(from - first).unwrap_or(0);
        let end = range.end.min(range.start.saturating_add(usize::try_from(to - first).unwrap_or(0)));
        let run = range.start.saturating_add(skip).min(end)..end;
        let seq = |index: usize| first + (index - range.start) as i64;
        match self.order {
            Order::Asc => {
                for index in run {
                    if self.record(0, seq(index), batch, index)? {
                        return Ok(());
                    }
                }
                // What came behind the lane meanwhile may be in the same read.
                self.lanes[0].from = to.min(first + range.len() as i64);
            }
            Order::Desc => {
                for index in run.rev() {
                    if self.record(0, seq(index), batch, index)? {
                        return Ok(());
                    }
                }
                self.lanes[0].to = from.max(first);
            }
        }
        Ok(())
    }

    fn merged(&mut self) -> Result<(), ExportError> {
        let left_out = Arc::new(AtomicU64::new(0));
        let wanted = self.query.as_ref().map(|query| Wanted {
            query,
            hide: &self.hide,
            keeps: keeps(self.filter, Arc::clone(&left_out)),
            context: self.context,
            firsts: self.firsts,
        });
        let mut merged = merge(&self.lanes, self.order, wanted.as_ref())?;
        while self.left > 0 {
            let row = match merged.step()? {
                Step::Row(row) => row,
                Step::Searching => {
                    self.output.go_on()?;
                    self.flush_when_due()?;
                    continue;
                }
                Step::End => {
                    self.lanes.iter_mut().for_each(|lane| lane.pass_all(self.order));
                    break;
                }
            };
            let id = row.log().id();
            let lane =
                self.lanes.iter().position(|lane| lane.log.id() == id).expect("rows are of the spans' logs");
            match row {
                Row::Record { seq, batch, index, context: true, .. } => {
                    self.context(lane, seq, &batch, index)?;
                }
                Row::Record { seq, batch, index, .. } => {
                    if self.record(lane, seq, &batch, index)? {
                        self.rest_of_context(lane, &mut merged)?;
                        break;
                    }
                    self.lanes[lane].pass(seq, seq, self.order);
                }
                Row::Gap { gap, .. } => self.gap(lane, &gap)?,
            }
        }
        let scanned = merged.scanned();
        self.tally.scanned = scanned.records;
        self.tally.unspecified = scanned.unspecified + left_out.load(Ordering::Relaxed);
        Ok(())
    }

    /// What was found is shown while the search goes on.
    fn flush_when_due(&mut self) -> Result<(), Stopped> {
        if !self.output.encoder.is_empty() && self.flushed.elapsed() >= FLUSH_AFTER {
            self.flushed = Instant::now();
            self.output.flush()?;
        }
        Ok(())
    }

    /// Writes a record that the filter keeps; `true` when it was the last one wanted.
    #[inline]
    fn record(&mut self, lane: usize, seq: i64, batch: &RecordBatch, index: usize) -> Result<bool, Stopped> {
        if !self.filter.keeps(batch.severities()[index], batch.iostreams()[index]) {
            return Ok(false);
        }
        self.output.encoder.record(&self.lanes[lane].tag, seq, batch, index);
        self.output.written()?;
        self.tally.matched += 1;
        self.left -= 1;
        if self.left == 0 {
            self.lanes[lane].pass(seq, seq, self.order);
        }
        Ok(self.left == 0)
    }

    /// Writes a line that stands near a match; it may lie before the lane.
    fn context(&mut self, lane: usize, seq: i64, batch: &RecordBatch, index: usize) -> Result<(), Stopped> {
        self.output.encoder.context(&self.lanes[lane].tag, seq, batch, index);
        let Lane { from, to, .. } = self.lanes[lane];
        if (from..to).contains(&seq) {
            self.lanes[lane].pass(seq, seq, self.order);
        }
        self.output.written()?;
        Ok(())
    }

    /// What belongs to the last match that is wanted, as far as nothing of other logs comes before it.
    fn rest_of_context(&mut self, lane: usize, merged: &mut Merged) -> Result<(), ExportError> {
        let id = self.lanes[lane].log.id();
        while merged.is_in_context(id) {
            match merged.step()? {
                Step::Row(Row::Record { log, seq, batch, index, context: true }) if log.id() == id => {
                    self.context(lane, seq, &batch, index)?;
                }
                Step::Searching => self.output.go_on()?,
                Step::Row(_) | Step::End => return Ok(()),
            }
        }
        Ok(())
    }

    fn gap(&mut self, lane: usize, gap: &Gap) -> Result<(), Stopped> {
        self.output.encoder.gap(&wire_gap(&self.lanes[lane].tag, gap));
        self.lanes[lane].pass(gap.from, gap.to, self.order);
        self.output.written()?;
        Ok(())
    }

    fn reached(&self, limited: bool) -> Reached {
        let position = |lane: &Lane| match self.order {
            Order::Asc => lane.from - 1,
            Order::Desc => lane.to,
        };
        let cursor = self.lanes.iter().map(|lane| (lane.log.id(), position(lane))).collect();
        Reached {
            cursor: Cursor(cursor),
            exhausted: self.lanes.iter().all(|lane| lane.from >= lane.to),
            left: limited.then_some(self.left),
            tally: self.tally,
        }
    }
}

impl Lane {
    /// Goes on behind (or, in descending order, before) the numbers `first` to `last`.
    fn pass(&mut self, first: i64, last: i64, order: Order) {
        match order {
            Order::Asc => self.from = last.saturating_add(1),
            Order::Desc => self.to = first,
        }
    }

    fn pass_all(&mut self, order: Order) {
        match order {
            Order::Asc => self.from = self.from.max(self.to),
            Order::Desc => self.to = self.to.min(self.from),
        }
    }
}

pub(super) fn wire_gap(tag: &LogTag, gap: &Gap) -> wire::Gap {
    wire::Gap {
        container_id: tag.container_id().to_owned(),
        from: tag.cursor(gap.from),
        to: tag.cursor(gap.to),
        missed: gap.missed,
        since: gap.since.map(wire::time),
        until: gap.until.map(wire::time),
        reason: gap.reason.as_str().to_owned(),
    }
}

fn merge(lanes: &[Lane], order: Order, wanted: Option<&Wanted<'_>>) -> Result<Merged, StoreError> {
    let spans = lanes.iter().map(|lane| {
        let Lane { from, to, context_from, end, .. } = *lane;
        Span { log: lane.log.clone(), from, to, context_from, end }
    });
    match wanted {
        Some(wanted) => Merged::searching(spans.collect(), order, wanted),
        None => Merged::new(spans.collect(), order),
    }
}

/// What the filter keeps of what a query finds; `left_out` counts records that their level might have kept.
pub fn keeps(filter: RecordFilter, left_out: Arc<AtomicU64>) -> Keeps {
    Arc::new(move |batch, index| {
        let (severity, iostream) = (batch.severities()[index], batch.iostreams()[index]);
        let keeps = filter.keeps(severity, iostream);
        if !keeps && severity == Severity::UNSPECIFIED.number() && filter.keeps_stream(iostream) {
            left_out.fetch_add(1, Ordering::Relaxed);
        }
        keeps
    })
}

/// Narrows the lanes to their last `count` records that are wanted, by time over all of them.
fn keep_last(
    lanes: &mut [Lane],
    count: u64,
    filter: RecordFilter,
    wanted: Option<&Wanted<'_>>,
    output: &Output,
) -> Result<(), ExportError> {
    if let ([lane], None) = (&mut *lanes, wanted) {
        lane.from = lane.from.max(last_start(lane, count, filter)?);
        return Ok(());
    }
    let mut merged = merge(lanes, Order::Desc, wanted)?;
    let mut starts: Vec<(LogId, i64)> = lanes.iter().map(|lane| (lane.log.id(), lane.to)).collect();
    let mut left = count;
    while left > 0 {
        let row = match merged.step()? {
            Step::Row(row) => row,
            Step::Searching => {
                output.go_on()?;
                continue;
            }
            // There are no more than that: the gaps before them belong to the answer too.
            Step::End => return Ok(()),
        };
        if let Row::Record { batch, index, .. } = &row {
            left -= u64::from(filter.keeps(batch.severities()[*index], batch.iostreams()[*index]));
        }
        let id = row.log().id();
        let start = starts.iter_mut().find(|start| start.0 == id).expect("rows are of the spans' logs");
        start.1 = row.first_seq();
    }
    for (lane, (_, start)) in lanes.iter_mut().zip(starts) {
        lane.from = lane.from.max(start);
    }
    Ok(())
}

/// Number of the `count`th last record that the filter keeps. Gaps skip numbers, so records are counted.
fn last_start(lane: &Lane, count: u64, filter: RecordFilter) -> Result<i64, StoreError> {
    let mut left = count;
    let mut before = lane.to;
    while before > lane.from {
        let Some(chunk) = lane.log.read_back(before, ReadMax::BLOCK)? else { break };
        if let Chunk::Records { first, batch, range } = &chunk {
            let end = range.end.min(range.start + usize::try_from(before - first).unwrap_or(0));
            let kept = filter.count(batch, range.start..end);
            if kept >= left {
                return Ok(nth_last(*first, batch, range.start..end, left, filter));
            }
            left -= kept;
        }
        before = chunk.first();
    }
    Ok(before)
}

fn nth_last(first: i64, batch: &RecordBatch, range: Range<usize>, nth: u64, filter: RecordFilter) -> i64 {
    let start = range.start;
    let kept =
        range.rev().filter(|index| filter.keeps(batch.severities()[*index], batch.iostreams()[*index]));
    let index = kept.take(usize::try_from(nth).unwrap_or(usize::MAX)).last();
    index.map_or(first, |index| first + (index - start) as i64)
}

#[cfg(test)]
mod tests;
