//! The parts in which a log is searched: a block, what memory holds of one, a gap.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use miniman_log::{RecordBatch, Severity, Timestamp};

use super::super::read::{Direction, damaged};
use super::super::readers::BlockRow;
use super::super::shared::lock;
use super::super::{Chunk, Gap, ReadMax, StoreError};
use super::Search;
use super::lines::{Stretch, records};

/// Units remembered, and what those with matches may hold decoded: the neighbours of the one being answered are asked for
/// again and again. Of full blocks a group reaches two to either side.
const UNITS_MAX: usize = 64;
const UNITS_BYTES_MAX: usize = 2 << 20;
/// However large their blocks are: the one being answered and its neighbours.
const UNITS_MIN: usize = 3;

/// See the module's words.
pub(super) struct Unit {
    pub(super) numbers: Range<i64>,
    pub(super) max_time: Option<Timestamp>,
    /// Records that name no level, where a row tells.
    unspecified: Option<u64>,
    pub(super) kind: Kind,
    /// Lines of groups with a match in it that begin before it, and of those that end behind it, once that was asked.
    pub(super) crossing: [OnceLock<Vec<i64>>; 2],
}

pub(super) enum Kind {
    /// Its row tells that no line of it matches.
    RuledOut,
    /// It was searched, and no line of it matches.
    Empty,
    Searched {
        stretch: Stretch,
        /// Indexes of those that match, or may by their group's level; at least one.
        candidates: Vec<u32>,
    },
    Gap(Gap),
}

impl Search {
    /// The unit that covers `seq`, one of the log's numbers.
    pub(super) fn unit(&mut self, seq: i64, direction: Direction) -> Result<Option<Arc<Unit>>, StoreError> {
        if let Some(unit) = self.units.iter().find(|unit| unit.numbers.contains(&seq)) {
            return Ok(Some(Arc::clone(unit)));
        }
        let Some(unit) = self.read_unit(seq, direction)?.map(Arc::new) else { return Ok(None) };
        self.units.push_front(Arc::clone(&unit));
        let mut bytes = 0;
        let kept = self.units.iter().take(UNITS_MAX).enumerate().take_while(|(at, unit)| {
            bytes += unit.held_bytes();
            *at < UNITS_MIN || bytes <= UNITS_BYTES_MAX
        });
        let kept = kept.count();
        self.units.truncate(kept);
        Ok(Some(unit))
    }

    fn read_unit(&mut self, seq: i64, direction: Direction) -> Result<Option<Unit>, StoreError> {
        if let Some(unit) = self.unit_in_memory(seq) {
            return Ok(Some(unit));
        }
        if let Some(unit) = self.unit_on_disk(seq, direction)? {
            return Ok(Some(unit));
        }
        // A gap, or rows that are lost: reading knows which.
        let chunk = self.lines.log.read(seq, ReadMax::BLOCK)?;
        Ok(chunk.map(|chunk| match chunk {
            Chunk::Gap(gap) => Unit::gap(gap),
            Chunk::Records { first, batch, range } => {
                self.searched_unit(Stretch { first: first - range.start as i64, batch })
            }
        }))
    }

    fn unit_in_memory(&mut self, seq: i64) -> Option<Unit> {
        let log = self.lines.log.clone();
        let stretch = {
            let state = lock(&log.inner.state);
            if seq >= state.open_first {
                // Copied, so that the appender never finds its buffer shared.
                let mut batch = RecordBatch::new();
                batch.extend_from(&state.open, 0..state.open.len());
                Stretch { first: state.open_first, batch: Arc::new(batch) }
            } else if let Some((first, batch)) = state.sealed_at(seq) {
                Stretch { first, batch }
            } else {
                return state.gap_at(seq).map(Unit::gap);
            }
        };
        Some(self.searched_unit(stretch))
    }

