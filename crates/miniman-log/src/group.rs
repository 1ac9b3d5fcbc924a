//! Lines that belong together: stack traces and indented continuations, told when they are read.
//!
//! Records stay as they were written, one a line; a [`Grouper`] only says which continue another. It looks at each record
//! once, in the log's order, keeps the two streams apart, and remembers nothing but what the open group of each is.
//!
//! What is doubtful begins a group of its own: two groups where one was meant hide nothing.

use crate::{RecordBatch, RecordRef, Severity, Timestamp, ansi};

mod lookback;
mod pattern;
mod shape;
mod trace;

pub use lookback::Lookback;
pub use pattern::{HEAD_PATTERN_BYTES_MAX, HeadPattern, HeadPatternError};

use trace::Trace;

/// Lines of one group, its head among them; the next line begins another.
pub const GROUP_LINES_MAX: u32 = 1_000;
/// Bytes of one group's bodies.
pub const GROUP_BYTES_MAX: usize = 256 * 1024;
/// Records from a group's head to its last line, those of the other stream counted: how far back a reader has to look.
pub const GROUP_RECORDS_MAX: u32 = 2_000;
/// Time between two neighbouring lines of a group, either way. Programs write a trace at once; a container that is held
/// back (CPU quotas work in 100 ms) may need a few turns for it.
pub const GROUP_PAUSE_MS_MAX: i64 = 1_000;
/// Bytes of a line that are looked at.
const LOOK_BYTES_MAX: usize = 512;

/// One of these stands in some line of every group that is an error without naming a level. Who knows that lines hold none
/// of them knows that none of them makes a group an error.
pub const TRACE_MARKS: [&str; 13] = [
    "Traceback (most recent call last):",
    "panic: ",
    "fatal error: ",
    "goroutine ",
    "panicked at ",
    "Exception in thread ",
    "Unhandled exception. ",
    " at ",
    "\tat ",
    "\rat ",
    "\u{c}at ",
    "File \"",
    ":in ",
];

/// Where a record stands in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It begins one. Most groups have no more than that.
    Head,
    /// It continues the record that was pushed `head_offset` records before it, of either stream.
    Continuation { head_offset: u32 },
}

/// What a [`Grouper`] says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouped {
    pub place: Place,
    /// The effective severity: its own when it names one, else its head's, else error in a trace.
    pub severity: Severity,
    /// Here it shows that the group is a trace without a level: its earlier lines, the head among them, are errors from
    /// now on as well.
    pub raised: bool,
}

/// Groups one log's records. Push them in the order of their `seq`; any number at a time gives the same answers.
///
/// Begun in the middle of a log, its first answers can differ from those of a grouper that began earlier: up to the first
/// record on each stream that begins a group whatever came before it. [`Lookback`] finds one; where there is none,
/// [`GROUP_RECORDS_MAX`] records of lead are enough but for groups that were cut at a bound.
#[derive(Debug, Clone, Default)]
pub struct Grouper {
    head_pattern: Option<HeadPattern>,
    open: [Option<Open>; 2],
    visible: String,
}

/// A stream's last group, as long as something may continue it.
#[derive(Debug, Clone)]
struct Open {
    /// Records pushed since its head, of both streams.
    records: u32,
    lines: u32,
    bytes: usize,
    last: Timestamp,
    severity: Severity,
    trace: Trace,
}

impl Grouper {
    /// Groups by what stack traces look like and by indentation.
    pub fn new() -> Self {
        Self::default()
    }

    /// Groups by the owner's word instead: what matches `pattern` begins a group, and all else continues it.
    pub fn with_pattern(pattern: HeadPattern) -> Self {
        Self { head_pattern: Some(pattern), ..Self::default() }
    }

    /// Where to begin so that a record's group comes out right, by the same rules.
    pub fn lookback(&self) -> Lookback {
        Lookback::new(self.head_pattern.clone())
    }

    /// So many records come in between that are not pushed, since they are the other stream's.
    pub fn pass(&mut self, records: u32) {
        for open in self.open.iter_mut().flatten() {
            open.records = open.records.saturating_add(records);
        }
    }

