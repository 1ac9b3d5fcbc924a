//! Ruling blocks out by their rows: severities, streams, filters.
//!
//! What a record counts as is its group's matter, and a group may cross a block's border. So a block whose records name
//! none of the levels that are asked for is ruled out only where none of them can have its level from a group: no head
//! with such a level stands near enough before it, and nothing near it makes a trace.

use std::ops::Range;

use miniman_log::group::{GROUP_RECORDS_MAX, TRACE_MARKS};
use miniman_log::query::{Necessary, SeveritySet};
use miniman_log::{IoStream, Severity};

use super::super::codec::filter;
use super::super::read::Direction;
use super::super::readers::{BlockRow, Borrowed};
use super::super::{LogId, StoreError};

/// Block rows that are read at once in a search's direction, and the other way: neighbours tell of each other.
const ROWS_AHEAD: usize = 128;
const ROWS_BEHIND: usize = 8;
/// As many as a group reaches, of full blocks.
const NEIGHBOURS: usize = 3;

/// A block's row with what rules it out.
pub(in crate::logs) struct CountedBlock {
    pub(in crate::logs) row: BlockRow,
    pub(in crate::logs) stderr: u64,
    /// `None` when they cannot be read.
    pub(in crate::logs) severities: Option<[u64; Severity::COUNT]>,
}

/// Rows of neighbouring blocks.
#[derive(Default)]
pub(super) struct Rows {
    /// By rising number.
    blocks: Vec<CountedBlock>,
    /// Whether a block may hold a line that makes a trace, where that was asked; one a block.
    traces: Vec<Option<bool>>,
    /// How many were read in the search's direction.
    read_ahead: usize,
}

/// A block among its neighbours, being asked whether it can be ruled out.
struct Asked<'a> {
    rows: &'a mut Rows,
    at: usize,
    reader: &'a Borrowed<'a>,
    /// Numbers that the log has.
    log: Range<i64>,
    /// The block's own filter, once it was read.
    filter: Option<Option<Vec<u8>>>,
}

impl Rows {
    /// Where the row of the block that covers `seq` stands.
    pub(super) fn find(
        &mut self,
        reader: &Borrowed<'_>,
        log: LogId,
        seq: i64,
        direction: Direction,
    ) -> Result<Option<usize>, StoreError> {
        if let Some(at) = self.position(seq) {
            // Neighbours beyond the window are not known; where fewer rows were read there are none on the disk.
            let is_near_edge = match direction {
                Direction::Forward => at + NEIGHBOURS > self.blocks.len(),
                Direction::Backward => at < NEIGHBOURS,
            };
            if !is_near_edge || self.read_ahead < ROWS_AHEAD {
                return Ok(Some(at));
            }
        }
        let (ahead, behind) = match direction {
            Direction::Forward => (ROWS_AHEAD, ROWS_BEHIND),
            Direction::Backward => (ROWS_BEHIND, ROWS_AHEAD),
        };
        let mut blocks = reader.counted_blocks_back(log, seq.saturating_sub(1), behind)?;
        blocks.reverse();
        let known = blocks.last().map_or(i64::MIN, |block| block.row.last);
        let following = reader.counted_blocks(log, seq, ahead)?;
        self.read_ahead = match direction {
            Direction::Forward => following.len(),
            Direction::Backward => blocks.len(),
        };
        blocks.extend(following.into_iter().filter(|block| block.row.first > known));
        self.traces = vec![None; blocks.len()];
        self.blocks = blocks;
        Ok(self.position(seq))
    }

    /// The numbers of `count` blocks that follow the next `count` behind `covered`, as far as rows are known.
    pub(super) fn behind(
        &self,
        covered: &Range<i64>,
        count: usize,
        direction: Direction,
    ) -> Option<Range<i64>> {
        let blocks = match direction {
            Direction::Forward => {
                let next = self.blocks.partition_point(|block| block.row.first < covered.end);
                self.blocks.get(next + count..next + 2 * count)?
            }
            Direction::Backward => {
                let end = self.blocks.partition_point(|block| block.row.last < covered.start);
                self.blocks.get(end.checked_sub(2 * count)?..end - count)?
            }
        };
        Some(blocks.first()?.row.first..blocks.last()?.row.last + 1)
    }

    fn position(&self, seq: i64) -> Option<usize> {
        let at = self.blocks.partition_point(|block| block.row.last < seq);
        self.blocks.get(at).is_some_and(|block| block.row.first <= seq).then_some(at)
    }

    pub(super) fn get(&self, at: usize) -> &CountedBlock {
        &self.blocks[at]
    }

    /// Whether a line of the block may itself match.
    pub(super) fn may_fulfil(
        &mut self,
        at: usize,
        condition: &Necessary,
        reader: &Borrowed<'_>,
        log: Range<i64>,
    ) -> Result<bool, StoreError> {
        Asked { rows: self, at, reader, log, filter: None }.fulfils(condition)
    }

