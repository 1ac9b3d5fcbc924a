//! What a container says, as data: records, the formats Docker keeps them in, the severity a line names,
//! and the language in which people ask for lines.
//!
//! Pure: bytes in, records out. No file, socket, clock or thread is touched here, so everything can be tested by
//! property and by fuzzing.

pub mod ansi;
pub mod api;
pub mod batch;
pub mod demux;
pub mod group;
pub mod join;
pub mod json_file;
mod json_scan;
pub mod local;
pub mod part;
pub mod query;
pub mod record;
pub mod redact;
pub mod severity;
#[cfg(test)]
mod testing;
pub mod timestamp;

pub use api::ApiLogParser;
pub use batch::{RecordBatch, RecordRef};
pub use demux::{DemuxError, StreamDemuxer};
pub use group::{Grouped, Grouper, HeadPattern, Lookback, Place};
pub use join::LineJoiner;
pub use json_file::JsonFileParser;
pub use local::LocalParser;
pub use part::{ENTRY_BYTES_MAX, LINE_BYTES_MAX, PART_BYTES, Part, PartSink};
pub use query::{Facts, Matcher, Necessary, Query, QueryError};
pub use record::{IoStream, LogRecord, Severity};
pub use redact::{LogRedactor, Redactor};
pub use severity::severity_of;
pub use timestamp::Timestamp;
