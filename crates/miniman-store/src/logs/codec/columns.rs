//! A batch's columns as plain bytes, before compression. Blocks compress them one by one, journal rows all together.
//!
//! Times are the first one and then zigzag differences, streams a bit each, severities a byte each, lengths varints,
//! cuts pairs of varints.

use miniman_log::{IoStream, RecordBatch, Severity};

use super::DecodeError;
use super::varint::{Reader, write_i64, write_u64};

/// Most records that one set of columns may claim; a block seals at 16,384.
pub(in crate::logs) const RECORDS_LIMIT: usize = 1 << 20;

/// The five columns, in the order in which they are stored.
pub(super) const COLUMNS: usize = 5;

/// Appends column `column` of `batch`.
pub(super) fn write(batch: &RecordBatch, column: usize, out: &mut Vec<u8>) {
    match column {
        0 => write_times(batch.timestamps(), out),
        1 => write_streams(batch.iostreams(), out),
        2 => out.extend_from_slice(batch.severities()),
        3 => write_lengths(batch.ends(), out),
        _ => {
            for (index, cut) in batch.cuts() {
                write_u64(u64::from(*index), out);
                write_u64(*cut, out);
            }
        }
    }
}

/// Puts a batch together from its plain columns and bodies.
pub(super) fn read(
    records: usize,
    columns: [&[u8]; COLUMNS],
    bodies: Vec<u8>,
) -> Result<RecordBatch, DecodeError> {
    let timestamps = read_times(records, columns[0])?;
    let iostreams = read_streams(records, columns[1])?;
    let severities = columns[2].to_vec();
    let ends = read_lengths(records, columns[3])?;
    let mut cuts = Vec::new();
    let mut reader = Reader::new(columns[4]);
    while !reader.is_empty() {
        let index = u32::try_from(reader.u64()?).map_err(|_| DecodeError::Columns)?;
        cuts.push((index, reader.u64()?));
    }
    RecordBatch::from_columns(timestamps, iostreams, severities, ends, bodies, cuts)
        .map_err(|_| DecodeError::Columns)
}

fn write_times(times: &[i64], out: &mut Vec<u8>) {
    let mut previous = 0_i64;
    for time in times {
        write_i64(time.wrapping_sub(previous), out);
        previous = *time;
    }
}

pub(in crate::logs) fn read_times(records: usize, bytes: &[u8]) -> Result<Vec<i64>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut times = Vec::with_capacity(records);
    let mut previous = 0_i64;
    for _ in 0..records {
        previous = previous.wrapping_add(reader.i64()?);
        times.push(previous);
    }
    if reader.is_empty() { Ok(times) } else { Err(DecodeError::Length) }
}

fn write_streams(streams: &[u8], out: &mut Vec<u8>) {
    out.extend(streams.chunks(8).map(|eight| {
        let bits =
            eight.iter().enumerate().map(|(bit, stream)| u8::from(*stream == IoStream::Stderr as u8) << bit);
        bits.fold(0, |byte, bit| byte | bit)
    }));
}

fn read_streams(records: usize, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    if bytes.len() != records.div_ceil(8) {
        return Err(DecodeError::Length);
    }
    let stream = |index: usize| (bytes[index / 8] >> (index % 8) & 1) + IoStream::Stdout as u8;
    Ok((0..records).map(stream).collect())
}

fn write_lengths(ends: &[u32], out: &mut Vec<u8>) {
    let mut previous = 0;
    for end in ends {
        write_u64(u64::from(end - previous), out);
        previous = *end;
    }
}

fn read_lengths(records: usize, bytes: &[u8]) -> Result<Vec<u32>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut ends = Vec::with_capacity(records);
    let mut end = 0_u32;
    for _ in 0..records {
        let length = u32::try_from(reader.u64()?).map_err(|_| DecodeError::Columns)?;
        end = end.checked_add(length).ok_or(DecodeError::Columns)?;
        ends.push(end);
    }
    if reader.is_empty() { Ok(ends) } else { Err(DecodeError::Length) }
}

/// Records by severity number.
pub(in crate::logs) fn count_severities(severities: &[u8]) -> [u64; Severity::COUNT] {
    let mut counts = [0; Severity::COUNT];
    for severity in severities {
        counts[usize::from(*severity)] += 1;
    }
    counts
}

/// The counts as 25 varints: what a block's row carries, so that a histogram reads no payload.
pub(in crate::logs) fn write_counts(counts: &[u64; Severity::COUNT]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    counts.iter().for_each(|count| write_u64(*count, &mut bytes));
    bytes
}

pub(in crate::logs) fn read_counts(bytes: &[u8]) -> Result<[u64; Severity::COUNT], DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut counts = [0; Severity::COUNT];
    for count in &mut counts {
        *count = reader.u64()?;
    }
    if reader.is_empty() { Ok(counts) } else { Err(DecodeError::Length) }
}
