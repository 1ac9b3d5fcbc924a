//! Lines around a match, out of a log that comes by once.

use std::collections::VecDeque;

use super::lane::Row;

/// Bytes of bodies that are kept in case a match follows. Beyond, the oldest lines are no context.
const BEFORE_BYTES_MAX: usize = 4 << 20;

pub(super) struct Around {
    lines: usize,
    before: VecDeque<Row>,
    before_bytes: usize,
    /// So many lines are given still, behind the last match.
    behind: usize,
}

impl Around {
    pub(super) fn new(lines: u32) -> Self {
        Self { lines: lines as usize, before: VecDeque::new(), before_bytes: 0, behind: 0 }
    }

    /// The log's next record, by its order.
    pub(super) fn push(&mut self, row: Row, is_match: bool, out: &mut VecDeque<Row>) {
        if is_match {
            out.extend(self.before.drain(..).map(|row| Row { context: true, ..row }));
            out.push_back(row);
            (self.before_bytes, self.behind) = (0, self.lines);
        } else if self.behind > 0 {
            self.behind -= 1;
            out.push_back(Row { context: true, ..row });
        } else if self.lines > 0 {
            self.before_bytes += row.record().body.len();
            self.before.push_back(row);
            while self.before.len() > self.lines || self.before_bytes > BEFORE_BYTES_MAX {
                let Some(row) = self.before.pop_front() else { break };
                self.before_bytes -= row.record().body.len();
            }
        }
    }

    /// Nothing stands around what comes from here on: records are missing.
    pub(super) fn interrupt(&mut self) {
        self.before.clear();
        (self.before_bytes, self.behind) = (0, 0);
    }
}
