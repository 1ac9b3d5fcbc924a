//! `GET /logs/histogram`: how many records of a view fall into which time, by severity.

use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use miniman_log::query::Query;
use miniman_log::{Severity, Timestamp};
use miniman_store::logs::{Histogram, Log, StoreError};

use super::query::{HistogramParameters, LogsQuery};
use super::{Places, begun, bounds, history};
use crate::api::encode::RecordFilter;
use crate::api::{problems, wire};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::state::AppState;

const MS: i64 = 1_000_000;
const SECOND: i64 = 1_000 * MS;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Widths that people can read off an axis.
const WIDTHS: [i64; 24] = [
    MS,
    10 * MS,
    100 * MS,
    500 * MS,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
];

/// Records of a view by time and severity.
///
/// Every record is counted once; one whose time lies outside of the range that its neighbours are in counts at its edge.
/// Without `query` and `iostream` the counts come from an index: 10 million lines take milliseconds.
#[utoipa::path(
    get,
    path = "/api/v1/logs/histogram",
    tag = "logs",
    params(HistogramParameters),
    responses(
        (status = 200, description = "Buckets by rising time, empty ones too", body = wire::LogHistogram),
        problems::BadRequest, problems::Unauthenticated, problems::NotFound, problems::Ambiguous, problems::Unavailable,
    )
)]
pub(crate) async fn histogram(
    State(state): State<AppState>,
    Extension(places): Extension<Places>,
    principal: Principal,
    RawQuery(raw): RawQuery,
) -> Result<Json<wire::LogHistogram>, Problem> {
    let (mut query, buckets) = LogsQuery::parse_histogram(raw.as_deref(), state.clock.now())?;
    let selected = {
        let roster = state.hub.roster().borrow().clone();
        query.selectors.resolve(&principal, &roster, &state.stack_ids)?
    };
    let entries = history::read(&state, &principal, &selected, &query).await?;
    let place = places.take(&principal, &query).await?;
    let logs: Vec<_> = entries.iter().map(|entry| entry.log.clone()).collect();
    if let Some(point) = query.point {
        query = begun(point, query, entries).await?;
    }
    // Ends the search when the asker leaves, which drops this future.
    let going = std::sync::Arc::new(());
    let gone = std::sync::Arc::downgrade(&going);
    let counted = tokio::task::spawn_blocking(move || {
        let _place = place;
        count(&logs, &query, buckets, &mut || gone.strong_count() > 0)
    });
    let histogram = counted.await.map_err(|error| Problem::internal(&error))?;
    drop(going);
    Ok(Json(histogram.map_err(|error| Problem::internal(&error))?))
}

