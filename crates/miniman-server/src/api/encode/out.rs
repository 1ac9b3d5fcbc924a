//! The buffer that rows are written into, and the pool it comes from and returns to.
//!
//! A buffer is always filled to its capacity, so that writing is a bounds check and a copy: the JSON escaper stores
//! whole words and then takes back what it did not want, which a growing `Vec` cannot do. A full buffer leaves as
//! [`Bytes`] without a copy and comes back when the socket has sent it, so an export of any length lives in the same
//! few buffers.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// A chunk is handed on once it holds this much. 256 KiB: 1,400 chunks for a million lines, so the hand-over costs
/// nothing, and small enough to stay in the L2 cache between the encoder and the socket.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// Buffers that grew past this (a line of a mebibyte escapes to six) are not kept.
const KEPT_BYTES_MAX: usize = 2 * CHUNK_BYTES;

/// Buffers kept for reuse: one being filled, four in the channel, one at the socket.
const POOLED_MAX: usize = 6;

/// Bytes being written. Dropping it gives its memory back to the pool.
#[derive(Debug)]
pub(super) struct Out {
    bytes: Vec<u8>,
    len: usize,
    pool: Arc<Pool>,
}

#[derive(Debug, Default)]
struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    fn take(&self) -> Vec<u8> {
        // A poisoned lock only means that a thread died between two pushes: the buffers are still buffers.
        let pooled = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // A quarter more than a chunk, so that the row that fills it does not make it grow.
        pooled.unwrap_or_else(|| vec![0; CHUNK_BYTES + CHUNK_BYTES / 4])
    }

    fn give(&self, bytes: Vec<u8>) {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() <= KEPT_BYTES_MAX && pool.len() < POOLED_MAX {
            pool.push(bytes);
        }
    }
}

/// What a chunk borrows its bytes from until it was sent.
struct Sent {
    bytes: Vec<u8>,
    len: usize,
    pool: Arc<Pool>,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.bytes));
    }
}

impl Out {
    pub(super) fn new() -> Self {
        // Nothing is taken until something is written: most pages are a few rows.
        Self { bytes: Vec::new(), len: 0, pool: Arc::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What was written since the last call.
    pub(super) fn take(&mut self) -> Bytes {
        let (bytes, len) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.len));
        Bytes::from_owner(Sent { bytes, len, pool: Arc::clone(&self.pool) })
    }

    /// Makes room for `more` bytes.
    #[inline]
    pub(super) fn reserve(&mut self, more: usize) {
        if self.bytes.len() - self.len < more {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        if self.bytes.is_empty() {
            self.bytes = self.pool.take();
        }
        let wanted = self.len + more;
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted.max(self.bytes.len() * 2), 0);
        }
    }

    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    #[inline]
    pub(super) fn push_byte(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    /// The space after what was written, to be filled and then [`Out::advance`]d over.
    #[inline]
    pub(super) fn spare(&mut self) -> &mut [u8] {
        &mut self.bytes[self.len..]
    }

    /// # Panics
    /// Past the end of the space that was reserved.
    #[inline]
    pub(super) fn advance(&mut self, written: usize) {
        self.len += written;
        assert!(self.len <= self.bytes.len(), "written past the reserved space");
    }

    /// Appends a number in decimal.
    #[inline]
    pub(super) fn push_number(&mut self, number: i64) {
        let mut digits = Digits::default();
        self.push(digits.of(number));
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.bytes));
    }
}

/// A number's decimal digits, kept where one number is written twice.
#[derive(Debug, Default)]
pub(super) struct Digits([u8; 20]);

impl Digits {
    #[inline]
    pub(super) fn of(&mut self, number: i64) -> &[u8] {
        let mut rest = number.unsigned_abs();
        let mut at = self.0.len();
        loop {
            at -= 1;
            self.0[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            self.0[at] = b'-';
        }
        &self.0[at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_rust_writes_them() {
        for number in [0, 7, -7, 10, 1_234_567, i64::MAX, i64::MIN] {
            assert_eq!(Digits::default().of(number), number.to_string().as_bytes());
        }
    }

    #[test]
    fn a_sent_chunk_gives_its_buffer_back() {
        let mut out = Out::new();
        out.push(b"one");
        let chunk = out.take();
        assert_eq!(chunk, "one");
        assert_eq!(out.pool.0.lock().unwrap().len(), 0);
        drop(chunk);
        assert_eq!(out.pool.0.lock().unwrap().len(), 1);
        out.push(b"two");
        assert_eq!(out.pool.0.lock().unwrap().len(), 0, "the buffer is used again");
        assert_eq!(out.take(), "two");
    }

    #[test]
    fn a_buffer_that_grew_is_not_kept() {
        let mut out = Out::new();
        out.push(&vec![b'x'; KEPT_BYTES_MAX + 1]);
        drop(out.take());
        assert_eq!(out.pool.0.lock().unwrap().len(), 0);
    }
}
