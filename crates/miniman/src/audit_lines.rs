//! The audit on standard output: one JSON object a line.
//!
//! A thread of its own writes, behind a bounded queue: whoever stops reading standard output, or reads it slowly, keeps
//! nobody from logging in. What did not fit stands in `miniman.db` all the same, and is counted on standard error.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait for standard output: 1,000 × ~400 B = 0.4 MB.
const QUEUE_LINES_MAX: usize = 1_000;

/// How long the end of the process waits for the lines that still wait.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// Takes lines; clones share the queue.
#[derive(Clone)]
pub(crate) struct AuditLines {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// Answered when all before it is written.
    Flush(SyncSender<()>),
}

impl AuditLines {
    /// Starts the thread, which ends with the last clone.
    pub(crate) fn start(out: impl Write + Send + 'static) -> Self {
        let (queue, lines) = sync_channel(QUEUE_LINES_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = lost.clone();
        std::thread::spawn(move || write_all(&lines, out, &counted));
        Self { queue, lost }
    }

    /// Waits until what was taken is written, within a bound.
    pub(crate) fn flush(&self) {
        self.flush_within(FLUSH_MAX);
    }

    fn flush_within(&self, limit: Duration) {
        let (done, written) = sync_channel(1);
        if self.queue.try_send(Message::Flush(done)).is_err() || written.recv_timeout(limit).is_err() {
            tracing::warn!("nobody reads standard output; miniman.db has the lines of the audit that wait");
        }
    }
}

fn write_all(lines: &Receiver<Message>, mut out: impl Write, lost: &AtomicU64) {
    for message in lines {
        match message {
            Message::Line(line) => {
                if out.write_all(&line).and_then(|()| out.flush()).is_err() {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
            }
            // Whoever asked has given up.
            Message::Flush(done) => drop(done.try_send(())),
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "lines of the audit did not get to standard output; miniman.db has them");
        }
    }
}

impl Write for AuditLines {
    /// A whole line, as `tracing` writes it.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Line(line.to_vec())) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for AuditLines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard output that nobody reads until the test does.
    struct Stuck(Receiver<()>, SyncSender<Vec<u8>>);

    impl Write for Stuck {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.recv().map_err(std::io::Error::other)?;
            self.1.send(line.to_vec()).map_err(std::io::Error::other)?;
            Ok(line.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stalls_stops_nobody_and_what_is_lost_is_counted() {
        let (read, reads) = sync_channel(QUEUE_LINES_MAX * 2);
        let (written, lines) = sync_channel(QUEUE_LINES_MAX * 2);
        let mut audit = AuditLines::start(Stuck(reads, written));
        for line in 0..QUEUE_LINES_MAX + 10 {
            audit.write_all(format!("{line}\n").as_bytes()).unwrap();
        }
        // One may be in the writer's hand already.
        assert!(audit.lost.load(Ordering::Relaxed) >= 9);
        for _ in 0..QUEUE_LINES_MAX {
            read.send(()).unwrap();
        }
        let first: Vec<_> = lines.iter().take(3).collect();
        assert_eq!(first, [b"0\n", b"1\n", b"2\n"]);
    }

    #[test]
    fn a_flush_waits_for_what_was_taken() {
        let (written, lines) = sync_channel(10);
        let (read, reads) = sync_channel(10);
        let mut audit = AuditLines::start(Stuck(reads, written));
        read.send(()).unwrap();
        audit.write_all(b"one\n").unwrap();
        audit.flush_within(Duration::from_secs(60));
        assert_eq!(lines.try_recv().unwrap(), b"one\n");
    }
}
