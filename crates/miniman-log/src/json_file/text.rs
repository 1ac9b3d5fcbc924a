//! JSON string contents to bytes.

use memchr::memchr2;

/// Bytes looked at in one step. Escapes lie close together in the JSON and coloured lines that containers write, where
/// setting up a vector search for each run would cost more than the run.
const STEP_BYTES: usize = 8;

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// A buffer for one string's unescaped contents.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// As long as the longest contents so far, so that a step writes without asking for room.
    buffer: Vec<u8>,
    len: usize,
}

impl Text {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Unescapes the string contents that `quoted` starts with; returns where their closing quote stands. The first
    /// `clean` bytes are known to hold neither quote nor backslash. `None`: no quote closes them, or an escape is
    /// none. Lone surrogates become U+FFFD.
    pub(super) fn unescape(&mut self, quoted: &[u8], clean: usize) -> Option<usize> {
        // No escape is shorter than what it stands for.
        if self.buffer.len() < quoted.len() {
            self.buffer.resize(quoted.len(), 0);
        }
        self.buffer[..clean].copy_from_slice(&quoted[..clean]);
        self.len = clean;
        let mut at = clean;
        while let Some(step) = quoted[at..].first_chunk::<STEP_BYTES>() {
            // What is written too much here is written over by the next step.
            self.buffer[self.len..self.len + STEP_BYTES].copy_from_slice(step);
            let run = clean_bytes(*step);
            self.len += run;
            at += run;
            if run < STEP_BYTES {
                if quoted[at] == b'"' {
                    return Some(at);
                }
                at += 1 + self.escape(&quoted[at + 1..])?;
            }
        }
        loop {
            match *quoted.get(at)? {
                b'"' => return Some(at),
                b'\\' => at += 1 + self.escape(&quoted[at + 1..])?,
                byte => {
                    self.push(byte);
                    at += 1;
                }
            }
        }
    }

    /// Takes the newline off the end, and tells whether there was one.
    pub(super) fn take_newline(&mut self) -> bool {
        let newline = self.bytes().last() == Some(&b'\n');
        self.len -= usize::from(newline);
        newline
    }

    fn push(&mut self, byte: u8) {
        self.buffer[self.len] = byte;
        self.len += 1;
    }

    /// What follows a backslash; returns its length.
    fn escape(&mut self, bytes: &[u8]) -> Option<usize> {
        let byte = match *bytes.first()? {
            plain @ (b'"' | b'\\' | b'/') => plain,
            b'u' => return self.unicode_escape(&bytes[1..]).map(|len| len + 1),
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            _ => return None,
        };
        self.push(byte);
        Some(1)
    }

    /// The four hex digits after `\u`, with a second escape when they begin a surrogate pair.
    fn unicode_escape(&mut self, bytes: &[u8]) -> Option<usize> {
        let unit = hex4(bytes)?;
        if unit < 0x80 {
            // By far the most: Docker writes tabs, ESC, `<`, `>` and `&` this way.
            self.push(unit as u8);
            return Some(4);
        }
        let low =
            || bytes[4..].strip_prefix(b"\\u").and_then(hex4).filter(|low| (0xdc00..0xe000).contains(low));
        let (code, len) = match unit {
            0xd800..0xdc00 => match low() {
                Some(low) => (0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 10),
                None => (0xfffd, 4),
            },
            _ => (unit, 4),
        };
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            self.push(byte);
        }
        Some(len)
    }
}

/// How many bytes stand before the first quote or backslash; all when there is none.
fn clean_bytes(step: [u8; STEP_BYTES]) -> usize {
    // A byte of the word is zero where the wanted one stands; the lowest bit set tells the first of them exactly.
    let word = u64::from_le_bytes(step);
    let zero = |word: u64| word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS;
    let found = zero(word ^ (LOW_BITS * b'"' as u64)) | zero(word ^ (LOW_BITS * b'\\' as u64));
    found.trailing_zeros() as usize / 8
}

/// Where the closing quote of string contents stands, escapes skipped unread.
pub(super) fn string_len(quoted: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', quoted.get(at..)?)?;
        if quoted[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<4>()?.iter().try_fold(0, |sum, byte| Some(sum * 16 + char::from(*byte).to_digit(16)?))
}
