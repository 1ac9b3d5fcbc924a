//! Searching a log: which of its records match a query, block by block, in either direction.
//!
//! A block is ruled out by its severities, its streams and its filter before anything of it is expanded. What is left is
//! expanded and searched as one text; only lines that this finds are matched one by one. Nothing is locked meanwhile, and
//! decoded blocks don't go into the cache, so a search takes nothing from those who follow.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use miniman_log::query::{Facts, Finder, Haystack, Matcher, Necessary, Query};
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};

use super::codec::filter;
use super::read::{Direction, damaged, in_memory};
use super::readers::{BlockRow, Borrowed};
use super::shared::lock;
use super::{Chunk, Gap, Log, LogId, LogIdentity, ReadMax, StoreError};

/// Blocks that are looked at in one step, before the caller is asked whether to go on: some milliseconds.
const BLOCKS_A_STEP_MAX: usize = 256;
/// Block rows that are read at once.
const ROWS_AT_ONCE: usize = 64;

/// One search of one log. It keeps buffers, so one serves one caller.
pub struct Search {
    log: Log,
    identity: Arc<LogIdentity>,
    condition: Necessary,
    finder: Option<Finder>,
    matcher: Matcher,
    haystack: Haystack,
    /// Rows of blocks that follow each other, in the direction of the last step.
    rows: VecDeque<CountedBlock>,
    direction: Direction,
}

/// What one step of a search came to.
#[derive(Debug, Clone)]
pub struct Searched {
    /// The numbers it covered; the next step goes on at either end of them.
    pub covered: Range<i64>,
    /// Records that were looked at or ruled out.
    pub records: u64,
    /// The highest time among them, where it is known.
    pub max_time: Option<Timestamp>,
    pub found: Found,
}

/// What was found in the covered numbers.
#[derive(Debug, Clone)]
pub enum Found {
    Nothing,
    /// `matches` are indexes of `batch`, rising, at least one; the batch's first record has number `first`.
    Records {
        first: i64,
        batch: Arc<RecordBatch>,
        matches: Vec<u32>,
    },
    Gap(Gap),
}

impl Log {
    /// A search of this log.
    pub fn search(&self, query: &Query) -> Search {
        let identity = self.identity();
        Search {
            log: self.clone(),
            condition: query.necessary_in(&facts(&identity)),
            identity,
            finder: query.finder(),
            matcher: query.matcher(),
            haystack: Haystack::new(),
            rows: VecDeque::new(),
            direction: Direction::Forward,
        }
    }
}

/// What a query may ask of a log besides its records.
pub fn facts(identity: &LogIdentity) -> Facts<'_> {
    Facts {
        container: &identity.name,
        stack: identity.stack.as_deref().unwrap_or_default(),
        service: identity.service.as_deref().unwrap_or_default(),
    }
}

impl Search {
    /// The first part of `numbers`; `None` when nothing of them is there. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read. A damaged block is no error but a gap.
    pub fn forward(&mut self, numbers: Range<i64>) -> Result<Option<Searched>, StoreError> {
        self.step(numbers, Direction::Forward)
    }

    /// The last part of `numbers`; else as [`Search::forward`].
    ///
    /// # Errors
    /// As for [`Search::forward`].
    pub fn backward(&mut self, numbers: Range<i64>) -> Result<Option<Searched>, StoreError> {
        self.step(numbers, Direction::Backward)
    }

    fn step(&mut self, numbers: Range<i64>, direction: Direction) -> Result<Option<Searched>, StoreError> {
        let bounds = self.log.bounds();
        let numbers = numbers.start.max(bounds.first)..numbers.end.min(bounds.next);
        if numbers.is_empty() {
            return Ok(None);
        }
        if self.condition == Necessary::Nothing {
            // Its name alone rules the log out: nothing of it is part of the search.
            return Ok(Some(Searched {
                covered: numbers,
                records: 0,
                max_time: None,
                found: Found::Nothing,
            }));
        }
        let seq = match direction {
            Direction::Forward => numbers.start,
            Direction::Backward => numbers.end - 1,
        };
        let held = in_memory(&lock(&self.log.inner.state), seq, ReadMax::BLOCK, direction);
        if let Some(chunk) = held {
            return Ok(Some(self.chunk(chunk, &numbers)));
        }
        if let Some(searched) = self.on_disk(seq, &numbers, direction)? {
            return Ok(Some(searched));
        }
        // A gap, or rows that are lost: reading knows which.
        let chunk = match direction {
            Direction::Forward => self.log.read(seq, ReadMax::BLOCK)?,
            Direction::Backward => self.log.read_back(seq + 1, ReadMax::BLOCK)?,
        };
        Ok(chunk.map(|chunk| self.chunk(chunk, &numbers)))
    }

