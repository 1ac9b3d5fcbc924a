//! A block's two payloads: the small columns, and the bodies. Apart, so that a search expands bodies only and a seek
//! times only; each says its version and ends in a checksum that also covers which block it belongs to.
//!
//! ```text
//! columns  version  records  body bytes  5 × (plain length, stored length, bytes)  crc32
//! bodies   version  zstd frame  crc32
//! ```
//! Integers are varints. A column whose two lengths are equal is stored plain.

use miniman_log::RecordBatch;
use zstd::bulk::{Compressor, Decompressor};

use super::columns::{self, COLUMNS, RECORDS_LIMIT};
use super::varint::{Reader, write_u64};
use super::{DecodeError, EXPANDED_BYTES_MAX, ZSTD_LEVEL, checksum};

const VERSION: u8 = 1;

/// Both payloads of one block.
#[derive(Debug)]
pub(in crate::logs) struct Payload {
    pub(in crate::logs) columns: Vec<u8>,
    pub(in crate::logs) bodies: Vec<u8>,
}

/// Which block a payload belongs to; part of its checksum, so that exchanged payloads are found out.
#[derive(Debug, Clone, Copy)]
pub(in crate::logs) struct Place {
    pub(in crate::logs) log: u32,
    pub(in crate::logs) first_seq: i64,
}

impl Place {
    fn bytes(self, part: u8) -> [u8; 13] {
        let mut bytes = [part; 13];
        bytes[1..5].copy_from_slice(&self.log.to_le_bytes());
        bytes[5..].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes
    }
}

/// Compresses blocks; keeps zstd's working memory between them.
pub(in crate::logs) struct BlockEncoder {
    zstd: Compressor<'static>,
    plain: Vec<u8>,
}

impl BlockEncoder {
    /// # Errors
    /// When zstd finds no memory for its context.
    pub(in crate::logs) fn new() -> std::io::Result<Self> {
        Ok(Self { zstd: Compressor::new(ZSTD_LEVEL)?, plain: Vec::new() })
    }

    pub(in crate::logs) fn encode(&mut self, place: Place, batch: &RecordBatch) -> std::io::Result<Payload> {
        let mut columns = vec![VERSION];
        write_u64(batch.len() as u64, &mut columns);
        write_u64(batch.body_bytes() as u64, &mut columns);
        for column in 0..COLUMNS {
            self.plain.clear();
            columns::write(batch, column, &mut self.plain);
            write_u64(self.plain.len() as u64, &mut columns);
            let packed = if self.plain.is_empty() { Vec::new() } else { self.zstd.compress(&self.plain)? };
            let stored = if packed.len() < self.plain.len() { &packed } else { &self.plain };
            write_u64(stored.len() as u64, &mut columns);
            columns.extend_from_slice(stored);
        }
        let sum = checksum(&[&place.bytes(0), &columns]);
        columns.extend_from_slice(&sum);

        let mut bodies = vec![0; 1 + zstd::zstd_safe::compress_bound(batch.body_bytes()) + 4];
        bodies[0] = VERSION;
        let packed = self.zstd.compress_to_buffer(batch.bodies(), &mut bodies[1..])?;
        bodies.truncate(1 + packed);
        let sum = checksum(&[&place.bytes(1), &bodies]);
        bodies.extend_from_slice(&sum);
        Ok(Payload { columns, bodies })
    }
}

/// Expands blocks; keeps zstd's working memory between them.
pub(in crate::logs) struct BlockDecoder {
    zstd: Decompressor<'static>,
}

impl BlockDecoder {
    /// # Errors
    /// When zstd finds no memory for its context.
    pub(in crate::logs) fn new() -> std::io::Result<Self> {
        Ok(Self { zstd: Decompressor::new()? })
    }

    /// The block's records.
    pub(in crate::logs) fn decode(
        &mut self,
        place: Place,
        payload: &Payload,
    ) -> Result<RecordBatch, DecodeError> {
        let parts = split_columns(place, &payload.columns)?;
        let mut plain: [Vec<u8>; COLUMNS] = Default::default();
        for (column, part) in plain.iter_mut().zip(&parts.columns) {
            *column = self.expand(part)?;
        }
        let bodies = checked(place, 1, &payload.bodies)?;
        let bodies = self.zstd.decompress(bodies, parts.body_bytes).map_err(|_| DecodeError::Compression)?;
        if bodies.len() != parts.body_bytes {
            return Err(DecodeError::Length);
        }
        columns::read(parts.records, plain.each_ref().map(Vec::as_slice), bodies)
    }

    /// The times of the block's records alone.
    pub(in crate::logs) fn decode_times(
        &mut self,
        place: Place,
        columns: &[u8],
    ) -> Result<Vec<i64>, DecodeError> {
        let parts = split_columns(place, columns)?;
        let times = self.expand(&parts.columns[0])?;
        columns::read_times(parts.records, &times)
    }

