//! Finite reading over many logs, by time.
//!
//! Timestamps go backwards inside a log, so a log's records are placed by the running maximum of their times: that
//! rises along the log, and merging by it never swaps two records of one log.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::query::Query;
use miniman_log::{RecordBatch, RecordRef};
use miniman_store::logs::{Chunk, Gap, Hide, Log, LogId, ReadMax, Search, Searched, StoreError};

use surroundings::{Given, Surroundings};

mod surroundings;

pub use surroundings::CONTEXT_LINES_MAX;

/// A range of one log: `from` inclusive, `to` exclusive.
#[derive(Debug, Clone)]
pub struct Span {
    pub log: Log,
    pub from: i64,
    pub to: i64,
    /// Lines from here on, up to `from`, may be given as context of a match.
    pub context_from: i64,
    /// The log's end when reading began: what came later shows of no line that its group matches, or else who follows from
    /// there on would be given it again.
    pub end: i64,
}

/// What a merge is to find, beside gaps.
pub struct Wanted<'a> {
    pub query: &'a Query,
    /// What is left out of what the query finds.
    pub hide: &'a Hide,
    /// Which of what the query finds is wanted, by its batch and its index there.
    pub keeps: Keeps,
    /// So many lines before and behind each of these, of the same log; [`CONTEXT_LINES_MAX`] at most.
    pub context: u32,
    /// Of each group only its first line that matches.
    pub firsts: bool,
}

impl Wanted<'_> {
    fn search(&self, span: &Span) -> Search {
        let search = span.log.search_hiding(self.query, self.hide).up_to(span.end);
        if self.firsts { search.firsts() } else { search }
    }
}

/// Whether a record of a batch is wanted.
pub type Keeps = Arc<dyn Fn(&RecordBatch, usize) -> bool + Send + Sync>;

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
    /// `context`: it stands near a match, and is none.
    Record {
        log: Log,
        seq: i64,
        batch: Arc<RecordBatch>,
        index: usize,
        context: bool,
    },
    Gap {
        log: Log,
        gap: Gap,
    },
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
    search: Option<(Search, Surroundings)>,
    /// Number of the record that was given last.
    last: Option<i64>,
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
    /// With whether they are context.
    These(Vec<(u32, bool)>),
}

impl Picks {
    fn index(&self, place: usize) -> usize {
        match self {
            Self::From(start) => start + place,
            Self::These(indexes) => indexes[place].0 as usize,
        }
    }

    fn is_context(&self, place: usize) -> bool {
        match self {
            Self::From(_) => false,
            Self::These(indexes) => indexes[place].1,
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

    /// Only records that are wanted, and the gaps between them.
    ///
    /// # Errors
    /// As for [`Merged::new`].
    pub fn searching(spans: Vec<Span>, order: Order, wanted: &Wanted<'_>) -> Result<Self, StoreError> {
        Self::of(spans, order, Some(wanted))
    }

    fn of(spans: Vec<Span>, order: Order, wanted: Option<&Wanted<'_>>) -> Result<Self, StoreError> {
        let share = (MERGE_BYTES / spans.len().max(1)).clamp(LANE_BYTES_MIN, LANE_BYTES_MAX);
        let max = ReadMax { records: usize::MAX, bytes: share };
        let mut lanes = Vec::with_capacity(spans.len());
        for span in spans {
            let maximum = if order == Order::Asc { running_maximum(&span.log, span.from)? } else { i64::MIN };
            let search = wanted.map(|wanted| (wanted.search(&span), Surroundings::new(&span, order, wanted)));
            lanes.push(Lane { span, rows: Rows::Empty, maximum, search, last: None });
        }
        Ok(Self { order, lanes, max, scanned: Scanned::default() })
    }

    /// What was searched so far.
    pub fn scanned(&self) -> Scanned {
        self.scanned
    }

    /// Whether what a log gives next is context of the match that it gave last.
    pub fn is_in_context(&self, log: LogId) -> bool {
        let lane = self.lanes.iter().find(|lane| lane.span.log.id() == log);
        lane.is_some_and(|lane| lane.is_in_context(self.order))
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
                    if let Some((search, _)) = lane.search.as_mut().filter(|_| !keeps) {
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
                let (index, context) = (picks.index(place), picks.is_context(place));
                let seq = *first + index as i64;
                self.last = Some(seq);
                Some(Row::Record { log, seq, batch: batch.clone(), index, context })
            }
        }
    }

    /// Reads the span's next chunk, if it has one.
    fn fill(&mut self, order: Order, max: ReadMax) -> Result<(), StoreError> {
        let Span { log, from, to, .. } = &self.span;
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
        let Some((search, surroundings)) = &mut self.search else { return Ok(Scanned::default()) };
        let searched = match order {
            Order::Asc => search.forward(numbers)?,
            Order::Desc => search.backward(numbers)?,
        };
        let Some(Searched { covered, records, unspecified, max_time, found }) = searched else {
            self.close();
            return Ok(Scanned::default());
        };
        let given = surroundings.given(&self.span.log, &covered, found, order)?;
        let lowest = given.lowest().unwrap_or(covered.start).min(covered.start);
        let before = self.maximum;
        // Where nothing is found nothing has to be placed.
        let seed = match (order, &given) {
            (_, Given::Nothing) => before,
            (Order::Asc, _) if lowest == covered.start => before,
            _ => running_maximum(&self.span.log, lowest)?,
        };
        self.move_past(&covered, order);
        if let Some(time) = max_time {
            self.maximum = self.maximum.max(time.0);
        }
        self.rows = match given {
            Given::Nothing => Rows::Empty,
            Given::Gap(gap) => Rows::gap(gap, seed),
            Given::Records { first, batch, picks } => {
                let from = (lowest - first).max(0) as usize;
                let last = picks.last().map_or(from, |(last, _)| *last as usize);
                let all = maxima(&batch, &(from..last + 1), seed);
                let maxima: Vec<_> = picks.iter().map(|(index, _)| all[*index as usize - from]).collect();
                let left = 0..picks.len();
                Rows::Records(Records { first, batch, picks: Picks::These(picks), left, maxima })
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

    fn is_in_context(&self, order: Order) -> bool {
        let Some((_, surroundings)) = &self.search else { return false };
        match &self.rows {
            Rows::Records(Records { first, picks, left, .. }) if !left.is_empty() => {
                let place = if order == Order::Asc { left.start } else { left.end - 1 };
                let seq = first + picks.index(place) as i64;
                picks.is_context(place) && self.last.is_some_and(|last| last.abs_diff(seq) == 1)
            }
            Rows::Gap(..) => false,
            _ => surroundings.is_owed(&self.span, order),
        }
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