    /// Rules blocks out, and searches the first that is left. `None` where no block is.
    fn on_disk(
        &mut self,
        seq: i64,
        numbers: &Range<i64>,
        direction: Direction,
    ) -> Result<Option<Searched>, StoreError> {
        let shared = Arc::clone(&self.log.inner.shared);
        let mut reader = shared.readers.take()?;
        let mut passed: Option<Searched> = None;
        let mut seq = seq;
        for _ in 0..BLOCKS_A_STEP_MAX {
            if !numbers.contains(&seq) {
                break;
            }
            let Some(block) = self.row(&reader, seq, direction)? else { break };
            let row = block.row;
            if self.may_match(&reader, &block)? {
                // What was ruled out is told first: the answer to that needs nothing of this block.
                if passed.is_some() {
                    self.rows.push_front(block);
                    break;
                }
                if let Some(batch) = records(&mut reader, self.log.id(), row)? {
                    // A block that a commit merged meanwhile is longer than its row says: what it has more comes later.
                    let numbers = numbers.start.max(row.first)..numbers.end.min(row.last + 1);
                    return Ok(Some(self.records(row.first, Arc::new(batch), &numbers)));
                }
                drop(reader);
                return self.unreadable(row, numbers).map(Some);
            }
            let within = row.first.max(numbers.start)..(row.last + 1).min(numbers.end);
            seq = match direction {
                Direction::Forward => within.end,
                Direction::Backward => within.start - 1,
            };
            match &mut passed {
                Some(passed) => passed.extend(&within, row.max_time),
                None => passed = Some(Searched::nothing(&within, row.max_time)),
            }
        }
        Ok(passed)
    }

    /// A block that is damaged; or taken by retention since its row was read, which reading tells.
    fn unreadable(&self, block: BlockRow, numbers: &Range<i64>) -> Result<Searched, StoreError> {
        let within = block.first.max(numbers.start)..(block.last + 1).min(numbers.end);
        Ok(match self.log.read(within.start, ReadMax::BLOCK)? {
            Some(Chunk::Gap(gap)) => Searched::gap(gap, &within),
            _ => Searched::gap(damaged(block), &within),
        })
    }

    /// The row of the block that covers `seq`; each is given once.
    fn row(
        &mut self,
        reader: &Borrowed<'_>,
        seq: i64,
        direction: Direction,
    ) -> Result<Option<CountedBlock>, StoreError> {
        if direction != self.direction || self.rows.front().is_none_or(|block| !block.covers(seq)) {
            self.direction = direction;
            self.rows = match direction {
                Direction::Forward => reader.counted_blocks(self.log.id(), seq, ROWS_AT_ONCE)?,
                Direction::Backward => reader.counted_blocks_back(self.log.id(), seq, ROWS_AT_ONCE)?,
            }
            .into();
        }
        Ok(self.rows.pop_front().filter(|block| block.covers(seq)))
    }

    fn may_match(&self, reader: &Borrowed<'_>, block: &CountedBlock) -> Result<bool, StoreError> {
        // Read when it is asked for, once.
        let mut stored: Option<Option<Vec<u8>>> = None;
        let mut failed = None;
        let mut may_contain = |word: &[u8]| {
            // Shorter words leave no window in a filter.
            if word.len() < filter::WINDOW_BYTES {
                return true;
            }
            let bits = stored.get_or_insert_with(|| {
                reader.filter(block.row.id).unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                })
            });
            bits.as_ref().is_none_or(|bits| filter::may_contain(bits, word))
        };
        let may = block.may_fulfil(&self.condition, &mut may_contain);
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(may),
        }
    }

    fn chunk(&mut self, chunk: Chunk, numbers: &Range<i64>) -> Searched {
        match chunk {
            Chunk::Gap(gap) => Searched::gap(gap, numbers),
            Chunk::Records { first, batch, range } => {
                let numbers = numbers.start.max(first)..numbers.end.min(first + range.len() as i64);
                let first = first - range.start as i64;
                self.records(first, batch, &numbers)
            }
        }
    }

    /// Searches the records of a batch whose first has number `first`, as far as `numbers` go.
    fn records(&mut self, first: i64, batch: Arc<RecordBatch>, numbers: &Range<i64>) -> Searched {
        let start = (numbers.start - first).max(0) as usize;
        let end = ((numbers.end - first).max(0) as usize).min(batch.len());
        let matches = self.matches(&batch, start..end);
        let found = match matches.is_empty() {
            true => Found::Nothing,
            false => Found::Records { first, batch: Arc::clone(&batch), matches },
        };
        Searched {
            covered: first + start as i64..first + end as i64,
            records: (end - start) as u64,
            max_time: batch.timestamps()[start..end].iter().max().copied().map(Timestamp),
            found,
        }
    }

    /// Those indexes of `range` whose records match, rising: for records that were read already.
    pub fn matches(&mut self, batch: &RecordBatch, range: Range<usize>) -> Vec<u32> {
        let facts = facts(&self.identity);
        let mut matches = Vec::new();
        let Some(finder) = &self.finder else {
            for index in range {
                if self.matcher.matches(&batch.get(index), &facts) {
                    matches.push(index as u32);
                }
            }
            return matches;
        };
        let lines = finder.lines(batch, &mut self.haystack);
        for index in lines.skip_while(|index| *index < range.start).take_while(|index| *index < range.end) {
            if finder.is_exact() || self.matcher.matches(&batch.get(index), &facts) {
                matches.push(index as u32);
            }
        }
        matches
    }
}

