//! A journal row: what many logs appended since the last commit and did not seal, with their resume states.
//!
//! ```text
//! row    version  plain length  zstd frame  crc32
//! plain  entries of: log  flags  [resume length, resume]  [first seq  records  5 × (length, column)  length, bodies]
//! ```
//! Integers are varints. All logs share one zstd frame: a second of a thousand quiet logs is small only so.

use miniman_log::RecordBatch;

use super::columns::{self, COLUMNS, RECORDS_LIMIT};
use super::varint::{Reader, write_i64, write_u64};
use super::{DecodeError, EXPANDED_BYTES_MAX, ZSTD_LEVEL, checksum};
use crate::logs::LogId;

const VERSION: u8 = 1;
const HAS_RESUME: u8 = 1;
const HAS_RECORDS: u8 = 2;

/// What one row says of one log.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::logs) struct JournalEntry {
    pub(in crate::logs) log: LogId,
    pub(in crate::logs) resume: Option<Vec<u8>>,
    /// First number, and the records that count up from it.
    pub(in crate::logs) records: Option<(i64, RecordBatch)>,
}

/// Collects entries for one row.
#[derive(Debug, Default)]
pub(in crate::logs) struct JournalRow {
    plain: Vec<u8>,
}

impl JournalRow {
    pub(in crate::logs) fn add(
        &mut self,
        log: LogId,
        resume: Option<&[u8]>,
        records: Option<(i64, &RecordBatch)>,
    ) {
        let out = &mut self.plain;
        write_u64(u64::from(log.0), out);
        out.push((u8::from(resume.is_some()) * HAS_RESUME) | (u8::from(records.is_some()) * HAS_RECORDS));
        if let Some(resume) = resume {
            write_u64(resume.len() as u64, out);
            out.extend_from_slice(resume);
        }
        if let Some((first, batch)) = records {
            write_i64(first, out);
            write_u64(batch.len() as u64, out);
            let mut column_bytes = Vec::new();
            for column in 0..COLUMNS {
                column_bytes.clear();
                columns::write(batch, column, &mut column_bytes);
                write_u64(column_bytes.len() as u64, out);
                out.extend_from_slice(&column_bytes);
            }
            write_u64(batch.body_bytes() as u64, out);
            out.extend_from_slice(batch.bodies());
        }
    }

    pub(in crate::logs) fn plain_len(&self) -> usize {
        self.plain.len()
    }

    /// The row as stored.
    pub(in crate::logs) fn encode(&self) -> std::io::Result<Vec<u8>> {
        let mut row = vec![VERSION];
        write_u64(self.plain.len() as u64, &mut row);
        row.extend_from_slice(&zstd::bulk::compress(&self.plain, ZSTD_LEVEL)?);
        let sum = checksum(&[&row]);
        row.extend_from_slice(&sum);
        Ok(row)
    }
}

/// The entries of a stored row.
pub(in crate::logs) fn decode(row: &[u8]) -> Result<Vec<JournalEntry>, DecodeError> {
    let (covered, sum) = row.split_last_chunk::<4>().ok_or(DecodeError::Length)?;
    if checksum(&[covered]) != *sum {
        return Err(DecodeError::Checksum);
    }
    let mut reader = Reader::new(covered);
    match reader.byte()? {
        VERSION => {}
        version => return Err(DecodeError::Version(version)),
    }
    let plain_len = reader.size(EXPANDED_BYTES_MAX)?;
    let frame = reader.take(reader.len())?;
    let plain = zstd::bulk::decompress(frame, plain_len).map_err(|_| DecodeError::Compression)?;
    let mut reader = Reader::new(&plain);
    let mut entries = Vec::new();
    while !reader.is_empty() {
        entries.push(read_entry(&mut reader)?);
    }
    Ok(entries)
}

fn read_entry(reader: &mut Reader<'_>) -> Result<JournalEntry, DecodeError> {
    let log = LogId(u32::try_from(reader.u64()?).map_err(|_| DecodeError::Columns)?);
    let flags = reader.byte()?;
    let resume = if flags & HAS_RESUME == 0 { None } else { Some(sized(reader)?.to_vec()) };
    let records = if flags & HAS_RECORDS == 0 { None } else { Some(read_records(reader)?) };
    Ok(JournalEntry { log, resume, records })
}

fn read_records(reader: &mut Reader<'_>) -> Result<(i64, RecordBatch), DecodeError> {
    let first = reader.i64()?;
    let records = reader.size(RECORDS_LIMIT)?;
    let columns = [sized(reader)?, sized(reader)?, sized(reader)?, sized(reader)?, sized(reader)?];
    let bodies = sized(reader)?.to_vec();
    Ok((first, columns::read(records, columns, bodies)?))
}

fn sized<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let len = reader.size(reader.len())?;
    reader.take(len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::tests::any_batch;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_reads_back(entries in prop::collection::vec((any::<u32>(), prop::option::of(prop::collection::vec(any::<u8>(), 0..9)), prop::option::of((any::<i64>(), any_batch(1..9)))), 0..9)) {
            let entries: Vec<JournalEntry> =
                entries.into_iter().map(|(log, resume, records)| JournalEntry { log: LogId(log), resume, records }).collect();
            let mut row = JournalRow::default();
            for entry in &entries {
                row.add(entry.log, entry.resume.as_deref(), entry.records.as_ref().map(|(first, batch)| (*first, batch)));
            }
            prop_assert_eq!(decode(&row.encode().unwrap()).unwrap(), entries);
        }

        #[test]
        fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..64), sum_fits in any::<bool>()) {
            if sum_fits {
                let sum = checksum(&[&bytes]);
                bytes.extend_from_slice(&sum);
            }
            drop(decode(&bytes));
        }
    }
}