    fn may_trace(&mut self, at: usize, reader: &Borrowed<'_>) -> Result<bool, StoreError> {
        if let Some(known) = self.traces[at] {
            return Ok(known);
        }
        let bits = reader.filter(self.blocks[at].row.id)?;
        let may = bits.is_none_or(|bits| {
            TRACE_MARKS.iter().any(|mark| filter::may_contain(&bits, mark.to_ascii_lowercase().as_bytes()))
        });
        self.traces[at] = Some(may);
        Ok(may)
    }
}

impl Asked<'_> {
    fn block(&self) -> &CountedBlock {
        &self.rows.blocks[self.at]
    }

    fn fulfils(&mut self, condition: &Necessary) -> Result<bool, StoreError> {
        Ok(match condition {
            Necessary::Any => true,
            Necessary::Nothing => false,
            Necessary::Literal { bytes, .. } => self.may_contain(bytes)?,
            Necessary::Severity(set) => self.may_have(*set)?,
            Necessary::Stream(stream) => {
                let row = self.block().row;
                let records = (row.last - row.first + 1) as u64;
                match stream {
                    IoStream::Stderr => self.block().stderr > 0,
                    IoStream::Stdout => self.block().stderr < records,
                }
            }
            // By rows first: a filter is a read of its own.
            Necessary::And(all) => {
                let (rows, filters): (Vec<_>, Vec<_>) =
                    all.iter().partition(|condition| !asks_filter(condition));
                for condition in rows.into_iter().chain(filters) {
                    if !self.fulfils(condition)? {
                        return Ok(false);
                    }
                }
                true
            }
            Necessary::Or(any) => {
                for condition in any {
                    if self.fulfils(condition)? {
                        return Ok(true);
                    }
                }
                false
            }
        })
    }

    fn may_contain(&mut self, word: &[u8]) -> Result<bool, StoreError> {
        // Shorter words leave no window in a filter.
        if word.len() < filter::WINDOW_BYTES {
            return Ok(true);
        }
        let bits = match self.filter.take() {
            Some(bits) => bits,
            None => self.reader.filter(self.block().row.id)?,
        };
        let may = bits.as_ref().is_none_or(|bits| filter::may_contain(bits, word));
        self.filter = Some(bits);
        Ok(may)
    }

    /// Whether a record of the block may count as one of these.
    fn may_have(&mut self, set: SeveritySet) -> Result<bool, StoreError> {
        let Some(own) = self.block().severities else { return Ok(true) };
        if names(&own, set) {
            return Ok(true);
        }
        // Who names a level keeps it.
        if own[usize::from(Severity::UNSPECIFIED.number())] == 0 {
            return Ok(false);
        }
        let traces = set.contains(Severity::ERROR);
        if traces && self.rows.may_trace(self.at, self.reader)? {
            return Ok(true);
        }
        let reach = i64::from(GROUP_RECORDS_MAX);
        let BlockRow { first, last, .. } = self.block().row;
        let mut known_from = first;
        for before in (0..self.at).rev() {
            let BlockRow { first: start, last: end, .. } = self.rows.blocks[before].row;
            // What lies between is in memory, or a gap: it says nothing.
            if end + 1 != known_from || first - end > reach {
                break;
            }
            let counts = self.rows.blocks[before].severities;
            if counts.is_none_or(|counts| names(&counts, set))
                || traces && self.rows.may_trace(before, self.reader)?
            {
                return Ok(true);
            }
            known_from = start;
        }
        if known_from > self.log.start && first - known_from < reach {
            return Ok(true);
        }
        if !traces {
            return Ok(false);
        }
        let mut known_to = last;
        for behind in self.at + 1..self.rows.blocks.len() {
            let BlockRow { first: start, last: end, .. } = self.rows.blocks[behind].row;
            if start != known_to + 1 || start - last > reach {
                break;
            }
            if self.rows.may_trace(behind, self.reader)? {
                return Ok(true);
            }
            known_to = end;
        }
        Ok(known_to + 1 < self.log.end && known_to - last < reach)
    }
}

/// Whether a record names one of the set.
fn names(counts: &[u64; Severity::COUNT], set: SeveritySet) -> bool {
    set.iter().any(|severity| counts[usize::from(severity.number())] > 0)
}

fn asks_filter(condition: &Necessary) -> bool {
    match condition {
        Necessary::Literal { .. } => true,
        Necessary::And(parts) | Necessary::Or(parts) => parts.iter().any(asks_filter),
        Necessary::Any | Necessary::Nothing | Necessary::Severity(_) | Necessary::Stream(_) => false,
    }
}
