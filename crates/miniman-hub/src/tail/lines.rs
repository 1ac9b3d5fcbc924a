//! Bytes of a log file to records of a log.

use miniman_log::{
    IoStream, JsonFileParser, LINE_BYTES_MAX, LineJoiner, LocalParser, Part, PartSink, RecordBatch,
};

use super::open::{FileKey, Format};
use super::resume::Position;

/// A parser of either format.
pub(crate) enum Parser {
    JsonFile(JsonFileParser),
    Local(LocalParser),
}

impl Parser {
    pub(crate) fn new(format: Format, offset: u64) -> Self {
        match format {
            Format::JsonFile => Self::JsonFile(JsonFileParser::new(offset)),
            Format::Local => Self::Local(LocalParser::new(offset)),
        }
    }

    /// See [`JsonFileParser::feed`].
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut impl PartSink) -> usize {
        match self {
            Self::JsonFile(parser) => parser.feed(bytes, sink),
            Self::Local(parser) => parser.feed(bytes, sink),
        }
    }
}

/// Where the parts begin of each stream's unfinished line.
pub(crate) type Pending = [Option<Position>; IoStream::ALL.len()];

/// Joins parts to records, and knows where each stream's unfinished line begins.
pub(crate) struct Lines {
    joiner: LineJoiner,
    /// The file that is read now; `None` only while its first entry is not whole, when nothing can be pending in it.
    pub(crate) file: Option<FileKey>,
    pub(crate) pending: Pending,
    pub(crate) out: Vec<Piece>,
}

/// A run of records, or of bytes that are none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// `None` for damage.
    pub(crate) batch: Option<RecordBatch>,
    /// The file and offset where it begins, and the offset where it ends, in that file or a later one.
    pub(crate) file: Option<FileKey>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// As it was at the end.
    pub(crate) pending: Pending,
}

impl Lines {
    pub(crate) fn new(tty: bool) -> Self {
        Self { joiner: LineJoiner::new(LINE_BYTES_MAX, tty), file: None, pending: [None; 2], out: Vec::new() }
    }

    pub(crate) fn is_pending(&self, stream: IoStream) -> bool {
        self.joiner.pending(stream)
    }

    /// Ends both streams' lines: the container has exited. `None` when none was pending.
    pub(crate) fn flush(&mut self) -> Option<RecordBatch> {
        let mut batch = RecordBatch::new();
        self.joiner.flush(&mut batch);
        self.pending = [None; 2];
        (!batch.is_empty()).then_some(batch)
    }
}

impl PartSink for Lines {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        let Self { joiner, file, pending, out } = self;
        if out.last().is_none_or(|piece| piece.batch.is_none()) {
            let batch = Some(RecordBatch::new());
            out.push(Piece { batch, file: *file, start, end, pending: *pending });
        }
        let Some(piece) = out.last_mut() else { return };
        let Some(batch) = &mut piece.batch else { return };
        let stream = &mut pending[part.iostream.index()];
        if !joiner.push(part, batch) {
            *stream = None;
        } else if stream.is_none() {
            *stream = file.map(|file| Position { file, offset: start });
        }
        (piece.end, piece.pending) = (end, *pending);
    }

    fn damage(&mut self, from: u64, to: u64) {
        match self.out.last_mut() {
            Some(piece) if piece.batch.is_none() && piece.file == self.file && piece.end == from => {
                piece.end = to
            }
            _ => {
                let (file, pending) = (self.file, self.pending);
                self.out.push(Piece { batch: None, file, start: from, end: to, pending });
            }
        }
    }
}
