//! Finding where to begin grouping: from a record back to one that begins a group whatever came before it.

use super::trace::{CARET_LINES_MAX, Line};
use super::{HeadPattern, is_near, visible};
use crate::{RecordRef, Timestamp};

/// Takes one stream's records backwards, the one whose group is wanted first, until one of them is sure to begin a group.
///
/// Between most lines that is settled some ten records back. Who comes to records that are missing, to the log's
/// start, or has looked at [`super::GROUP_RECORDS_MAX`] begins at the last that was pushed.
#[derive(Debug, Clone)]
pub struct Lookback {
    pattern: Option<HeadPattern>,
    /// In the order in which they came: backwards.
    lines: Vec<Line>,
    last: Option<Timestamp>,
    /// What stands before it is no head, or not sure to be one.
    candidate: usize,
    visible: String,
}

impl Lookback {
    pub(super) fn new(pattern: Option<HeadPattern>) -> Self {
        Self { pattern, lines: Vec::new(), last: None, candidate: 0, visible: String::new() }
    }

    /// Forgets what was pushed, for the next record whose group is wanted.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.last = None;
        self.candidate = 0;
    }

    /// The record before. Answers with how many records before the first one the head stands, once that is sure.
    pub fn push(&mut self, record: &RecordRef<'_>) -> Option<usize> {
        // What came last begins a group for its time alone.
        if self.last.is_some_and(|last| !is_near(last, record.timestamp)) {
            return Some(self.lines.len() - 1);
        }
        self.last = Some(record.timestamp);
        let text = visible(record.body, &mut self.visible);
        if let Some(pattern) = &self.pattern {
            self.lines.push(Line::Follows);
            return pattern.is_match(text).then(|| self.lines.len() - 1);
        }
        self.lines.push(Line::of(text));
        while let Some(is_head) = self.is_head(self.candidate) {
            if is_head {
                return Some(self.candidate);
            }
            self.candidate += 1;
        }
        None
    }

    /// Whether a line begins a group for sure; `None` while what stands before it does not tell.
    fn is_head(&self, at: usize) -> Option<bool> {
        if !matches!(self.lines.get(at)?, Line::Alone | Line::OpensOne) {
            return Some(false);
        }
        let before = &self.lines[at + 1..];
        let mut told = before.iter().filter(|line| **line != Line::Blank);
        if *told.next()? == Line::OpensOne {
            return Some(false);
        }
        let mut frames = before.iter().filter(|line| !matches!(line, Line::Blank | Line::Follows));
        // A caret is no line that ends frames: Python draws some among them.
        let opener = frames.find(|line| **line != Line::Caret)?;
        if *opener == Line::OpensFrames {
            return Some(false);
        }
        let carets = before.get(..usize::from(CARET_LINES_MAX));
        match carets {
            Some(lines) => Some(!lines.contains(&Line::Caret)),
            None if before.contains(&Line::Caret) => Some(false),
            None => None,
        }
    }
}
