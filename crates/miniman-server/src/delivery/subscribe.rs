//! `stream_container_logs {batch: true, …}`: a view in batches, of one container or of many.

use std::sync::Arc;

use miniman_log::query::{QUERY_BYTES_MAX, Query};
use miniman_store::logs::Hide;
use serde_json::{Value, json};

use crate::api::selection::Selectors;
use crate::problem::Problem;

use super::batch_pump::{BatchPump, Start};
use super::member::{Member, Subscription, VIEWS_MAX};
use super::payload::{self, BadPayload};
use super::window::Window;
use super::{Delivery, stream_id};

/// Bytes of a cursor: as many logs as fit into a message.
const CURSOR_BYTES_MAX: usize = 64 * 1024;

/// What is asked for.
struct Request {
    subscription: Option<String>,
    room: Option<String>,
    selectors: Selectors,
    query: Option<Query>,
    hide: bool,
    start: Start,
}

impl Request {
    fn parse(payload: &Value) -> Result<Self, BadPayload> {
        let mut containers = payload::names(payload, "container")?;
        containers.extend(payload::names(payload, "container_id")?);
        let after = payload::optional(payload, "after", CURSOR_BYTES_MAX)?;
        let after =
            after.map(str::parse).transpose().map_err(|error| BadPayload(format!("after: {error}")))?;
        let start = match (after, payload::count(payload, "tail")?) {
            (Some(cursor), _) => Start::After(cursor),
            (None, Some(count)) => Start::Tail(count),
            (None, None) => Start::Beginning,
        };
        let query = payload::optional(payload, "query", QUERY_BYTES_MAX)?.map(Query::parse);
        let query = query.transpose().map_err(|error| BadPayload(format!("query: {error}")))?;
        Ok(Self {
            query: query.filter(|query| !query.is_empty()),
            hide: payload::flag(payload, "hide")?,
            subscription: payload::subscription(payload)?.map(str::to_owned),
            room: payload::optional(payload, "room", payload::TEXT_BYTES_MAX)?.map(str::to_owned),
            selectors: Selectors {
                containers,
                stacks: payload::names(payload, "stack")?,
                services: payload::names(payload, "service")?,
                engines: payload::names(payload, "engine")?,
            },
            start,
        })
    }
}

impl Delivery {
    /// Starts a view; one of the same name is replaced. Answers `{subscription}` or `{error: {code, detail}}`.
    pub(super) async fn subscribe(self: &Arc<Self>, member: &Arc<Member>, payload: &Value) -> Value {
        let started = match Request::parse(payload) {
            Ok(request) => self.start_view(member, request),
            Err(error) => Err(Problem::bad_request(error.0)),
        };
        match started {
            Ok(subscription) => json!({ "subscription": subscription }),
            Err(problem) => {
                json!({ "error": { "code": problem.code().as_str(), "detail": problem.detail() } })
            }
        }
    }

    fn start_view(self: &Arc<Self>, member: &Arc<Member>, request: Request) -> Result<String, Problem> {
        let state = &self.state;
        let roster = self.present();
        let selected = request.selectors.resolve(&member.principal, &roster, &state.stack_ids)?;
        if let Some(room) = &request.room {
            self.enter_room(member, room).map_err(Problem::bad_request)?;
        }
        let log_id: Arc<str> = stream_id().into();
        let name = request.subscription.unwrap_or_else(|| log_id.to_string());
        let streams = self.rooms().get(member.id()).map_or(0, |attendance| attendance.streams.len());
        let mut subscriptions = member.subscriptions();
        if let Some(replaced) = subscriptions.remove(&name) {
            member.socket.stop(replaced.source);
        } else if streams + subscriptions.len() >= VIEWS_MAX {
            return Err(Problem::bad_request(format!("a socket may have {VIEWS_MAX} views")));
        }
        let hide = match request.hide {
            true => state.hide_rules.of(&member.principal, &selected.entries(&member.principal, &roster)),
            false => Hide::default(),
        };
        let (window, viewed) = (Arc::<Window>::default(), super::member::Viewed::default());
        let pump = BatchPump {
            subscription: name.clone(),
            log_id: log_id.clone(),
            start: request.start,
            selected,
            query: request.query,
            hide,
            principal: member.principal.clone(),
            state: state.clone(),
            roster: self.roster.clone(),
            window: window.clone(),
            in_flight: self.in_flight.clone(),
            viewed: viewed.clone(),
        };
        let source = member.socket.start(pump.into_source());
        subscriptions.insert(name.clone(), Subscription { source, window, viewed, log_id });
        Ok(name)
    }
}
