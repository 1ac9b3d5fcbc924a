//! Standing again where a resume state does: what was read there and is in no record, or tells of a private key.

use std::io;

use miniman_log::redact::Before;
use miniman_log::{IoStream, Part, PartSink, Redactor};

use super::{CHUNK_BYTES_MAX, History, Place, all_files};
use crate::tail::lines::Lines;
use crate::tail::open::LogDir;
use crate::tail::resume::{Position, Resume};

/// Feeds the parts again that were pending when `resume` was stored, because they are in no record yet, and the lines of
/// a private key that had not ended, because the redactor has to know those that follow.
pub(crate) fn replay(
    dir: &LogDir,
    redactor: &Redactor,
    resume: &Resume,
    lines: &mut Lines,
) -> io::Result<()> {
    let Some(live) = resume.live else { return Ok(()) };
    if resume.pending.iter().chain(&resume.keys).all(Option::is_none) {
        return Ok(());
    }
    let files = all_files(dir)?;
    let place = |position: Position| {
        let index = files.iter().position(|file| file.key == Some(position.file))?;
        Some((index, position.offset))
    };
    let Some(to) = place(live) else { return Ok(()) };
    let found = |at: Option<Position>| at.and_then(place).filter(|from| *from <= to);
    let (pending, keys) = (resume.pending.map(found), resume.keys.map(found));
    let total = 0;
    let mut history = History {
        dir: dir.clone(),
        tty: false,
        redactor: redactor.clone(),
        files,
        at: to,
        total,
        read: 0,
        begin: None,
        lost: false,
        beginless: false,
        abandoned: false,
    };
    for stream in IoStream::ALL {
        // After so much of the other stream it is enough to know that it had begun.
        let near = |from: &Place| history.distance(*from, to) <= CHUNK_BYTES_MAX;
        let key_from = keys[stream.index()].filter(near);
        if key_from.is_some() {
            // What stands there is read as it was the first time.
            lines.presume(stream, Before::Unknown);
        }
        let Some(from) = key_from.or(pending[stream.index()]) else { continue };
        history.feed(from, to, &mut |feed| {
            lines.file = feed.key;
            feed.parse(&mut OneStream { lines, stream });
        })?;
        lines.forget();
    }
    Ok(())
}

struct OneStream<'a> {
    lines: &'a mut Lines,
    stream: IoStream,
}

impl PartSink for OneStream<'_> {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        if part.iostream == self.stream {
            self.lines.part(part, start, end);
        }
    }

    fn damage(&mut self, _from: u64, _to: u64) {}
}
