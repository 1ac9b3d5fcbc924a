//! `GET /logs`: records of one view, as NDJSON, JSON, text or CSV; all of them, a page, or following.

mod accept;
pub(super) mod export;
mod file;
mod follow;
pub(crate) mod histogram;
mod history;
mod output;
mod places;
pub(super) mod point;
pub(super) mod query;
mod sight;
mod sink;

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use miniman_hub::{CURSOR_LOGS_MAX, Cursor, Entry};
use miniman_log::query::Query;
use miniman_store::logs::{Hide, Log};

use self::export::{Bounds, Export, ExportError};
use self::follow::Follow;
use self::output::{Output, Packing};
pub(crate) use self::places::Places;
use self::point::Point;
use self::query::{LogsParameters, LogsQuery};
use self::sight::InSight;
use self::sink::{Chunks, Sink, Stopped};
use super::encode::Format;
use super::parameters::BadParameter;
use super::{blocking, problems, wire};
use crate::access;
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Records of one or many containers.
///
/// Answers by `Accept`: `application/x-ndjson` (the default), `application/json`, `text/plain` or `text/csv`. Without
/// `limit` the answer is all there is, streamed. With a `query` it holds only what matches, newest first with `order=desc`, and
/// ends with `{"summary":{…}}` (NDJSON) or has it beside `next` (JSON). A gap (`{"gap":{…}}`) stands where records are known to be missing.
/// Packed as `Accept-Encoding` allows (`gzip`, `zstd`), but for JSON and for what follows.
/// An answer that cannot be completed ends in a closed connection, never in a clean end.
#[utoipa::path(
    get,
    path = "/api/v1/logs",
    tag = "logs",
    params(LogsParameters),
    responses(
        (status = 200, description = "The records, one row a line", content(
            (wire::Row = "application/x-ndjson"),
            (wire::LogPage = "application/json"),
            (String = "text/plain"),
            (String = "text/csv"),
        )),
        problems::BadRequest, problems::Unauthenticated, problems::Forbidden, problems::NotFound, problems::Ambiguous,
        problems::Unavailable,
    )
)]
pub(crate) async fn logs(
    State(state): State<AppState>,
    Extension(places): Extension<Places>,
    principal: Principal,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = LogsQuery::parse(raw.as_deref(), state.clock.now())?;
    if query.download || query.compress.is_some() {
        access::export(&principal)?;
    }
    let format = accept::format(&query, &headers)?;
    let selected = {
        let roster = state.hub.roster().borrow().clone();
        query.selectors.resolve(&principal, &roster, &state.stack_ids)?
    };
    let entries = history::read(&state, &principal, &selected, &query).await?;
    if entries.len() > CURSOR_LOGS_MAX {
        let count = entries.len();
        return Err(Problem::bad_request(format!(
            "{count} logs are more than {CURSOR_LOGS_MAX}: narrow the view"
        )));
    }
    let place = places.take(&principal, &query).await?;
    if let Some(point) = query.point {
        query = begun(point, query, entries.clone()).await?;
    }
    let packed = Packed::of(&query, format, &headers);
    let download = query.download.then(|| {
        let mut name = file::name(&query, &entries, format);
        if let Packed::File(packing) = packed {
            name = format!("{name}.{}", packing.extension());
        }
        format!("attachment; filename=\"{name}\"")
    });
    let following = query.follow;
    let hide = if query.hide { state.hide_rules.of(&principal, &entries) } else { Hide::default() };
    let export = export(&query, hide, entries.iter().map(|entry| entry.log.clone()).collect());
    let sight = InSight::of(&state, &principal, export.logs.iter().map(Log::id));
    let (sink, chunks) = sink::channel(&state, sight, place);
    let chunks = if following {
        let follow = Follow { principal, selected, filter: query.filter, export, format };
        state.tasks.spawn(follow.run(state.clone(), sink));
        chunks
    } else {
        state.tasks.spawn_blocking(move || answer(export, format, packed.packing(), sink));
        chunks.begun().await.map_err(refusal)?
    };
    Ok(response(chunks, format, packed, download))
}

