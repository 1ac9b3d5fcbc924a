//! Finite reading over many logs, by time.
//!
//! Timestamps go backwards inside a log, so a log's records are placed by the running maximum of their times: that
//! rises along the log, and merging by it never swaps two records of one log.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::query::Query;
use miniman_log::{RecordBatch, RecordRef};
use miniman_store::logs::{Chunk, Found, Gap, Log, ReadMax, Search, Searched, StoreError};

/// A range of one log: `from` inclusive, `to` exclusive.
#[derive(Debug, Clone)]
pub struct Span {
    pub log: Log,
    pub from: i64,
    pub to: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// One row of a merged reading.
#[derive(Debug, Clone)]
pub enum Row {
    Record { log: Log, seq: i64, batch: Arc<RecordBatch>, index: usize },
    Gap { log: Log, gap: Gap },
}

impl Row {
    pub fn log(&self) -> &Log {
        match self {
            Self::Record { log, .. } | Self::Gap { log, .. } => log,
        }
    }

    /// The seq behind which reading goes on after this row, read oldest first.
    pub fn last_seq(&self) -> i64 {
        match self {
            Self::Record { seq, .. } => *seq,
            Self::Gap { gap, .. } => gap.to,
        }
    }

    /// The seq before which reading goes on after this row, read newest first.
    pub fn first_seq(&self) -> i64 {
        match self {
            Self::Record { seq, .. } => *seq,
            Self::Gap { gap, .. } => gap.from,
        }
    }

    pub fn record(&self) -> Option<RecordRef<'_>> {
        match self {
            Self::Record { batch, index, .. } => Some(batch.get(*index)),
            Self::Gap { .. } => None,
        }
    }
}

/// Rows of many spans in the order of time; blocking.
pub struct Merged {
    order: Order,
    lanes: Vec<Lane>,
    max: ReadMax,
    scanned: Scanned,
}

/// What a search looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Records that were searched, those ruled out unread among them.
    pub records: u64,
    /// Those among them that name no level and were not found, where the query asks for levels.
    pub unspecified: u64,
}

/// What all lanes of a merge hold at once, decoded: lanes share it, so that a merge of 1,000 logs stays bounded too.
const MERGE_BYTES: usize = 4 << 20;
const LANE_BYTES_MIN: usize = 16 << 10;
const LANE_BYTES_MAX: usize = 256 << 10;
/// Searches that keep decoded neighbours of what they found while others go on: 2 MiB each. More of them read again.
const SEARCHES_KEPT_MAX: usize = 16;

struct Lane {
    span: Span,
    rows: Rows,
    /// Running maximum of time before the lane's next row (oldest first).
    maximum: i64,
    /// Only what this finds is given.
    search: Option<Search>,
}

enum Rows {
    Empty,
    Gap(Gap, i64),
    Records(Records),
}

/// Records to be given, by their place in `picks`. Running maxima of time stand beside, one a place.
struct Records {
    /// Number of the batch's first record.
    first: i64,
    batch: Arc<RecordBatch>,
    picks: Picks,
    left: Range<usize>,
    maxima: Vec<i64>,
}

/// Indexes of records in their batch.
enum Picks {
    /// All from this one on.
    From(usize),
    These(Vec<u32>),
}

impl Picks {
    fn index(&self, place: usize) -> usize {
        match self {
            Self::From(start) => start + place,
            Self::These(indexes) => indexes[place] as usize,
        }
    }
}

/// What came next in a merge.
#[derive(Debug)]
pub enum Step {
    Row(Row),
    /// Nothing yet: a part of a log was searched, and nothing found there. The caller may stop here.
    Searching,
    End,
}

impl Merged {
    /// # Errors
    /// When the store cannot be read.
    pub fn new(spans: Vec<Span>, order: Order) -> Result<Self, StoreError> {
        Self::of(spans, order, None)
    }

