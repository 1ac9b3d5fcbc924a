//! The API's multiplexed stream: frames of an 8-byte header (stream, three zeros, big-endian length) and a payload.
//!
//! Whether a stream is multiplexed is the container's `Config.Tty`, never guessed. Payloads are passed on as they
//! come and never gathered, so the length a header claims costs no memory.

use crate::IoStream;

const HEADER_BYTES: usize = 8;

/// How much of the daemon's own error text is kept.
const DAEMON_ERROR_BYTES_MAX: usize = 1024;

/// Docker's number for text of the daemon itself, which stops reading after it.
const SYSTEM_ERROR: u8 = 3;

/// Why a stream cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DemuxError {
    /// The header names no stream that Docker has: the stream is not multiplexed, or out of step.
    #[error("frame of unknown stream {0}")]
    UnknownStream(u8),
    /// The daemon put an error of its own into the stream.
    #[error("daemon: {0}")]
    Daemon(String),
}

/// Splits a stream into frames; with `tty`, the stream is one endless payload of stdout.
#[derive(Debug)]
pub struct StreamDemuxer {
    tty: bool,
    header: [u8; HEADER_BYTES],
    header_len: usize,
    /// Of the frame's payload.
    missing: u32,
    daemon_error: Vec<u8>,
    failed: Option<DemuxError>,
}

impl StreamDemuxer {
    pub fn new(tty: bool) -> Self {
        Self {
            tty,
            header: [0; HEADER_BYTES],
            header_len: 0,
            missing: 0,
            daemon_error: Vec::new(),
            failed: None,
        }
    }

    /// Passes payload bytes to `sink` with their stream, and whether the frame ends behind them; an empty frame is
    /// passed as no bytes. Stdin (0), which only an attached stream could have, counts as stdout.
    ///
    /// # Errors
    /// From then on every call gives the same error: there is no way to find the next frame.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        sink: &mut impl FnMut(IoStream, &[u8], bool),
    ) -> Result<(), DemuxError> {
        if self.tty {
            sink(IoStream::Stdout, bytes, false);
            return Ok(());
        }
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        while !bytes.is_empty() {
            let step = if self.header_len < HEADER_BYTES {
                self.header(bytes, sink)
            } else {
                self.payload(bytes, sink)
            };
            bytes = step.inspect_err(|error| self.failed = Some(error.clone()))?;
        }
        Ok(())
    }

    fn header<'a>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut impl FnMut(IoStream, &[u8], bool),
    ) -> Result<&'a [u8], DemuxError> {
        let taken = bytes.len().min(HEADER_BYTES - self.header_len);
        let (head, rest) = bytes.split_at(taken);
        self.header[self.header_len..][..taken].copy_from_slice(head);
        self.header_len += taken;
        if self.header_len == HEADER_BYTES {
            let [stream, _, _, _, length @ ..] = self.header;
            if stream > SYSTEM_ERROR {
                return Err(DemuxError::UnknownStream(stream));
            }
            self.missing = u32::from_be_bytes(length);
            if self.missing == 0 {
                self.payload(b"", sink)?;
            }
        }
        Ok(rest)
    }

    fn payload<'a>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut impl FnMut(IoStream, &[u8], bool),
    ) -> Result<&'a [u8], DemuxError> {
        let taken = bytes.len().min(self.missing as usize);
        let (payload, rest) = bytes.split_at(taken);
        // No more than `missing`, which is 32 bits wide.
        self.missing -= taken as u32;
        let ended = self.missing == 0;
        if ended {
            self.header_len = 0;
        }
        match self.header[0] {
            SYSTEM_ERROR => {
                let room = DAEMON_ERROR_BYTES_MAX - self.daemon_error.len();
                self.daemon_error.extend_from_slice(&payload[..taken.min(room)]);
                if ended {
                    return Err(DemuxError::Daemon(daemon_error_text(&self.daemon_error)));
                }
            }
            stream => sink(IoStream::from_number(stream).unwrap_or(IoStream::Stdout), payload, ended),
        }
        Ok(rest)
    }
}

/// For people: without the newline, as text.
pub(crate) fn daemon_error_text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(DAEMON_ERROR_BYTES_MAX)];
    String::from_utf8_lossy(shown).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(stream: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend((payload.len() as u32).to_be_bytes());
        bytes.extend(payload);
        bytes
    }

    type Frames = Vec<(IoStream, Vec<u8>)>;

    /// Frames put together again, and the error.
    fn demux(chunks: &[&[u8]]) -> (Frames, Result<(), DemuxError>) {
        let mut demuxer = StreamDemuxer::new(false);
        let (mut frames, mut open, mut result) = (Vec::new(), Vec::new(), Ok(()));
        for chunk in chunks {
            result = demuxer.feed(chunk, &mut |stream, payload, ended| {
                open.extend_from_slice(payload);
                if ended {
                    frames.push((stream, std::mem::take(&mut open)));
                }
            });
        }
        (frames, result)
    }

    #[test]
    fn frames_carry_their_stream() {
        let bytes = [frame(1, b"out"), frame(2, b"err"), frame(0, b"in"), frame(1, b"")].concat();
        let (frames, result) = demux(&[&bytes]);
        assert_eq!(result, Ok(()));
        let (out, err) = (IoStream::Stdout, IoStream::Stderr);
        assert_eq!(
            frames,
            [(out, b"out".to_vec()), (err, b"err".to_vec()), (out, b"in".to_vec()), (out, vec![])]
        );
    }

    #[test]
    fn an_unknown_stream_is_an_error_for_good() {
        let (frames, result) = demux(&[&frame(1, b"a"), b"2026-11-21T00:00:00Z text", &frame(1, b"b")]);
        assert_eq!(frames.len(), 1);
        assert_eq!(result, Err(DemuxError::UnknownStream(b'2')));
    }

    #[test]
    fn the_daemons_own_error_is_told() {
        let (frames, result) = demux(&[&frame(1, b"a"), &frame(3, b"Error grabbing logs: x\n")]);
        assert_eq!(frames.len(), 1);
        assert_eq!(result, Err(DemuxError::Daemon("Error grabbing logs: x".to_owned())));
        let (_, result) = demux(&[&frame(3, &[b'x'; 5000])]);
        assert_eq!(result, Err(DemuxError::Daemon("x".repeat(DAEMON_ERROR_BYTES_MAX))));
    }

    #[test]
    fn a_claimed_length_is_passed_through_and_never_gathered() {
        let mut demuxer = StreamDemuxer::new(false);
        let mut passed = 0;
        let mut feed = |bytes: &[u8]| {
            demuxer.feed(bytes, &mut |_, payload, ended| {
                assert!(!ended);
                passed += payload.len();
            })
        };
        feed(&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]).unwrap();
        for _ in 0..64 {
            feed(&[b'x'; 65536]).unwrap();
        }
        assert_eq!(passed, 64 * 65536);
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_frames(
            payloads in proptest::collection::vec((0_u8..5, proptest::collection::vec(any::<u8>(), 0..30)), 0..10),
            cuts in proptest::collection::vec(1_usize..40, 1..20),
        ) {
            let bytes: Vec<u8> = payloads.iter().flat_map(|(stream, payload)| frame(*stream, payload)).collect();
            let (mut chunks, mut rest, mut cuts) = (Vec::new(), &bytes[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (chunk, behind) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                chunks.push(chunk);
                rest = behind;
            }
            prop_assert_eq!(demux(&chunks), demux(&[&bytes]));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _frames = demux(&[&bytes]);
        }
    }
}
