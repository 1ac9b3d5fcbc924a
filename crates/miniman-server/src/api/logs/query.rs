//! What a `GET /logs` asks for.

use miniman_hub::{CONTEXT_LINES_MAX, Cursor, Order};
use miniman_log::query::Query;
use miniman_log::{IoStream, Severity, Timestamp};
use utoipa::IntoParams;

use super::output::Packing;
use super::point::Point;
use crate::api::encode::{Format, RecordFilter};
use crate::api::parameters::{BadParameter, Parameters, bad_value, time};
use crate::api::selection::Selectors;

/// The parameters as documented; [`LogsQuery`] is what they mean.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used: repeated names are read by hand")]
pub(crate) struct LogsParameters {
    /// Full id, unique prefix (four digits or more) or name. Repeat it for several.
    container: Option<Vec<String>>,
    /// A stack's name or its id.
    stack: Option<Vec<String>>,
    service: Option<Vec<String>>,
    engine: Option<Vec<String>>,
    /// Only lines that this query finds: words, `"a phrase"`, `/regex/`, `-not`, `OR`, `( )`, `field:value`,
    /// `level:>=warn`, `stream:stderr`. An answer as NDJSON then ends with `{"summary":{…}}`.
    #[param(example = "timeout -cache")]
    query: Option<String>,
    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `none` (the line names none), a number from 0 to 24, or
    /// `>=` before one of them. Repeatable, or separated by commas.
    #[param(example = "error,fatal")]
    severity: Option<Vec<String>>,
    /// `stdout` or `stderr`.
    iostream: Option<Vec<String>>,
    /// From the first record at or after this time (RFC 3339, or `15m` for that long ago). Or from a point in each container's
    /// life: `start` (its present run), `restart` (the last restart of any of them), `deploy` (its service's last recreate).
    since: Option<String>,
    /// Up to, and without, the first record at or after this time.
    until: Option<String>,
    /// A cursor: only what comes behind it.
    after: Option<String>,
    /// A cursor: only what stands before it.
    before: Option<String>,
    /// `asc` (default) or `desc`.
    order: Option<String>,
    /// At most this many records. Without it: all, streamed.
    limit: Option<u64>,
    /// Only the last so many records, in ascending order.
    tail: Option<u64>,
    /// So many lines before and behind each line that `query` finds, of the same container; up to 1,000. They have
    /// `"context":true`.
    context: Option<u64>,
    /// Leaves out what [hide rules](#tag/hide-rules) of the asker and of everyone hide.
    hide: Option<bool>,
    /// `first`: of each group that `query` finds only the first line that matches; `whole` (default).
    groups: Option<String>,
    /// Goes on with what comes in, until the client leaves.
    follow: Option<bool>,
    /// `ndjson`, `json`, `text` or `csv`, for where an `Accept` header cannot be sent.
    format: Option<String>,
    /// In text: the time before each line.
    timestamps: Option<bool>,
    /// Answers as a file to be saved.
    download: Option<bool>,
    /// `gzip` or `zstd`: what is answered is a packed file.
    compress: Option<String>,
}

/// Names that [`LogsQuery::parse`] reads.
const KNOWN: [&str; 22] = [
    "container",
    "stack",
    "service",
    "engine",
    "query",
    "severity",
    "iostream",
    "since",
    "until",
    "after",
    "before",
    "order",
    "limit",
    "tail",
    "context",
    "hide",
    "groups",
    "follow",
    "format",
    "timestamps",
    "download",
    "compress",
];

/// The parameters of `GET /logs/histogram`.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its documentation is used: repeated names are read by hand")]
pub(super) struct HistogramParameters {
    /// As in `GET /logs`, and so are all others but `buckets`.
    container: Option<Vec<String>>,
    stack: Option<Vec<String>>,
    service: Option<Vec<String>>,
    engine: Option<Vec<String>>,
    query: Option<String>,
    severity: Option<Vec<String>>,
    iostream: Option<Vec<String>>,
    since: Option<String>,
    until: Option<String>,
    after: Option<String>,
    before: Option<String>,
    groups: Option<String>,
    /// At most this many buckets (60, up to 2,000); their width is a round one.
    buckets: Option<u64>,
}

