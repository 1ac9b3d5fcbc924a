//! LEB128 integers, and zigzag for signed ones.

use super::DecodeError;

pub(super) fn write_u64(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn write_i64(value: i64, out: &mut Vec<u8>) {
    write_u64(((value << 1) ^ (value >> 63)) as u64, out);
}

/// Reads integers and slices from the front of `bytes`; every step checks its length.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Length)?;
        self.bytes = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(DecodeError::Length)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn u64(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::Length)
    }

    pub(super) fn i64(&mut self) -> Result<i64, DecodeError> {
        let value = self.u64()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A length or count, which must be at most `max`.
    pub(super) fn size(&mut self, max: usize) -> Result<usize, DecodeError> {
        usize::try_from(self.u64()?).ok().filter(|size| *size <= max).ok_or(DecodeError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_read_back(unsigned in any::<u64>(), signed in any::<i64>()) {
            let mut bytes = Vec::new();
            write_u64(unsigned, &mut bytes);
            write_i64(signed, &mut bytes);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.u64(), Ok(unsigned));
            prop_assert_eq!(reader.i64(), Ok(signed));
            prop_assert!(reader.is_empty());
        }
    }

    #[test]
    fn an_integer_without_end_is_refused() {
        assert_eq!(Reader::new(&[0xff; 11]).u64(), Err(DecodeError::Length));
        assert_eq!(Reader::new(&[0x80]).u64(), Err(DecodeError::Length));
    }
}