    /// Rules a block out, or searches it. `None` where no block is.
    fn unit_on_disk(&mut self, seq: i64, direction: Direction) -> Result<Option<Unit>, StoreError> {
        let log = self.lines.log.clone();
        let mut reader = log.inner.shared.readers.take()?;
        let Some(at) = self.rows.find(&reader, log.id(), seq, direction)? else { return Ok(None) };
        let block = self.rows.get(at);
        let row = block.row;
        let without_level =
            block.severities.map(|counts| counts[usize::from(Severity::UNSPECIFIED.number())]);
        let numbers = self.log_numbers();
        if !self.rows.may_fulfil(at, &self.scope.condition, &reader, numbers.clone())? {
            let end = (row.last + 1).min(numbers.end);
            return Ok(Some(Unit {
                numbers: row.first..end,
                max_time: Some(Timestamp(row.max_time)),
                unspecified: without_level.filter(|_| end == row.last + 1),
                kind: Kind::RuledOut,
                crossing: Default::default(),
            }));
        }
        let batch = records(&mut reader, log.id(), row)?;
        // What follows may read for itself.
        drop(reader);
        match batch {
            Some(batch) => Ok(Some(self.searched_unit(Stretch { first: row.first, batch: Arc::new(batch) }))),
            None => self.unreadable(row, seq).map(Some),
        }
    }

    /// A block that is damaged; or taken by retention since its row was read, which reading tells.
    fn unreadable(&self, block: BlockRow, seq: i64) -> Result<Unit, StoreError> {
        Ok(Unit::gap(match self.lines.log.read(seq, ReadMax::BLOCK)? {
            Some(Chunk::Gap(gap)) => gap,
            _ => damaged(block),
        }))
    }

    fn searched_unit(&mut self, stretch: Stretch) -> Unit {
        let numbers = stretch.first..stretch.next().min(self.lines.horizon);
        let range = stretch.range(&numbers);
        let candidates = self.scope.candidates(&stretch.batch, range.clone());
        let max_time = stretch.batch.timestamps()[range.clone()].iter().max().copied().map(Timestamp);
        let unspecified = Some(without_level(&stretch.batch, range));
        let kind = match candidates.is_empty() {
            true => Kind::Empty,
            false => Kind::Searched { stretch, candidates },
        };
        Unit { numbers, max_time, unspecified, kind, crossing: Default::default() }
    }

    /// How many records of `within`, a part of the unit, name no level.
    pub(super) fn without_level(&mut self, unit: &Unit, within: &Range<i64>) -> Result<u64, StoreError> {
        if let Some(count) = unit.unspecified.filter(|_| *within == unit.numbers) {
            return Ok(count);
        }
        let stretch = self.whole(unit, within)?;
        Ok(stretch.map_or(0, |stretch| without_level(&stretch.batch, stretch.range(within))))
    }

    /// The records of `within`, a part of the unit, as one stretch; `None` when they are gone.
    pub(super) fn whole(&mut self, unit: &Unit, within: &Range<i64>) -> Result<Option<Stretch>, StoreError> {
        if let Kind::Searched { stretch, .. } = &unit.kind {
            return Ok(Some(stretch.clone()));
        }
        let Some(stretch) = self.lines.at(within.start)? else { return Ok(None) };
        if stretch.next() >= within.end {
            return Ok(Some(stretch));
        }
        // It was in memory when it was looked at, and only a part of it.
        let (mut batch, mut next) = (RecordBatch::new(), within.start);
        while next < within.end {
            let Some(part) = self.lines.at(next)? else { break };
            batch.extend_from(&part.batch, part.range(&(next..within.end)));
            next = part.next();
        }
        Ok(Some(Stretch { first: within.start, batch: Arc::new(batch) }))
    }
}

impl Unit {
    fn held_bytes(&self) -> usize {
        match &self.kind {
            Kind::Searched { stretch, candidates } => stretch.batch.memory_bytes() + candidates.len() * 4,
            Kind::RuledOut | Kind::Empty | Kind::Gap(_) => 0,
        }
    }

    fn gap(gap: Gap) -> Self {
        let numbers = gap.from..gap.to.saturating_add(1);
        let (max_time, kind) = (gap.until, Kind::Gap(gap));
        Self { numbers, max_time, unspecified: Some(0), kind, crossing: Default::default() }
    }
}

fn without_level(batch: &RecordBatch, range: Range<usize>) -> u64 {
    let severities = batch.severities()[range].iter();
    severities.filter(|severity| **severity == Severity::UNSPECIFIED.number()).count() as u64
}
