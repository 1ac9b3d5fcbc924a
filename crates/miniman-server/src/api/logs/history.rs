//! Waiting for what was there before MiniMan.
//!
//! Right after MiniMan first saw a container, its older lines are still being read, backwards. An answer that should
//! begin with the first line waits for that; half a history would look like a whole one.

use std::sync::Arc;
use std::time::Duration;

use miniman_hub::{Entry, Order, SourceState};
use tokio::time::timeout;

use super::query::LogsQuery;
use crate::api::selection::Selected;
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// History comes at 100 MB/s and more, and Docker keeps 30 MB of a container by default: this is for the unlimited ones.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The view's entries, once those records are there that the query may ask for.
///
/// # Errors
/// 503 when history needs longer: what is there already can be had with `tail`, or with a `limit` in descending order.
pub(super) async fn read(
    state: &AppState,
    principal: &Principal,
    selected: &Selected,
    query: &LogsQuery,
) -> Result<Vec<Arc<Entry>>, Problem> {
    let mut roster = state.hub.roster();
    let waited = timeout(
        WAIT_MAX,
        roster.wait_for(|roster| {
            !selected.entries(principal, roster).iter().any(|entry| is_awaited(entry, query))
        }),
    )
    .await
    .is_ok();
    let entries = selected.entries(principal, &state.hub.roster().borrow());
    match entries.iter().find(|entry| !waited && is_backfilling(entry)) {
        None => Ok(entries),
        Some(entry) => {
            let read =
                entry.backfill.map_or(0, |backfill| backfill.bytes_read * 100 / backfill.bytes_total.max(1));
            let name = &entry.container.name;
            let detail =
                format!("the history of {name} is still being read ({read} %); ask again, or use tail");
            Err(Problem::new(Code::Unavailable, detail).retry_after(WAIT_MAX.as_secs()))
        }
    }
}

fn is_backfilling(entry: &Entry) -> bool {
    entry.backfill.is_some_and(|backfill| !backfill.done)
}

/// Whether older records than there are may still come that the query asks for.
fn is_awaited(entry: &Entry, query: &LogsQuery) -> bool {
    if entry.source != SourceState::Opening && !is_backfilling(entry) {
        return false;
    }
    if query.after.as_ref().is_some_and(|cursor| cursor.get(entry.log.id()).is_some()) {
        return false;
    }
    let stored = entry.log.stored();
    if query.since.is_some_and(|since| stored.first_timestamp.is_some_and(|first| first < since)) {
        return false;
    }
    let newest = query.tail.or(query.limit.filter(|_| query.order == Order::Desc));
    newest.is_none_or(|count| stored.records < count)
}