/// Names that [`LogsQuery::parse_histogram`] reads.
const HISTOGRAM_KNOWN: [&str; 13] = [
    "container",
    "stack",
    "service",
    "engine",
    "query",
    "severity",
    "iostream",
    "since",
    "until",
    "after",
    "before",
    "groups",
    "buckets",
];
const BUCKETS_DEFAULT: u64 = 60;
const BUCKETS_MAX: u64 = 2_000;

/// A format by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatWord {
    Ndjson,
    Json,
    Text,
    Csv,
}

/// What a `GET /logs` asks for, checked; the command line asks the same without a server.
#[derive(Debug, Clone, PartialEq)]
pub struct LogsQuery {
    pub selectors: Selectors,
    pub filter: RecordFilter,
    pub query: Option<Query>,
    pub since: Option<Timestamp>,
    /// Where the view begins, instead of `since`.
    pub point: Option<Point>,
    pub until: Option<Timestamp>,
    pub after: Option<Cursor>,
    pub before: Option<Cursor>,
    pub order: Order,
    pub limit: Option<u64>,
    pub tail: Option<u64>,
    /// Lines around each match.
    pub context: u32,
    /// Without what hide rules hide.
    pub hide: bool,
    /// Of each group only its first line that matches.
    pub firsts: bool,
    pub follow: bool,
    /// `None`: by the `Accept` header.
    pub format: Option<FormatWord>,
    pub timestamps: bool,
    pub download: bool,
    /// What is answered is a packed file.
    pub compress: Option<Packing>,
}

impl FormatWord {
    /// `timestamps`: whether text has them.
    pub fn format(self, timestamps: bool) -> Format {
        match self {
            Self::Ndjson => Format::Ndjson,
            Self::Json => Format::Json,
            Self::Text => Format::Text { timestamps },
            Self::Csv => Format::Csv,
        }
    }
}

impl LogsQuery {
    /// What `GET /logs/histogram` asks for, and how many buckets at most.
    ///
    /// # Errors
    /// As for [`LogsQuery::parse`].
    pub(super) fn parse_histogram(raw: Option<&str>, now: Timestamp) -> Result<(Self, usize), BadParameter> {
        let given = Parameters::parse(raw, &HISTOGRAM_KNOWN)?;
        let buckets = given.count("buckets", BUCKETS_MAX)?.unwrap_or(BUCKETS_DEFAULT).max(1);
        Ok((Self::read(&given, now)?, usize::try_from(buckets).unwrap_or(usize::MAX)))
    }

    /// # Errors
    /// Says which parameter is wrong and what it has to be.
    pub fn parse(query: Option<&str>, now: Timestamp) -> Result<Self, BadParameter> {
        Self::read(&Parameters::parse(query, &KNOWN)?, now)?.check()
    }

    fn read(given: &Parameters, now: Timestamp) -> Result<Self, BadParameter> {
        let point = given.one("since")?.and_then(Point::parse);
        Ok(Self {
            selectors: Selectors::of(given)?,
            filter: RecordFilter { severities: severities(given)?, iostreams: iostreams(given)? },
            query: query_text(given)?,
            since: if point.is_some() { None } else { since(given, now)? },
            point,
            until: given.time("until", now)?,
            after: cursor(given, "after")?,
            before: cursor(given, "before")?,
            order: given.parsed("order", "asc or desc", order)?.unwrap_or(Order::Asc),
            limit: given.count("limit", u64::MAX)?,
            tail: given.count("tail", u64::MAX)?,
            context: given
                .count("context", u64::from(CONTEXT_LINES_MAX))?
                .map_or(0, |lines| u32::try_from(lines).unwrap_or(CONTEXT_LINES_MAX)),
            hide: given.flag("hide", false)?,
            firsts: given.parsed("groups", "whole or first", firsts)?.unwrap_or(false),
            follow: given.flag("follow", false)?,
            format: given.parsed("format", "ndjson, json, text or csv", format)?,
            timestamps: given.flag("timestamps", false)?,
            download: given.flag("download", false)?,
            compress: given.parsed("compress", "gzip or zstd", Packing::parse)?,
        })
    }

