//! Rows of a log.

use serde::Serialize;
use utoipa::ToSchema;

/// One line of a container's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Record {
    /// The record's place: `<log>:<seq>`. Reading `after` it goes on with the next one.
    #[schema(example = "12:345")]
    pub cursor: String,
    pub container_id: String,
    /// Rises by one a line; lines that were there before MiniMan first saw the container count down from -1.
    pub seq: i64,
    /// The line's own time. Inside a log `seq` orders, never this.
    #[schema(format = DateTime, example = "2026-11-21T14:02:07.113000000Z")]
    pub timestamp: String,
    #[schema(inline)]
    pub iostream: IoStreamWord,
    /// OpenTelemetry's number: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 when the
    /// line names none.
    #[schema(maximum = 24)]
    pub severity: u8,
    /// The line without its newline. Raw: it may hold terminal escapes and anything that looks like markup.
    pub body: String,
    /// Bytes that the line cap cut from the end; absent when it cut nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cut: Option<u64>,
    /// `true` of a line that stands near a match and is none; absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub context: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IoStreamWord {
    Stdout,
    Stderr,
}

impl From<miniman_log::IoStream> for IoStreamWord {
    fn from(stream: miniman_log::IoStream) -> Self {
        match stream {
            miniman_log::IoStream::Stdout => Self::Stdout,
            miniman_log::IoStream::Stderr => Self::Stderr,
        }
    }
}

/// Records known to be missing, in their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    pub container_id: String,
    /// Cursor of the first number that is missing.
    pub from: String,
    /// Cursor of the last number that is missing: reading goes on after it.
    pub to: String,
    /// How many records; `null` when nobody can know.
    #[schema(required)]
    pub missed: Option<u64>,
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    /// A stable word: `rotated-away`, `damaged`, …
    pub reason: String,
}

impl Gap {
    /// The gap in words, for formats that have no field for it.
    pub fn sentence(&self) -> String {
        let lines = match self.missed {
            Some(1) => "1 line missing".to_owned(),
            Some(missed) => format!("{missed} lines missing"),
            None => "an unknown number of lines missing".to_owned(),
        };
        let when = match (&self.since, &self.until) {
            (Some(since), Some(until)) => format!(", {since} to {until}"),
            (Some(since), None) => format!(", from {since}"),
            (None, Some(until)) => format!(", until {until}"),
            (None, None) => String::new(),
        };
        format!("{lines}{when} ({})", self.reason)
    }
}

/// A gap among records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GapRow {
    pub gap: Gap,
}

/// A row of an answer: a record, or a gap in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Row {
    Record(Record),
    Gap(GapRow),
    Summary(SummaryRow),
}

/// The last row of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SummaryRow {
    pub summary: Summary,
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    /// Records that were searched, those among them that an index ruled out unread.
    pub scanned: u64,
    /// Records that the answer holds: those that match, and the others of their groups.
    pub matched: u64,
    /// Records that name no level and were left out, where the query or `severity` asks for levels; else 0.
    pub unspecified: u64,
    pub elapsed_ms: u64,
}

/// `GET /logs` as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogPage {
    pub records: Vec<Row>,
    /// Where the next page goes on: `after` it in ascending order, `before` it in descending order. `null` when
    /// there is nothing older; in ascending order it is always there once something was read, so that a script can
    /// ask again later.
    #[schema(required, example = "12:345,13:-7")]
    pub next: Option<String>,
    /// Of a search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

/// `GET /logs/histogram`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogHistogram {
    /// From when on was counted: as asked for, else the first record's time.
    #[schema(format = DateTime)]
    pub since: String,
    /// Until when, inclusive: as asked for, else the last record's time.
    #[schema(format = DateTime)]
    pub until: String,
    /// Milliseconds that each bucket spans.
    pub bucket_ms: i64,
    /// By rising time, without holes.
    pub buckets: Vec<HistogramBucket>,
    /// Records in all buckets.
    pub records: u64,
    /// Records that were searched; of a search only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned: Option<u64>,
}

/// Records of one span of time, by severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistogramBucket {
    #[schema(example = "2026-11-21T14:02:00.000000000Z")]
    pub start: String,
    /// Lines that name no severity.
    pub none: u64,
    pub trace: u64,
    pub debug: u64,
    pub info: u64,
    pub warn: u64,
    pub error: u64,
    pub fatal: u64,
}

impl HistogramBucket {
    pub fn total(&self) -> u64 {
        self.none + self.trace + self.debug + self.info + self.warn + self.error + self.fatal
    }
}
