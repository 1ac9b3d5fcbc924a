//! Bytes of a log file to records of a log.

use miniman_log::redact::Before;
use miniman_log::{
    IoStream, JsonFileParser, LINE_BYTES_MAX, LineJoiner, LocalParser, LogRedactor, Part, PartSink,
    RecordBatch, Redactor,
};

use super::open::{FileKey, Format};
use super::resume::{IN_KEY, Position, Resume};

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

/// A place for each stream: where the parts begin of its unfinished line, or the lines of its unfinished private key.
pub(crate) type Pending = [Option<Position>; IoStream::ALL.len()];

/// Joins parts to records without secrets, and knows where each stream's unfinished line begins.
///
/// What comes out, by [`Lines::take`] and [`Lines::flush`], has passed the redactor: nothing else makes records, so
/// nothing else can be stored, hashed or shown.
pub(crate) struct Lines {
    joiner: LineJoiner,
    redactor: LogRedactor,
    /// The file that is read now; `None` only while its first entry is not whole, when nothing can be pending in it.
    pub(crate) file: Option<FileKey>,
    pub(crate) pending: Pending,
    /// Where the private key begins, or a little before, in which a stream is; as of what was taken.
    pub(crate) keys: Pending,
    /// As it was when pieces were last taken.
    taken_pending: Pending,
    out: Vec<Piece>,
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
    /// As it was at the end, once it has been taken.
    pub(crate) keys: Pending,
}

impl Lines {
    pub(crate) fn new(tty: bool, redactor: &Redactor) -> Self {
        Self {
            joiner: LineJoiner::new(LINE_BYTES_MAX, tty),
            redactor: LogRedactor::new(redactor),
            file: None,
            pending: [None; 2],
            keys: [None; 2],
            taken_pending: [None; 2],
            out: Vec::new(),
        }
    }

    /// Says what came before the next line of `stream`.
    pub(crate) fn presume(&mut self, stream: IoStream, before: Before) {
        self.redactor.presume(stream, before);
        self.keys[stream.index()] = (before == Before::Key).then_some(IN_KEY);
    }

    /// Lines are missing before the next one.
    pub(crate) fn missed(&mut self) {
        self.redactor.missed();
    }

    /// The runs since this was last asked.
    pub(crate) fn take(&mut self) -> Vec<Piece> {
        let mut pieces = std::mem::take(&mut self.out);
        for piece in &mut pieces {
            self.redact(piece);
        }
        self.redactor.count();
        pieces
    }

    /// What was read so far only told the state: it is in records already, and counted.
    pub(crate) fn forget(&mut self) {
        for mut piece in std::mem::take(&mut self.out) {
            self.redact(&mut piece);
        }
        self.redactor.forget_count();
    }

    /// The lines that had begun are not read on.
    pub(crate) fn drop_unfinished(&mut self) {
        self.joiner.flush(&mut RecordBatch::new());
        (self.pending, self.taken_pending) = ([None; 2], [None; 2]);
    }

    /// Stands where `resume` does, as far as it can be known without reading.
    pub(crate) fn resume(&mut self, resume: &Resume) {
        for stream in IoStream::ALL {
            let in_key = resume.keys[stream.index()].is_some();
            self.presume(stream, if in_key { Before::Key } else { Before::Nothing });
        }
        self.keys = resume.keys;
    }

    fn redact(&mut self, piece: &mut Piece) {
        match piece.batch.take() {
            None => self.redactor.missed(),
            Some(batch) => {
                let begun = IoStream::ALL.map(|stream| self.redactor.keys_begun(stream));
                piece.batch = Some(self.redactor.batch(batch));
                let start = piece.file.map_or(IN_KEY, |file| Position { file, offset: piece.start });
                for stream in IoStream::ALL {
                    let index = stream.index();
                    if !self.redactor.in_key(stream) {
                        self.keys[index] = None;
                    } else if self.redactor.keys_begun(stream) != begun[index] {
                        // The line in which it begins may have begun before this piece.
                        self.keys[index] = self.taken_pending[index].or(Some(start));
                    }
                }
            }
        }
        (piece.keys, self.taken_pending) = (self.keys, piece.pending);
    }

    pub(crate) fn is_pending(&self, stream: IoStream) -> bool {
        self.joiner.pending(stream)
    }

    /// Ends both streams' lines: the container has exited. `None` when none was pending. What was read before has to be
    /// taken before.
    pub(crate) fn flush(&mut self) -> Option<Piece> {
        debug_assert!(self.out.is_empty(), "lines that came before are redacted before");
        let mut batch = RecordBatch::new();
        self.joiner.flush(&mut batch);
        if batch.is_empty() {
            return None;
        }
        self.taken_pending = std::mem::take(&mut self.pending);
        let (pending, keys) = (self.pending, self.keys);
        let mut piece = Piece { batch: Some(batch), file: None, start: 0, end: 0, pending, keys };
        self.redact(&mut piece);
        self.redactor.count();
        Some(piece)
    }
}

impl PartSink for Lines {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        let Self { joiner, file, pending, out, .. } = self;
        if out.last().is_none_or(|piece| piece.batch.is_none()) {
            let batch = Some(RecordBatch::new());
            out.push(Piece { batch, file: *file, start, end, pending: *pending, keys: [None; 2] });
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
                self.out.push(Piece { batch: None, file, start: from, end: to, pending, keys: [None; 2] });
            }
        }
    }
}