    /// The next record of the log.
    pub fn push(&mut self, record: &RecordRef<'_>) -> Grouped {
        self.pass(1);
        let text = visible(record.body, &mut self.visible);
        let stream = record.iostream.index();
        let near = self.open[stream].take().filter(|open| open.is_near(record));
        let continued = near.and_then(|mut open| {
            let continues = match &self.head_pattern {
                Some(pattern) => {
                    let continues = !pattern.is_match(text);
                    if continues {
                        open.trace.follow(text, record.severity, open.severity);
                    }
                    continues
                }
                None => open.trace.follow(text, record.severity, open.severity),
            };
            continues.then_some(open)
        });
        let open = match continued {
            Some(open) if open.has_room(record) => {
                let (open, grouped) = open.extended(record);
                self.open[stream] = Some(open);
                return grouped;
            }
            // Cut at a bound: what comes belongs to the same trace still.
            Some(cut) => Open::begin(record, cut.trace, cut.severity),
            None => Open::begin(record, Trace::of_head(text), Severity::UNSPECIFIED),
        };
        let severity = open.severity;
        self.open[stream] = Some(open);
        Grouped { place: Place::Head, severity, raised: false }
    }

    /// Records are missing here, or the log ended: nothing continues what came before.
    pub fn interrupt(&mut self) {
        self.open = Default::default();
    }

    /// Pushes all of a batch, in place of what is in `out`. What is [raised](Grouped::raised) in it, is so for the group's
    /// records of this batch from the start.
    pub fn push_batch(&mut self, batch: &RecordBatch, out: &mut Vec<Grouped>) {
        out.clear();
        for (index, record) in batch.iter().enumerate() {
            let grouped = self.push(&record);
            out.push(grouped);
            let Place::Continuation { head_offset } = grouped.place else { continue };
            if grouped.raised {
                let head = index.saturating_sub(head_offset as usize);
                let stream = record.iostream as u8;
                for earlier in (head..index).filter(|at| batch.iostreams()[*at] == stream) {
                    let severity = &mut out[earlier].severity;
                    if *severity == Severity::UNSPECIFIED {
                        *severity = grouped.severity;
                    }
                }
            }
        }
    }
}

impl Open {
    /// `inherited`: the level of the group that this one goes on with.
    fn begin(record: &RecordRef<'_>, trace: Trace, inherited: Severity) -> Self {
        let own = if record.severity == Severity::UNSPECIFIED { inherited } else { record.severity };
        let severity = effective(own, trace.is_certain());
        Self { records: 0, lines: 1, bytes: record.body.len(), last: record.timestamp, severity, trace }
    }

    fn is_near(&self, record: &RecordRef<'_>) -> bool {
        is_near(self.last, record.timestamp)
    }

    fn has_room(&self, record: &RecordRef<'_>) -> bool {
        self.lines < GROUP_LINES_MAX
            && self.records <= GROUP_RECORDS_MAX
            && self.bytes + record.body.len() <= GROUP_BYTES_MAX
    }

    fn extended(mut self, record: &RecordRef<'_>) -> (Self, Grouped) {
        let severity = effective(self.severity, self.trace.is_certain());
        let raised = severity != self.severity;
        self.severity = severity;
        self.lines += 1;
        self.bytes += record.body.len();
        self.last = record.timestamp;
        let own = if record.severity == Severity::UNSPECIFIED { severity } else { record.severity };
        let place = Place::Continuation { head_offset: self.records };
        (self, Grouped { place, severity: own, raised })
    }
}

/// Whether two neighbouring lines may be of one group.
fn is_near(one: Timestamp, other: Timestamp) -> bool {
    one.0.abs_diff(other.0) <= GROUP_PAUSE_MS_MAX as u64 * 1_000_000
}

fn effective(named: Severity, trace: bool) -> Severity {
    if trace && named == Severity::UNSPECIFIED { Severity::ERROR } else { named }
}

/// The start of what people see of the body.
fn visible<'a>(body: &'a str, buffer: &'a mut String) -> &'a str {
    let start = &body[..body.floor_char_boundary(LOOK_BYTES_MAX)];
    if ansi::is_plain(start.as_bytes()) {
        return start;
    }
    buffer.clear();
    ansi::strip_into(start, buffer);
    buffer
}

#[cfg(test)]
mod tests;