    /// Refuses what would have to be answered by guessing.
    fn check(self) -> Result<Self, BadParameter> {
        let desc = self.order == Order::Desc;
        let clashes = [
            (self.tail.is_some() && desc, "tail gives ascending order; for descending order use limit"),
            (self.tail.is_some() && self.limit.is_some(), "tail and limit exclude each other"),
            (
                self.context > 0 && self.query.is_none(),
                "context stands around what a query finds: give a query",
            ),
            (self.context > 0 && self.follow, "context and follow exclude each other"),
            (self.firsts && self.follow, "groups=first and follow exclude each other"),
            (self.follow && self.compress.is_some(), "follow and compress exclude each other"),
            (self.follow && desc, "follow goes with ascending order only"),
            (self.follow && self.until.is_some(), "follow and until exclude each other"),
            (self.follow && self.before.is_some(), "follow and before exclude each other"),
            (
                self.follow && self.format == Some(FormatWord::Json),
                "follow never ends, and a JSON document has to: use ndjson",
            ),
        ];
        match clashes.into_iter().find(|clash| clash.0) {
            Some((_, why)) => Err(BadParameter(why.to_owned())),
            None => Ok(self),
        }
    }
}

fn cursor(given: &Parameters, name: &str) -> Result<Option<Cursor>, BadParameter> {
    let Some(value) = given.one(name)? else { return Ok(None) };
    value.parse().map(Some).map_err(|error| BadParameter(format!("{name}: {error}")))
}

fn since(given: &Parameters, now: Timestamp) -> Result<Option<Timestamp>, BadParameter> {
    let expected = "a time (2026-11-21T14:02:07Z), a duration (15m, 2h), or one of start, restart and deploy";
    given.parsed("since", expected, |value| time(value, now))
}

fn query_text(given: &Parameters) -> Result<Option<Query>, BadParameter> {
    let Some(text) = given.one("query")? else { return Ok(None) };
    let query = Query::parse(text).map_err(|error| BadParameter(format!("query: {error}")))?;
    Ok(Some(query).filter(|query| !query.is_empty()))
}

fn order(word: &str) -> Option<Order> {
    match word {
        "asc" => Some(Order::Asc),
        "desc" => Some(Order::Desc),
        _ => None,
    }
}

fn firsts(word: &str) -> Option<bool> {
    match word {
        "whole" => Some(false),
        "first" => Some(true),
        _ => None,
    }
}

fn format(word: &str) -> Option<FormatWord> {
    match word {
        "ndjson" => Some(FormatWord::Ndjson),
        "json" => Some(FormatWord::Json),
        "text" => Some(FormatWord::Text),
        "csv" => Some(FormatWord::Csv),
        _ => None,
    }
}

fn iostreams(given: &Parameters) -> Result<u8, BadParameter> {
    let mut wanted = 0;
    for value in given.many("iostream")? {
        let stream: IoStream =
            value.parse().map_err(|()| bad_value("iostream", &value, "stdout or stderr"))?;
        wanted |= 1 << stream as u8;
    }
    Ok(if wanted == 0 { RecordFilter::ALL.iostreams } else { wanted })
}

fn severities(given: &Parameters) -> Result<u32, BadParameter> {
    let mut wanted = 0;
    for value in given.many("severity")? {
        for word in value.split(',') {
            wanted |= severity_bits(word).ok_or_else(|| {
                bad_value(
                    "severity",
                    word,
                    "trace, debug, info, warn, error, fatal, none or a number from 0 to 24",
                )
            })?;
        }
    }
    Ok(if wanted == 0 { RecordFilter::ALL.severities } else { wanted })
}

