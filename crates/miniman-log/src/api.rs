//! The API's log stream with `timestamps=1`, as the same parts that the files give.
//!
//! The daemon puts the time before every message it kept, and each 16 KiB part of a long line is a message, all with
//! the line's one time. Multiplexed, a message is a frame. With a terminal there are no frames: messages follow
//! each other as text, so a line's parts are told by its own time coming again after 16 KiB. (A container that
//! exits in the middle of a terminal's line leaves no trace of that here: its next start continues the line.)

use crate::demux::{DemuxError, StreamDemuxer};
use crate::part::{PART_BYTES, Part, PartSink};
use crate::{IoStream, Timestamp};

mod terminal;

/// The longest time before a message: Docker's has 30 bytes, Podman's 35 with a zone's offset.
const STAMP_BYTES_MAX: usize = 40;

/// A message longer than Docker makes them is passed on in pieces of this size, as if they were its parts.
const PIECE_BYTES: usize = 64 * 1024;

/// When to cut a piece off: what is left can still hold a full part, so the joiner never takes it for a line's end.
const OPEN_BYTES_MAX: usize = PIECE_BYTES + PART_BYTES + STAMP_BYTES_MAX + 1;

/// Parses one response body; a new request takes a new parser.
#[derive(Debug)]
pub struct ApiLogParser {
    demuxer: StreamDemuxer,
    tty: bool,
    frames: Frames,
    terminal: terminal::Lines,
}

impl ApiLogParser {
    /// `tty`: the container's `Config.Tty`.
    pub fn new(tty: bool) -> Self {
        Self {
            demuxer: StreamDemuxer::new(tty),
            tty,
            frames: Frames::default(),
            terminal: terminal::Lines::default(),
        }
    }

    /// Consumes all of `bytes`; offsets given to `sink` count bytes of the stream. A message without its time takes
    /// the one before it, and is damage when none came before.
    ///
    /// # Errors
    /// The stream is of no use from there on. A text of the daemon itself is one: it stops reading after it.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl PartSink) -> Result<(), DemuxError> {
        if self.tty {
            return self.terminal.feed(bytes, sink);
        }
        let frames = &mut self.frames;
        self.demuxer.feed(bytes, &mut |stream, payload, ended| frames.payload(stream, payload, ended, sink))
    }

    /// The stream ended by itself: hands on a terminal's last line without newline. After a broken connection the
    /// parser is dropped instead, because what it holds may be half a message.
    pub fn finish(&mut self, sink: &mut impl PartSink) {
        if self.tty {
            self.terminal.finish(sink);
        }
    }
}

/// `(time, message)` of a message with its time before it.
fn split_stamp(message: &[u8]) -> Option<(Timestamp, &[u8])> {
    let head = &message[..message.len().min(STAMP_BYTES_MAX + 1)];
    let at = memchr::memchr(b' ', head)?;
    Some((Timestamp::parse(&message[..at])?, &message[at + 1..]))
}

/// Where in the stream the parser is, and the time that unstamped text takes.
#[derive(Debug, Default)]
struct Position {
    /// Where the last part or damage that was told ended.
    told: u64,
    read: u64,
    timestamp: Option<Timestamp>,
}

impl Position {
    /// Tells all up to `unread` bytes before the reading position as a part of the current time, or as damage.
    fn tell(
        &mut self,
        iostream: IoStream,
        bytes: &[u8],
        newline: bool,
        unread: usize,
        sink: &mut impl PartSink,
    ) {
        let (start, end) = (self.told, self.read - unread as u64);
        self.told = end;
        match self.timestamp {
            Some(timestamp) => sink.part(Part { timestamp, iostream, bytes, newline }, start, end),
            None => sink.damage(start, end),
        }
    }
}

/// Messages that are frames.
#[derive(Debug, Default)]
struct Frames {
    position: Position,
    inside: bool,
    /// The frame so far, when it did not come in one piece.
    open: Vec<u8>,
    /// A piece of the frame was passed on already, its time with it.
    cut: bool,
}

impl Frames {
    fn payload(&mut self, stream: IoStream, payload: &[u8], ended: bool, sink: &mut impl PartSink) {
        if !std::mem::replace(&mut self.inside, !ended) {
            self.position.read += 8; // the header
        }
        if ended && self.open.is_empty() && !self.cut && payload.len() <= OPEN_BYTES_MAX {
            self.position.read += payload.len() as u64;
            self.message(stream, payload, sink);
            return;
        }
        for chunk in payload.chunks(PART_BYTES) {
            self.position.read += chunk.len() as u64;
            self.open.extend_from_slice(chunk);
            if self.open.len() >= OPEN_BYTES_MAX {
                self.piece(stream, sink);
            }
        }
        if ended {
            let mut open = std::mem::take(&mut self.open);
            self.message(stream, &open, sink);
            open.clear();
            self.open = open;
            self.cut = false;
        }
    }

    fn message(&mut self, stream: IoStream, bytes: &[u8], sink: &mut impl PartSink) {
        let bytes = if self.cut { bytes } else { self.stamp(bytes) };
        let (bytes, newline) = match bytes.strip_suffix(b"\n") {
            Some(line) => (line, true),
            None => (bytes, false),
        };
        self.position.tell(stream, bytes, newline, 0, sink);
    }

    fn piece(&mut self, stream: IoStream, sink: &mut impl PartSink) {
        let open = std::mem::take(&mut self.open);
        let text = if self.cut { &open[..] } else { self.stamp(&open) };
        let (piece, rest) = text.split_at(PIECE_BYTES);
        self.position.tell(stream, piece, false, rest.len(), sink);
        self.open = rest.to_vec();
        self.cut = true;
    }

    fn stamp<'a>(&mut self, message: &'a [u8]) -> &'a [u8] {
        let Some((timestamp, text)) = split_stamp(message) else { return message };
        self.position.timestamp = Some(timestamp);
        text
    }
}

#[cfg(test)]
mod tests;