fn count(
    logs: &[Log],
    asked: &LogsQuery,
    buckets: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<wire::LogHistogram, StoreError> {
    let query = with_streams(asked);
    let (since, end) = range(logs, asked);
    let width = width(end.0.saturating_sub(since.0), buckets);
    let start = Timestamp(since.0 - since.0.rem_euclid(width));
    let number = usize::try_from(end.0.saturating_sub(start.0) / width).unwrap_or(0) + 1;
    let mut histogram = Histogram::new(start, width, number);
    let bounds = bounds(asked);
    let mut searched = None;
    for log in logs {
        let numbers = bounds.numbers(log)?;
        match &query {
            None => log.count(numbers, &mut histogram)?,
            Some(query) => {
                let search = log.search(query);
                let search = if asked.firsts { search.firsts() } else { search };
                let records = log.count_found(search, numbers, &mut histogram, go_on)?;
                searched = Some(searched.unwrap_or(0) + records);
            }
        }
    }
    let (records, buckets) = told(&histogram, asked.filter);
    Ok(wire::LogHistogram {
        since: wire::time(since),
        until: wire::time(end),
        bucket_ms: width / MS,
        buckets,
        records,
        scanned: searched,
    })
}

/// The query, with the streams that are asked for beside it.
fn with_streams(asked: &LogsQuery) -> Option<Query> {
    let stream = match asked.filter.iostreams {
        0b010 => "stream:stdout",
        0b100 => "stream:stderr",
        _ => return asked.query.clone(),
    };
    let text = asked.query.as_ref().map_or_else(|| stream.to_owned(), |query| format!("({query}) {stream}"));
    // Two queries together may be longer than one may be; then the counts are those of both streams.
    Query::parse(&text).ok().or_else(|| asked.query.clone())
}

/// From the first time to the last: as asked, else of what is there.
fn range(logs: &[Log], asked: &LogsQuery) -> (Timestamp, Timestamp) {
    let stored = || logs.iter().map(Log::stored);
    let first = asked.since.or_else(|| stored().filter_map(|stored| stored.first_timestamp).min());
    let last = asked.until.map(|until| Timestamp(until.0.saturating_sub(1)));
    let last = last.or_else(|| stored().filter_map(|stored| stored.last_timestamp).max());
    let first = first.or(last).unwrap_or(Timestamp(0));
    (first, last.unwrap_or(first).max(first))
}

/// The smallest round width by which `span` nanoseconds have at most `buckets` buckets.
fn width(span: i64, buckets: usize) -> i64 {
    let buckets = i64::try_from(buckets).unwrap_or(i64::MAX);
    // The first and the last one may stand out by a part of a bucket.
    let fits = |width: i64| span / width + 2 <= buckets.max(2);
    let widest = WIDTHS[WIDTHS.len() - 1];
    WIDTHS.into_iter().find(|width| fits(*width)).unwrap_or_else(|| {
        let times = span / widest / (buckets.max(3) - 2) + 1;
        widest.saturating_mul(times)
    })
}

/// How many records there are of what is wanted, and in which bucket.
fn told(histogram: &Histogram, filter: RecordFilter) -> (u64, Vec<wire::HistogramBucket>) {
    let mut records = 0;
    let buckets = histogram.buckets().map(|(start, counts)| {
        let sum = |from: Severity, to: u8| {
            let numbers = from.number()..to;
            let wanted = numbers.filter(|number| filter.severities & (1 << number) != 0);
            wanted.map(|number| counts[usize::from(number)]).sum::<u64>()
        };
        let bucket = wire::HistogramBucket {
            start: wire::time(start),
            none: sum(Severity::UNSPECIFIED, Severity::TRACE.number()),
            trace: sum(Severity::TRACE, Severity::DEBUG.number()),
            debug: sum(Severity::DEBUG, Severity::INFO.number()),
            info: sum(Severity::INFO, Severity::WARN.number()),
            warn: sum(Severity::WARN, Severity::ERROR.number()),
            error: sum(Severity::ERROR, Severity::FATAL.number()),
            fatal: sum(Severity::FATAL, Severity::COUNT as u8),
        };
        records += bucket.total();
        bucket
    });
    let buckets = buckets.collect();
    (records, buckets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::Fixture;

    #[test]
    fn widths_are_round_and_buckets_few() {
        for buckets in [1, 2, 3, 60, 1_000] {
            for span in [0, 1, SECOND, HOUR + 7, 400 * DAY, i64::MAX / 2] {
                let width = width(span, buckets);
                assert!(width >= MS && (WIDTHS.contains(&width) || width % (7 * DAY) == 0));
                assert!(span / width + 2 <= buckets.max(3) as i64, "{span} by {width} for {buckets}");
            }
        }
    }

    #[tokio::test]
    async fn a_view_is_counted_by_time_and_severity() {
        let shop = Fixture::shop().await;
        let sums = async |asked: &str| {
            let told = shop.json(&format!("/api/v1/logs/histogram?{asked}")).await;
            let buckets = told["buckets"].as_array().unwrap();
            let sum = |name: &str| buckets.iter().map(|bucket| bucket[name].as_u64().unwrap()).sum::<u64>();
            let all = ["none", "trace", "debug", "info", "warn", "error", "fatal"].map(sum);
            assert_eq!(told["records"], all.iter().sum::<u64>(), "{asked}");
            (buckets.len(), all, told["scanned"].as_u64())
        };
        let (count, all, scanned) = sums("").await;
        assert!((10..=60).contains(&count), "{count}");
        assert_eq!((all.iter().sum::<u64>(), scanned), (13, None));
        assert_eq!(sums("query=/./").await, (count, all, Some(13)));
        let (_, errors, _) = sums("container=web-1&severity=error").await;
        assert_eq!((errors[5], errors.iter().sum::<u64>()), (5, 5));
        let (_, stdout, scanned) = sums("container=web-1&iostream=stdout").await;
        assert_eq!((stdout.iter().sum::<u64>(), scanned), (5, Some(10)));
        assert_eq!(sums("container=web-1&query=%223%22&iostream=stderr").await.1.iter().sum::<u64>(), 1);
        let (count, all, _) = sums("since=2026-11-21T13:47:14Z&buckets=5").await;
        assert!(count <= 5 && all.iter().sum::<u64>() == 3, "{count} {all:?}");
        assert_eq!(sums("container=lone").await.1, [0; 7]);
        assert_eq!(sums("container=web-1&query=web&groups=first").await.1.iter().sum::<u64>(), 10);
        assert_eq!(shop.refused("/api/v1/logs/histogram?buckets=x").await.0, 400);
        assert_eq!(shop.refused("/api/v1/logs/histogram?limit=3").await.0, 400);
    }
}