    /// Only records that `query` finds, and the gaps between them.
    ///
    /// # Errors
    /// As for [`Merged::new`].
    pub fn searching(spans: Vec<Span>, order: Order, query: &Query) -> Result<Self, StoreError> {
        Self::of(spans, order, Some(query))
    }

    fn of(spans: Vec<Span>, order: Order, query: Option<&Query>) -> Result<Self, StoreError> {
        let share = (MERGE_BYTES / spans.len().max(1)).clamp(LANE_BYTES_MIN, LANE_BYTES_MAX);
        let max = ReadMax { records: usize::MAX, bytes: share };
        let mut lanes = Vec::with_capacity(spans.len());
        for span in spans {
            let maximum = if order == Order::Asc { running_maximum(&span.log, span.from)? } else { i64::MIN };
            let search = query.map(|query| span.log.search(query));
            lanes.push(Lane { span, rows: Rows::Empty, maximum, search });
        }
        Ok(Self { order, lanes, max, scanned: Scanned::default() })
    }

    /// What was searched so far.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_row(&mut self) -> Result<Option<Row>, StoreError> {
        loop {
            match self.step()? {
                Step::Row(row) => return Ok(Some(row)),
                Step::Searching => {}
                Step::End => return Ok(None),
            }
        }
    }

    /// The next row, or one step towards it where a search takes several.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step(&mut self) -> Result<Step, StoreError> {
        let keeps = self.lanes.len() <= SEARCHES_KEPT_MAX;
        // A row is the next one only once every lane has shown its own.
        for lane in &mut self.lanes {
            while lane.is_open() {
                if lane.search.is_none() {
                    lane.fill(self.order, self.max)?;
                } else {
                    let scanned = lane.search(self.order)?;
                    self.scanned.records += scanned.records;
                    self.scanned.unspecified += scanned.unspecified;
                    if lane.is_open() {
                        return Ok(Step::Searching);
                    }
                    if let Some(search) = lane.search.as_mut().filter(|_| !keeps) {
                        search.rest();
                    }
                }
            }
        }
        let keyed =
            self.lanes.iter().enumerate().filter_map(|(index, lane)| Some((lane.key(self.order)?, index)));
        let next = match self.order {
            Order::Asc => keyed.min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1))),
            Order::Desc => keyed.max_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1))),
        };
        let row = next.and_then(|(_, index)| self.lanes[index].take(self.order));
        Ok(row.map_or(Step::End, Step::Row))
    }
}

impl Lane {
    /// Whether it has no row at hand, and may have one still.
    fn is_open(&self) -> bool {
        let empty = match &self.rows {
            Rows::Empty => true,
            Rows::Gap(..) => false,
            Rows::Records(records) => records.left.is_empty(),
        };
        empty && self.span.from < self.span.to
    }

    fn key(&self, order: Order) -> Option<i64> {
        match &self.rows {
            Rows::Empty => None,
            Rows::Gap(_, key) => Some(*key),
            Rows::Records(Records { left, maxima, .. }) if !left.is_empty() => match order {
                Order::Asc => maxima.get(left.start).copied(),
                Order::Desc => maxima.get(left.end - 1).copied(),
            },
            Rows::Records(_) => None,
        }
    }

    fn take(&mut self, order: Order) -> Option<Row> {
        let log = self.span.log.clone();
        match &mut self.rows {
            Rows::Empty => None,
            Rows::Gap(gap, _) => {
                let gap = *gap;
                self.rows = Rows::Empty;
                Some(Row::Gap { log, gap })
            }
            Rows::Records(Records { first, batch, picks, left, .. }) => {
                let place = match order {
                    Order::Asc => left.next()?,
                    Order::Desc => left.next_back()?,
                };
                let index = picks.index(place);
                Some(Row::Record { log, seq: *first + index as i64, batch: batch.clone(), index })
            }
        }
    }

