//! Following: what is there, ordered by time, and then what comes, in order of arrival.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::Arc;

use miniman_hub::{Entry, From, Piece, View};
use miniman_log::query::Query;
use miniman_store::logs::{Hide, Log, LogId, ReadMax};

use super::export::{Export, ExportError, Reached, wire_gap};
use super::output::Output;
use super::sink::{Sink, Stopped};
use super::stopped;
use crate::api::encode::{CHUNK_BYTES, Encoder, Format, LogTag, RecordFilter};
use crate::api::selection::Selected;
use crate::principal::Principal;
use crate::state::AppState;

/// One answer that goes on.
pub(super) struct Follow {
    pub(super) principal: Principal,
    pub(super) selected: Selected,
    pub(super) filter: RecordFilter,
    /// What is there at the start.
    pub(super) export: Export,
    pub(super) format: Format,
}

/// Everything that can happen to a following reader.
enum Event {
    Piece(Piece),
    Roster,
}

struct Live {
    view: View,
    tags: HashMap<LogId, LogTag>,
    encoder: Encoder,
    filter: RecordFilter,
    left: Option<u64>,
}

impl Follow {
    /// Reads until the client leaves, its limit is reached, its rights end or the server stops.
    pub(super) async fn run(self, state: AppState, sink: Sink) {
        if let Err(error) = self.read(&state, &sink).await {
            sink.fail(stopped(&error)).await;
        }
    }

    async fn read(self, state: &AppState, sink: &Sink) -> Result<(), ExportError> {
        let Self { principal, selected, filter, export, format } = self;
        let (logs, query, hide) = (export.logs.clone(), export.query.clone(), export.hide.clone());
        let (encoder, reached) = backlog(export, format, sink.clone()).await?;
        let mut live = Live::new(state, logs, (query, hide), encoder, filter, reached);
        let mut roster = state.hub.roster();
        roster.mark_changed();
        let revoked = sink.clone();
        let revoked = revoked.revoked();
        tokio::pin!(revoked);
        while live.left != Some(0) {
            let max = ReadMax { records: usize::MAX, bytes: CHUNK_BYTES };
            let event = tokio::select! {
                // Lines last: a log that never rests must not keep the others waiting.
                biased;
                () = &mut revoked => return Err(Stopped::Revoked.into()),
                () = sink.left() => return Ok(()),
                () = state.shutdown.cancelled() => return Err(Stopped::Shutdown.into()),
                Ok(()) = roster.changed() => Event::Roster,
                piece = live.view.next(max) => Event::Piece(piece.map_err(view_error)?),
            };
            match event {
                Event::Piece(piece) => live.encode(&piece),
                Event::Roster => live.join(&selected.entries(&principal, &roster.borrow_and_update()), sink),
            }
            if !live.encoder.is_empty() {
                sink.send_async(live.encoder.take()).await?;
            }
        }
        Ok(())
    }
}

/// What is there at the start, read on a blocking thread.
async fn backlog(export: Export, format: Format, sink: Sink) -> Result<(Encoder, Reached), ExportError> {
    let read = tokio::task::spawn_blocking(move || {
        let mut output = Output::new(format, None, sink)?;
        let reached = export.run(&mut output)?;
        Ok((output.into_encoder()?, reached))
    });
    read.await.unwrap_or(Err(ExportError::Stopped(Stopped::Failed)))
}

fn view_error(error: miniman_hub::ViewError) -> ExportError {
    match error {
        miniman_hub::ViewError::Store(error) => error.into(),
        miniman_hub::ViewError::Stopped => Stopped::Shutdown.into(),
    }
}

impl Live {
    fn new(
        state: &AppState,
        logs: Vec<Log>,
        (query, hide): (Option<Query>, Hide),
        encoder: Encoder,
        filter: RecordFilter,
        reached: Reached,
    ) -> Self {
        let tags = logs.iter().map(|log| (log.id(), tag(log))).collect();
        let from = |log: &Log| reached.cursor.get(log.id()).map_or(From::Start, From::After);
        let positions: Vec<_> = logs.into_iter().map(|log| (log.clone(), from(&log))).collect();
        let view = View::searching(state.hub.roster(), positions, query).hiding(hide);
        Self { view, tags, encoder, filter, left: reached.left }
    }

    /// Takes in containers that appeared: a recreated one, another replica. All they said belongs to the view.
    fn join(&mut self, entries: &[Arc<Entry>], sink: &Sink) {
        for entry in entries {
            if let MapEntry::Vacant(place) = self.tags.entry(entry.log.id()) {
                place.insert(tag(&entry.log));
                sink.join(entry.log.id());
                self.view.add(entry.log.clone(), From::Start);
            }
        }
    }

    fn encode(&mut self, piece: &Piece) {
        let tag = &self.tags[&piece.log.id()];
        if let Some(gap) = piece.gap() {
            self.encoder.gap(&wire_gap(tag, gap));
        }
        for (seq, batch, index) in piece.records() {
            if self.left == Some(0) {
                return;
            }
            if self.filter.keeps(batch.severities()[index], batch.iostreams()[index]) {
                self.encoder.record(tag, seq, batch, index);
                self.left = self.left.map(|left| left - 1);
            }
        }
    }
}

fn tag(log: &Log) -> LogTag {
    LogTag::new(log.id().0, &log.identity().container_id)
}
