//! What comes between the moment at which the end is fixed and the reading up to it.

use miniman_hub::{From, View};
use miniman_log::{IoStream, RecordBatch, Timestamp, severity_of};

use super::super::places::Places;
use super::super::query::LogsQuery;
use super::super::sight::InSight;
use super::super::{export, sink};
use super::*;
use crate::api::encode::Format;
use crate::api::testing::{Fixture, START};

#[tokio::test]
async fn a_group_that_turns_out_to_match_while_history_is_read_is_left_to_who_follows() {
    let shop = Fixture::shop().await;
    let state = &shop.server.state;
    let lone = state.hub.store().logs().into_iter().find(|log| log.identity().name == "lone").unwrap();
    let write = |line: &str| {
        let mut one = RecordBatch::new();
        one.push(Timestamp(START), IoStream::Stderr, severity_of(line), line.as_bytes(), 0);
        lone.append(&one, None).unwrap();
    };
    let asked = "container=lone&query=boom&follow=true";
    let query = LogsQuery::parse(Some(asked), state.clock.now()).unwrap();
    let principal = state.accounts.authenticate_token(&shop.server.token("ada")).await.unwrap();
    let sight = InSight::of(state, &principal, [lone.id()].into_iter());
    let place = Places::default().take(&principal, &query).await.unwrap();
    let (sink, _chunks) = sink::channel(state, sight, place);
    let mut output = Output::new(Format::Ndjson, None, sink).unwrap();

    write("ERROR it did not work");
    let export = export(&query, Hide::default(), vec![lone.clone()]);
    let lanes = export.lanes().unwrap();
    write("java.lang.IllegalStateException: boom");
    let reached = export.read(lanes, &mut output).unwrap();
    assert_eq!(reached.tally.matched, 0);

    let from = From::After(reached.cursor.get(lone.id()).unwrap());
    let mut view = View::searching(state.hub.roster(), [(lone.clone(), from)], query.query);
    let piece = view.next_now(ReadMax::BLOCK).await.unwrap().unwrap();
    assert_eq!(piece.records().map(|(seq, ..)| seq).collect::<Vec<_>>(), [0, 1]);
    assert!(view.at_end());
}