/// The bits of `warn`, `17`, `none`, `>=warn`.
fn severity_bits(word: &str) -> Option<u32> {
    if let Some(word) = word.strip_prefix(">=") {
        let lowest = severity_bits(word)?.trailing_zeros();
        return Some(RecordFilter::ALL.severities & (u32::MAX << lowest));
    }
    if let Ok(number) = word.parse() {
        return Severity::from_number(number).map(|severity| 1 << severity.number());
    }
    // Each name stands for four numbers.
    let first = match word {
        "none" => return Some(1),
        "trace" => Severity::TRACE,
        "debug" => Severity::DEBUG,
        "info" => Severity::INFO,
        "warn" => Severity::WARN,
        "error" => Severity::ERROR,
        "fatal" => Severity::FATAL,
        _ => return None,
    };
    Some(0b1111 << first.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_269_727_000_000_000);

    fn parse(query: &str) -> Result<LogsQuery, String> {
        LogsQuery::parse(Some(query), NOW).map_err(|error| error.0)
    }

    #[test]
    fn every_documented_parameter_is_read_and_the_other_way_round() {
        let documented: Vec<_> =
            LogsParameters::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
        assert_eq!(documented, KNOWN);
        let documented: Vec<_> =
            HistogramParameters::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
        assert_eq!(documented, HISTOGRAM_KNOWN);
    }

    #[test]
    fn an_empty_query_is_everything_ascending() {
        let query = parse("").unwrap();
        assert_eq!(query.selectors, Selectors::default());
        assert_eq!(query.filter, RecordFilter::ALL);
        assert_eq!((query.order, query.limit, query.tail, query.follow), (Order::Asc, None, None, false));
    }

    #[test]
    fn selectors_repeat() {
        let query = parse("container=a&container=b&stack=shop&service=web&engine=local").unwrap();
        assert_eq!(query.selectors.containers, ["a", "b"]);
        assert_eq!(query.selectors.stacks, ["shop"]);
        assert_eq!(query.selectors.services, ["web"]);
        assert_eq!(query.selectors.engines, ["local"]);
    }

    #[test]
    fn severities_are_names_numbers_and_floors() {
        let check = |query: &str, bits: u32| {
            assert_eq!(parse(query).unwrap().filter.severities, bits, "{query}");
        };
        check("severity=error", 0b1111 << 17);
        check("severity=error,fatal", 0b1111_1111 << 17);
        check("severity=error&severity=none", (0b1111 << 17) | 1);
        check("severity=9", 1 << 9);
        check("severity=%3E%3Dwarn", 0x1ff_ffff & (u32::MAX << 13));
        check("severity=%3E%3D0", RecordFilter::ALL.severities);
        assert!(parse("severity=25").is_err());
        assert!(parse("severity=loud").is_err());
    }

    #[test]
    fn streams_are_chosen() {
        assert_eq!(parse("iostream=stderr").unwrap().filter.iostreams, 0b100);
        assert_eq!(parse("iostream=stderr&iostream=stdout").unwrap().filter.iostreams, 0b110);
        assert!(parse("iostream=stdin").is_err());
    }

    #[test]
    fn positions_and_bounds_are_read() {
        let query = parse("after=12:345,13:-7&until=15m&limit=10&format=text&timestamps=true").unwrap();
        assert_eq!(query.after.unwrap().to_string(), "12:345,13:-7");
        assert_eq!(query.until, Some(Timestamp(NOW.0 - 900_000_000_000)));
        assert_eq!((query.limit, query.format, query.timestamps), (Some(10), Some(FormatWord::Text), true));
    }

    #[test]
    fn what_cannot_be_answered_is_refused_in_words() {
        let check = |query: &str, expected: &str| assert_eq!(parse(query).unwrap_err(), expected);
        check(
            "query=%28timeout",
            "query: this parenthesis is not closed (at character 1); add \")\" where the group ends, or put it in quotes \
             to search for it: \"(\"",
        );
        check("context=3", "context stands around what a query finds: give a query");
        check("context=3&query=x&follow", "context and follow exclude each other");
        check("context=1001&query=x", "context is \"1001\", not a number from 1 to 1000");
        check("strem=stderr", "unknown parameter \"strem\"");
        check("groups=first&follow&query=x", "groups=first and follow exclude each other");
        check("groups=all", "groups is \"all\", not whole or first");
        check("order=up", "order is \"up\", not asc or desc");
        check("limit=-1", "limit is \"-1\", not a number from 1 up");
        check("after=12", "after: a cursor is <log>:<seq>, several joined by commas; got \"12\"");
        check(
            "since=soon",
            "since is \"soon\", not a time (2026-11-21T14:02:07Z), a duration (15m, 2h), or one of start, restart and deploy",
        );
        check(
            "until=deploy",
            "until is \"deploy\", not a time (2026-11-21T14:02:07Z) or a duration (15m, 2h)",
        );
        check("tail=5&order=desc", "tail gives ascending order; for descending order use limit");
        check("tail=5&limit=5", "tail and limit exclude each other");
        check("follow&until=1m", "follow and until exclude each other");
        check("follow&format=json", "follow never ends, and a JSON document has to: use ndjson");
        check("container=", "container is empty");
        check("tail=1&tail=2", "tail is given twice");
    }
}