/// The block's records, also where a commit has merged it since its row was read and given it another id.
fn records(
    reader: &mut Borrowed<'_>,
    log: LogId,
    block: BlockRow,
) -> Result<Option<RecordBatch>, StoreError> {
    if let Some(records) = reader.records(log, block)? {
        return Ok(Some(records));
    }
    Ok(match reader.block_at(log, block.first)? {
        Some(now) if now.id != block.id && now.first == block.first => reader.records(log, now)?,
        _ => None,
    })
}

impl Searched {
    fn nothing(covered: &Range<i64>, max_time: i64) -> Self {
        Self {
            covered: covered.clone(),
            records: (covered.end - covered.start) as u64,
            max_time: Some(Timestamp(max_time)),
            found: Found::Nothing,
        }
    }

    /// Takes in neighbouring numbers without a match.
    fn extend(&mut self, covered: &Range<i64>, max_time: i64) {
        self.records += (covered.end - covered.start) as u64;
        self.max_time = self.max_time.max(Some(Timestamp(max_time)));
        self.covered = self.covered.start.min(covered.start)..self.covered.end.max(covered.end);
    }

    fn gap(gap: Gap, numbers: &Range<i64>) -> Self {
        let covered = gap.from.max(numbers.start)..(gap.to + 1).min(numbers.end);
        Self { covered, records: 0, max_time: gap.until, found: Found::Gap(gap) }
    }
}

/// A block's row with what rules it out.
pub(super) struct CountedBlock {
    pub(super) row: BlockRow,
    pub(super) stderr: u64,
    /// `None` when they cannot be read.
    pub(super) severities: Option<[u64; Severity::COUNT]>,
}

impl CountedBlock {
    fn covers(&self, seq: i64) -> bool {
        (self.row.first..=self.row.last).contains(&seq)
    }

    fn may_fulfil(&self, condition: &Necessary, may_contain: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        match condition {
            Necessary::Any => true,
            Necessary::Nothing => false,
            Necessary::Literal { bytes, .. } => may_contain(bytes),
            Necessary::Severity(set) => self
                .severities
                .is_none_or(|counts| set.iter().any(|severity| counts[usize::from(severity.number())] > 0)),
            Necessary::Stream(stream) => {
                let records = (self.row.last - self.row.first + 1) as u64;
                match stream {
                    IoStream::Stderr => self.stderr > 0,
                    IoStream::Stdout => self.stderr < records,
                }
            }
            // By rows first: a filter is a read of its own.
            Necessary::And(all) => {
                let (rows, filters): (Vec<_>, Vec<_>) =
                    all.iter().partition(|condition| !asks_filter(condition));
                rows.into_iter().chain(filters).all(|condition| self.may_fulfil(condition, may_contain))
            }
            Necessary::Or(any) => any.iter().any(|condition| self.may_fulfil(condition, may_contain)),
        }
    }
}

fn asks_filter(condition: &Necessary) -> bool {
    match condition {
        Necessary::Literal { .. } => true,
        Necessary::And(parts) | Necessary::Or(parts) => parts.iter().any(asks_filter),
        Necessary::Any | Necessary::Nothing | Necessary::Severity(_) | Necessary::Stream(_) => false,
    }
}
