//! Messages of a container with a terminal: text without frames.

use memchr::{memchr, memmem};

use super::{OPEN_BYTES_MAX, PIECE_BYTES, Position, STAMP_BYTES_MAX, split_stamp};
use crate::demux::{DemuxError, daemon_error_text};
use crate::part::{PART_BYTES, PartSink};
use crate::{IoStream, Timestamp};

/// How the daemon's own text begins; there is no stream of its own for it here, and no time before it.
const DAEMON_ERROR_START: &[u8] = b"Error grabbing logs: ";

#[derive(Debug, Default)]
pub(super) struct Lines {
    position: Position,
    state: State,
    /// The line's time and the space behind it, as text: it comes again before each further part. Empty when the
    /// line has none.
    stamp: Vec<u8>,
    /// The message so far.
    body: Vec<u8>,
    /// Up to here `body` holds no time again.
    searched: usize,
    failed: Option<DemuxError>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Stamp,
    Body,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl PartSink) -> Result<(), DemuxError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = self.step(rest, sink).inspect_err(|error| self.failed = Some(error.clone()))?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, sink: &mut impl PartSink) {
        if self.state == State::Body {
            self.position.tell(IoStream::Stdout, &self.body, false, 0, sink);
        } else if !self.stamp.is_empty() {
            sink.damage(self.position.told, self.position.read);
            self.position.told = self.position.read;
        }
        self.next_line();
    }

    fn step<'a>(&mut self, bytes: &'a [u8], sink: &mut impl PartSink) -> Result<&'a [u8], DemuxError> {
        // Never more at once than a part, so that `body` stays bounded whatever is fed.
        let near = &bytes[..bytes.len().min(PART_BYTES)];
        let newline = memchr(b'\n', near);
        if self.state == State::Stamp {
            if let (Some(len), true) = (newline, self.stamp.is_empty()) {
                self.position.read += len as u64 + 1;
                self.whole_line(&near[..len], sink)?;
                return Ok(&bytes[len + 1..]);
            }
            let taken = self.read_stamp(&near[..newline.unwrap_or(near.len())]);
            if taken > 0 || newline != Some(0) {
                return Ok(&bytes[taken..]);
            }
            self.begin_body(None);
        }
        let len = newline.unwrap_or(near.len());
        self.body.extend_from_slice(&near[..len]);
        self.position.read += len as u64;
        self.parts(sink);
        if newline.is_none() {
            return Ok(&bytes[len..]);
        }
        self.position.read += 1;
        self.check_daemon_error(self.stamp.is_empty(), &self.body)?;
        self.position.tell(IoStream::Stdout, &self.body, true, 0, sink);
        self.next_line();
        Ok(&bytes[len + 1..])
    }

    /// A line that came in one piece and is shorter than a part: nothing is copied.
    fn whole_line(&mut self, line: &[u8], sink: &mut impl PartSink) -> Result<(), DemuxError> {
        let text = match split_stamp(line) {
            Some((timestamp, text)) => {
                self.position.timestamp = Some(timestamp);
                text
            }
            None => {
                self.check_daemon_error(true, line)?;
                line
            }
        };
        self.position.tell(IoStream::Stdout, text, true, 0, sink);
        Ok(())
    }

    /// Gathers the time up to its space; returns how much of `line` that took.
    fn read_stamp(&mut self, line: &[u8]) -> usize {
        let near = &line[..line.len().min(STAMP_BYTES_MAX + 1 - self.stamp.len())];
        let space = memchr(b' ', near);
        let taken = space.map_or(near.len(), |at| at + 1);
        self.stamp.extend_from_slice(&near[..taken]);
        self.position.read += taken as u64;
        if space.is_some() {
            self.begin_body(Timestamp::parse(&self.stamp[..self.stamp.len() - 1]));
        } else if self.stamp.len() > STAMP_BYTES_MAX {
            self.begin_body(None);
        }
        taken
    }

    /// Without a time, what was read for one is the line's text.
    fn begin_body(&mut self, timestamp: Option<Timestamp>) {
        self.state = State::Body;
        match timestamp {
            Some(_) => self.position.timestamp = timestamp,
            None => self.body.append(&mut self.stamp),
        }
    }

    /// Passes on what of `body` is known to be a part: the line's time stands behind it.
    fn parts(&mut self, sink: &mut impl PartSink) {
        while !self.stamp.is_empty() && self.body.len() >= PART_BYTES + self.stamp.len() {
            let from = self.searched.max(PART_BYTES);
            let Some(found) = memmem::find(&self.body[from..], &self.stamp) else {
                self.searched = self.body.len() - self.stamp.len() + 1;
                break;
            };
            self.pass_on(from + found, sink);
            self.body.drain(..self.stamp.len());
        }
        while self.body.len() >= OPEN_BYTES_MAX {
            self.pass_on(PIECE_BYTES, sink);
        }
    }

    fn pass_on(&mut self, len: usize, sink: &mut impl PartSink) {
        self.position.tell(IoStream::Stdout, &self.body[..len], false, self.body.len() - len, sink);
        self.body.drain(..len);
        self.searched = self.searched.saturating_sub(len);
    }

    fn next_line(&mut self) {
        self.state = State::Stamp;
        self.stamp.clear();
        self.body.clear();
        self.searched = 0;
    }

    fn check_daemon_error(&self, unstamped: bool, line: &[u8]) -> Result<(), DemuxError> {
        if unstamped && line.starts_with(DAEMON_ERROR_START) {
            return Err(DemuxError::Daemon(daemon_error_text(line)));
        }
        Ok(())
    }
}