    /// Times and severities alone.
    pub(in crate::logs) fn decode_times_and_severities(
        &mut self,
        place: Place,
        columns: &[u8],
    ) -> Result<Vec<(i64, u8)>, DecodeError> {
        let parts = split_columns(place, columns)?;
        let times = self.expand(&parts.columns[0])?;
        let severities = self.expand(&parts.columns[2])?;
        if severities.len() != parts.records {
            return Err(DecodeError::Columns);
        }
        Ok(columns::read_times(parts.records, &times)?.into_iter().zip(severities).collect())
    }

    fn expand(&mut self, part: &Part<'_>) -> Result<Vec<u8>, DecodeError> {
        if part.plain_len == part.stored.len() {
            return Ok(part.stored.to_vec());
        }
        let plain =
            self.zstd.decompress(part.stored, part.plain_len).map_err(|_| DecodeError::Compression)?;
        if plain.len() == part.plain_len { Ok(plain) } else { Err(DecodeError::Length) }
    }
}

struct Part<'a> {
    plain_len: usize,
    stored: &'a [u8],
}

struct ColumnParts<'a> {
    records: usize,
    body_bytes: usize,
    columns: [Part<'a>; COLUMNS],
}

fn split_columns(place: Place, bytes: &[u8]) -> Result<ColumnParts<'_>, DecodeError> {
    let mut reader = Reader::new(checked(place, 0, bytes)?);
    let records = reader.size(RECORDS_LIMIT)?;
    let body_bytes = reader.size(EXPANDED_BYTES_MAX)?;
    let mut part = || {
        let plain_len = reader.size(EXPANDED_BYTES_MAX)?;
        let stored_len = reader.size(plain_len)?;
        Ok(Part { plain_len, stored: reader.take(stored_len)? })
    };
    let columns = [part()?, part()?, part()?, part()?, part()?];
    if reader.is_empty() {
        Ok(ColumnParts { records, body_bytes, columns })
    } else {
        Err(DecodeError::Length)
    }
}

/// What stands between version and checksum, once both are right.
fn checked(place: Place, part: u8, bytes: &[u8]) -> Result<&[u8], DecodeError> {
    let (covered, sum) = bytes.split_last_chunk::<4>().ok_or(DecodeError::Length)?;
    if checksum(&[&place.bytes(part), covered]) != *sum {
        return Err(DecodeError::Checksum);
    }
    match covered.split_first() {
        Some((&VERSION, rest)) => Ok(rest),
        Some((version, _)) => Err(DecodeError::Version(*version)),
        None => Err(DecodeError::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::tests::any_batch;
    use proptest::prelude::*;

    const PLACE: Place = Place { log: 7, first_seq: -12 };

    proptest! {
        #[test]
        fn a_block_reads_back(batch in any_batch(0..80)) {
            let payload = BlockEncoder::new().unwrap().encode(PLACE, &batch).unwrap();
            let mut decoder = BlockDecoder::new().unwrap();
            prop_assert_eq!(decoder.decode_times(PLACE, &payload.columns).unwrap(), batch.timestamps());
            prop_assert_eq!(decoder.decode(PLACE, &payload).unwrap(), batch);
        }

        #[test]
        fn a_changed_byte_is_noticed(batch in any_batch(1..20), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let mut payload = BlockEncoder::new().unwrap().encode(PLACE, &batch).unwrap();
            let at = at.index(payload.columns.len() + payload.bodies.len());
            let split = payload.columns.len();
            if at < split { payload.columns[at] ^= flip } else { payload.bodies[at - split] ^= flip }
            prop_assert_eq!(BlockDecoder::new().unwrap().decode(PLACE, &payload), Err(DecodeError::Checksum));
        }

        #[test]
        fn no_bytes_panic(columns in prop::collection::vec(any::<u8>(), 0..64), sum_fits in any::<bool>()) {
            let mut columns = columns;
            if sum_fits {
                let sum = checksum(&[&PLACE.bytes(0), &columns]);
                columns.extend_from_slice(&sum);
            }
            let payload = Payload { columns, bodies: Vec::new() };
            prop_assert!(BlockDecoder::new().unwrap().decode(PLACE, &payload).is_err());
        }
    }

    #[test]
    fn a_payload_of_another_block_is_noticed() {
        let mut batch = RecordBatch::new();
        batch.push(
            miniman_log::Timestamp(5),
            miniman_log::IoStream::Stdout,
            miniman_log::Severity::INFO,
            b"line",
            0,
        );
        let payload = BlockEncoder::new().unwrap().encode(PLACE, &batch).unwrap();
        let elsewhere = Place { first_seq: PLACE.first_seq + 1, ..PLACE };
        assert_eq!(BlockDecoder::new().unwrap().decode(elsewhere, &payload), Err(DecodeError::Checksum));
    }
}