    /// Reads the span's next chunk, if it has one.
    fn fill(&mut self, order: Order, max: ReadMax) -> Result<(), StoreError> {
        let Span { log, from, to } = &self.span;
        let numbers = *from..*to;
        let chunk = match order {
            Order::Asc => log.read(*from, max)?.filter(|chunk| chunk.first() < *to),
            Order::Desc => log.read_back(*to, max)?.filter(|chunk| chunk.next() > *from),
        };
        let Some(chunk) = chunk else {
            self.close();
            return Ok(());
        };
        let (first, next) = (chunk.first(), chunk.next());
        let seed = self.pass(first..next, order)?;
        self.rows = match chunk {
            Chunk::Gap(gap) => Rows::gap(gap, seed),
            Chunk::Records { batch, range, .. } => {
                let maxima = maxima(&batch, &range, seed);
                self.maximum = maxima.last().copied().unwrap_or(seed);
                let skip = (numbers.start - first).max(0) as usize;
                let left = skip..range.len() - ((next - numbers.end).max(0) as usize).min(range.len());
                let first = first - range.start as i64;
                Rows::Records(Records { first, batch, picks: Picks::From(range.start), left, maxima })
            }
        };
        Ok(())
    }

    /// Takes one step of the search; gives what it covered.
    fn search(&mut self, order: Order) -> Result<Scanned, StoreError> {
        let numbers = self.span.from..self.span.to;
        let Some(search) = &mut self.search else { return Ok(Scanned::default()) };
        let searched = match order {
            Order::Asc => search.forward(numbers)?,
            Order::Desc => search.backward(numbers)?,
        };
        let Some(Searched { covered, records, unspecified, max_time, found }) = searched else {
            self.close();
            return Ok(Scanned::default());
        };
        let finds = !matches!(found, Found::Nothing);
        let start = covered.start;
        // Where nothing is found nothing has to be placed.
        let seed = if finds { self.pass(covered, order)? } else { self.move_past(&covered, order) };
        if let Some(time) = max_time {
            self.maximum = self.maximum.max(time.0);
        }
        self.rows = match found {
            Found::Nothing => Rows::Empty,
            Found::Gap(gap) => Rows::gap(gap, seed),
            Found::Records { first, batch, matches } => {
                let from = (start - first).max(0) as usize;
                let last = matches.last().map_or(from, |last| *last as usize);
                let all = maxima(&batch, &(from..last + 1), seed);
                let maxima: Vec<_> = matches.iter().map(|index| all[*index as usize - from]).collect();
                let left = 0..matches.len();
                Rows::Records(Records { first, batch, picks: Picks::These(matches), left, maxima })
            }
        };
        Ok(Scanned { records, unspecified })
    }

    /// Goes on behind, or before, `covered`; gives the highest time before it.
    fn pass(&mut self, covered: Range<i64>, order: Order) -> Result<i64, StoreError> {
        let seed = self.move_past(&covered, order);
        match order {
            Order::Asc => Ok(seed),
            Order::Desc => running_maximum(&self.span.log, covered.start),
        }
    }

    fn move_past(&mut self, covered: &Range<i64>, order: Order) -> i64 {
        match order {
            Order::Asc => self.span.from = covered.end,
            Order::Desc => self.span.to = covered.start,
        }
        self.maximum
    }

    fn close(&mut self) {
        self.rows = Rows::Empty;
        self.span.from = self.span.to;
    }
}

impl Rows {
    fn gap(gap: Gap, seed: i64) -> Self {
        Self::Gap(gap, gap.since.map_or(seed, |since| since.0.max(seed)))
    }
}

fn maxima(batch: &RecordBatch, range: &Range<usize>, seed: i64) -> Vec<i64> {
    let times = batch.timestamps()[range.clone()].iter();
    times
        .scan(seed, |maximum, time| {
            *maximum = (*maximum).max(*time);
            Some(*maximum)
        })
        .collect()
}

/// The largest time before `seq`.
fn running_maximum(log: &Log, seq: i64) -> Result<i64, StoreError> {
    Ok(log.running_max(seq)?.map_or(i64::MIN, |time| time.0))
}