/// The query with the point that it begins at as positions in the logs.
async fn begun(point: Point, mut query: LogsQuery, entries: Vec<Arc<Entry>>) -> Result<LogsQuery, Problem> {
    blocking(move || point.resolve(&entries, &mut query).map(|()| query)).await
}

/// Whether an answer is packed, and what for.
#[derive(Debug, Clone, Copy)]
enum Packed {
    No,
    /// On its way only: the client unpacks it.
    OnTheWay(Packing),
    /// The client asked for a packed file.
    File(Packing),
}

impl Packed {
    /// A page of JSON is small and waited for; of an answer that follows, each line is to be seen at once.
    fn of(query: &LogsQuery, format: Format, headers: &HeaderMap) -> Self {
        if let Some(packing) = query.compress {
            return Self::File(packing);
        }
        let accepted = Packing::accepted(headers).filter(|_| !query.follow && format != Format::Json);
        accepted.map_or(Self::No, Self::OnTheWay)
    }

    fn packing(self) -> Option<Packing> {
        match self {
            Self::No => None,
            Self::OnTheWay(packing) | Self::File(packing) => Some(packing),
        }
    }
}

fn export(query: &LogsQuery, hide: Hide, logs: Vec<Log>) -> Export {
    Export {
        logs,
        bounds: bounds(query),
        filter: query.filter,
        query: query.query.clone().or_else(|| (!hide.is_empty()).then(Query::all)),
        hide,
        context: query.context,
        firsts: query.firsts,
        order: query.order,
        limit: query.limit,
        tail: query.tail,
    }
}

fn bounds(query: &LogsQuery) -> Bounds {
    Bounds {
        since: query.since,
        until: query.until,
        after: query.after.clone(),
        before: query.before.clone(),
    }
}

/// Reads all of a finite view into the body. Blocking.
fn answer(export: Export, format: Format, packing: Option<Packing>, sink: Sink) {
    let started = Instant::now();
    let searches = export.query.is_some();
    let descending = export.order == miniman_hub::Order::Desc;
    let read = || {
        let mut output = Output::new(format, packing, sink.clone())?;
        let reached = export.run(&mut output)?;
        let over = reached.cursor == Cursor::default() || (descending && reached.exhausted);
        let next = (!over).then(|| reached.cursor.to_string());
        let summary = searches.then(|| wire::Summary {
            scanned: reached.tally.scanned,
            matched: reached.tally.matched,
            unspecified: reached.tally.unspecified,
            elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        Ok(output.finish(next.as_deref(), summary)?)
    };
    if let Err(error) = read() {
        sink.fail_blocking(stopped(&error));
    }
}

/// Tells our own diagnostics why a reading ended, and the body that it did.
fn stopped(error: &ExportError) -> Stopped {
    match error {
        ExportError::Store(source) => {
            tracing::error!(
                error = source as &dyn std::error::Error,
                "a log could not be read for an answer"
            );
            Stopped::Failed
        }
        ExportError::Stopped(why) => {
            tracing::debug!(%why, "an answer ended early");
            *why
        }
    }
}

fn refusal(why: Stopped) -> Problem {
    match why {
        Stopped::Revoked => Problem::new(Code::Unauthenticated, why.to_string()),
        Stopped::Shutdown => Problem::new(Code::Unavailable, why.to_string()),
        Stopped::Left | Stopped::Stalled | Stopped::Failed => Problem::internal(&why),
    }
}

fn response(chunks: Chunks, format: Format, packed: Packed, download: Option<String>) -> Response {
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    let kind = match packed {
        Packed::File(packing) => packing.content_type(),
        Packed::No | Packed::OnTheWay(_) => format.content_type(),
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Packed::OnTheWay(packing) = packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(packing.as_str()));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    if let Some(value) = download.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

impl From<BadParameter> for Problem {
    fn from(bad: BadParameter) -> Self {
        Self::bad_request(bad.0)
    }
}

#[cfg(test)]
mod tests;
