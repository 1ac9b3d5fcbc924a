//! `stream_container_logs {container_id, room}`: the seed's stream of one container.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use miniman_hub::Entry;
use serde_json::Value;

use crate::access::{self, authorize};
use crate::principal::Permission;
use crate::socket_io::SourceId;

use super::member::{Member, VIEWS_MAX};
use super::rooms::{Asked, Attendance, Streamed};
use super::seed_line::StreamLabel;
use super::seed_pump::{OnEnd, Permit, Permitted, SeedPump};
use super::{Delivery, payload, stream_id};

impl Delivery {
    /// Joins the room and starts this socket's stream of the container; everyone else in the room gets one too.
    pub(super) async fn stream(self: &Arc<Self>, member: &Arc<Member>, payload: &Value) -> Option<Value> {
        if payload::is_true(payload, "batch") {
            return Some(self.subscribe(member, payload).await);
        }
        let asked = payload::container_id(payload).and_then(|id| Ok((id, payload::room(payload)?)));
        let (container_id, room) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                member.status(&error.0).await;
                return None;
            }
        };
        let roster = self.present();
        let started = match access::find(&member.principal, &roster, container_id) {
            Ok(entry) => self.enter_room(member, room).map(|()| entry),
            Err(denied) => Err(denied.to_string()),
        };
        let started = started.and_then(|entry| {
            let asked = Asked::Itself { room: room.to_owned() };
            self.start_stream(member, &entry, container_id, asked).map(|()| entry)
        });
        match started {
            Ok(entry) => {
                self.share(member, &entry, container_id, room);
                self.share_all(member, room);
            }
            Err(error) => self.refuse(member, container_id, &error).await,
        }
        None
    }

    async fn refuse(&self, member: &Member, container_id: &str, error: &str) {
        let label =
            StreamLabel { container_id: container_id.into(), ..StreamLabel::unnamed(stream_id().into()) };
        let complete = label.failed(self.state.clock.now(), error);
        member.notice(member.socket.emit("docker_log_complete", &complete).await);
    }

    /// Gives everyone else in the room the stream that `member` asked for.
    fn share(self: &Arc<Self>, member: &Member, entry: &Arc<Entry>, container_id: &str, room: &str) {
        let others = self.rooms().in_room(room);
        for other in others.iter().filter(|other| other.id() != member.id()) {
            self.share_with(other, entry, container_id);
        }
    }

    /// Gives `member` what the others in the room have asked for.
    pub(super) fn share_all(self: &Arc<Self>, member: &Arc<Member>, room: &str) {
        let streamed = self.rooms().streamed_into(room);
        let roster = self.present();
        for (log, container_id) in streamed {
            if let Some(entry) = access::find_log(&member.principal, &roster, log) {
                self.share_with(member, &entry, &container_id);
            }
        }
    }

    /// With the rights of who gets it, and not of who asked.
    fn share_with(self: &Arc<Self>, member: &Arc<Member>, entry: &Arc<Entry>, container_id: &str) {
        if authorize(&member.principal, Permission::SeeLogs, entry).is_err() {
            return;
        }
        let mut rooms = self.rooms();
        let Some(attendance) = rooms.get_mut(member.id()) else { return };
        match attendance.streams.get_mut(&entry.log.id()) {
            Some(Streamed { asked: asked @ Asked::Finishing { .. }, .. }) => *asked = Asked::Others,
            Some(_) => {}
            None => {
                let begun = self.begin(attendance, entry, container_id, Asked::Others);
                drop(rooms);
                if let Err(msg) = begun {
                    member.try_status(&msg);
                }
            }
        }
    }

    fn start_stream(
        self: &Arc<Self>,
        member: &Member,
        entry: &Arc<Entry>,
        container_id: &str,
        asked: Asked,
    ) -> Result<(), String> {
        let mut rooms = self.rooms();
        let Some(attendance) = rooms.get_mut(member.id()) else { return Ok(()) };
        self.begin(attendance, entry, container_id, asked)
    }

    /// Starts a pump, in the place of the one that is there.
    fn begin(
        self: &Arc<Self>,
        attendance: &mut Attendance,
        entry: &Arc<Entry>,
        container_id: &str,
        asked: Asked,
    ) -> Result<(), String> {
        let member = attendance.member.clone();
        let position = attendance.position_in(entry);
        let replaced = attendance.streams.remove(&entry.log.id());
        if let Some(replaced) = &replaced {
            member.socket.stop(replaced.source);
        } else if attendance.streams.len() + member.subscriptions().len() >= VIEWS_MAX {
            return Err(format!("a socket may have {VIEWS_MAX} streams"));
        }
        let label = StreamLabel {
            log_id: stream_id().into(),
            config_id: self.state.stack_ids.config_id(entry),
            container_id: container_id.into(),
            image_name: entry.container.image.as_str().into(),
        };
        let source = self.pump(&member, entry, label.clone(), position.clone());
        let container = entry.container.id.clone();
        attendance.streams.insert(entry.log.id(), Streamed { label, container, source, asked, position });
        Ok(())
    }

    fn pump(
        self: &Arc<Self>,
        member: &Arc<Member>,
        entry: &Arc<Entry>,
        label: StreamLabel,
        position: Arc<AtomicI64>,
    ) -> SourceId {
        let (delivery, id, log_id) = (Arc::downgrade(self), member.id().to_owned(), label.log_id.clone());
        let on_end: OnEnd = Box::new(move |entry: &Entry| {
            if let Some(delivery) = delivery.upgrade() {
                let started_at = entry.container.started_at;
                delivery.rooms().ended_itself(&id, entry.log.id(), &log_id, started_at);
            }
        });
        let pump = SeedPump {
            label,
            entry: entry.clone(),
            roster: self.roster.clone(),
            clock: self.state.clock.clone(),
            permit: self.permit(member),
            on_end: Some(on_end),
            position,
        };
        member.socket.start(pump.into_source())
    }

    /// Asks whether the member may still be given lines of an entry.
    pub(super) fn permit(&self, member: &Arc<Member>) -> Permit {
        let (accounts, principal) = (self.state.accounts.clone(), member.principal.clone());
        Box::new(move |entry: &Arc<Entry>| {
            if !accounts.still_valid(&principal) {
                Permitted::Ended
            } else if authorize(&principal, Permission::SeeLogs, entry).is_err() {
                Permitted::OutOfSight
            } else {
                Permitted::Yes
            }
        })
    }
}
