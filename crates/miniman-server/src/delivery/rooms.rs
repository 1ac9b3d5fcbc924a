//! Who is in which room, and which seed-style streams everyone gets.
//!
//! A member asks for a container's stream into a room; every other member of the room then gets a pump of its own for
//! that container, with its own rights. A member has at most one such pump a container, however many rooms it shares,
//! so no line reaches it twice.
//!
//! Where a stream starts: at the log's beginning, or behind the last line that this socket was given when its stream
//! still runs (a second request replaces the first) or when the container was started since it ended.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use miniman_engine::ContainerId;
use miniman_hub::{Entry, Roster};
use miniman_log::Timestamp;
use miniman_store::logs::LogId;

use crate::access::Housekeeping;
use crate::socket_io::SourceId;

use super::member::Member;
use super::seed_line::StreamLabel;

/// Rooms of this prefix are named after a container, and hear of its changes.
pub(super) const CONTAINER_ROOM: &str = "container_logs_";
/// Rooms a socket may be in.
pub(super) const ROOMS_MAX: usize = 64;
/// Ended streams whose place is remembered, a socket: 256 × ~40 B = 10 KB.
const ENDED_MAX: usize = 256;

/// Everyone connected. Ids are sockets'.
#[derive(Default)]
pub(super) struct Rooms {
    members: HashMap<String, Attendance>,
}

/// One member's rooms and streams.
pub(super) struct Attendance {
    pub(super) member: Arc<Member>,
    /// By name; the full id of the container that the name stands for, where it is named after one.
    pub(super) rooms: BTreeMap<String, Option<ContainerId>>,
    pub(super) streams: HashMap<LogId, Streamed>,
    ended: HashMap<LogId, Ended>,
}

/// A stream that runs for one member.
pub(super) struct Streamed {
    pub(super) label: StreamLabel,
    pub(super) container: ContainerId,
    pub(super) source: SourceId,
    pub(super) asked: Asked,
    pub(super) position: Arc<AtomicI64>,
}

/// Why a member gets a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// It asked for it, in this room.
    Itself { room: String },
    /// Another member of one of its rooms did.
    Others,
    /// Another one did, and has been sent everything; this one is still on its way there.
    Finishing { room: String },
}

/// Where a stream ended.
struct Ended {
    /// Shared with the pump, which may be handing over its last at this moment.
    position: Arc<AtomicI64>,
    /// The start of the container's run that it ended with.
    started_at: Option<Timestamp>,
}

/// No line was handed over yet.
pub(super) const NOWHERE: i64 = i64::MIN;

impl Rooms {
    pub(super) fn enter(&mut self, member: Arc<Member>) {
        let id = member.id().to_owned();
        let attendance =
            Attendance { member, rooms: BTreeMap::new(), streams: HashMap::new(), ended: HashMap::new() };
        self.members.insert(id, attendance);
    }

    pub(super) fn members(&self) -> Vec<Arc<Member>> {
        self.members.values().map(|attendance| attendance.member.clone()).collect()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Attendance> {
        self.members.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Attendance> {
        self.members.get_mut(id)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Attendance> {
        self.members.remove(id)
    }

    /// Everyone in a room.
    pub(super) fn in_room(&self, room: &str) -> Vec<Arc<Member>> {
        let present = self.members.values().filter(|attendance| attendance.rooms.contains_key(room));
        present.map(|attendance| attendance.member.clone()).collect()
    }

    /// What is streamed into a room because its members asked for it, with the form each was asked with.
    pub(super) fn streamed_into(&self, room: &str) -> Vec<(LogId, Arc<str>)> {
        let streams = self.members.values().flat_map(|attendance| &attendance.streams);
        let asked = streams.filter(|(_, streamed)| streamed.is_asked_in(room));
        let forms: BTreeMap<_, _> =
            asked.map(|(log, streamed)| (*log, streamed.label.container_id.clone())).collect();
        forms.into_iter().collect()
    }

    /// Logs that others stream into the rooms that `id` is in.
    fn shared_with(&self, id: &str) -> BTreeSet<LogId> {
        let Some(attendance) = self.members.get(id) else { return BTreeSet::new() };
        let others = self.members.iter().filter(|(other, _)| *other != id);
        let asked = others.flat_map(|(_, other)| &other.streams).filter(|(_, streamed)| {
            matches!(&streamed.asked, Asked::Itself { room } if attendance.rooms.contains_key(room))
        });
        asked.map(|(log, _)| *log).collect()
    }

    /// Ends the streams of a member that nobody asks for any more, and gives back what they were.
    pub(super) fn end_unasked(&mut self, id: &str, roster: &Roster) -> Vec<StreamLabel> {
        let shared = self.shared_with(id);
        let Some(attendance) = self.members.get_mut(id) else { return Vec::new() };
        let unasked: Vec<LogId> = attendance
            .streams
            .iter()
            .filter(|(log, streamed)| streamed.asked == Asked::Others && !shared.contains(log))
            .map(|(log, _)| *log)
            .collect();
        let started_at =
            |log| roster.find_log(&Housekeeping, log).and_then(|entry| entry.container.started_at);
        let ended = unasked.into_iter().filter_map(|log| attendance.end(log, started_at(log)));
        ended.map(|streamed| streamed.label).collect()
    }

    /// A stream has ended by itself. Those who get it because of this one still read on to its end.
    pub(super) fn ended_itself(&mut self, id: &str, log: LogId, log_id: &str, started_at: Option<Timestamp>) {
        let Some(attendance) = self.members.get_mut(id) else { return };
        if attendance.streams.get(&log).is_none_or(|streamed| *streamed.label.log_id != *log_id) {
            // Another one took its place.
            return;
        }
        let Some(Streamed { asked: Asked::Itself { room }, .. }) = attendance.end(log, started_at) else {
            return;
        };
        for other in self.members.values_mut().filter(|other| other.rooms.contains_key(&room)) {
            if let Some(streamed) = other.streams.get_mut(&log)
                && streamed.asked == Asked::Others
            {
                streamed.asked = Asked::Finishing { room: room.clone() };
            }
        }
    }
}

impl Streamed {
    fn is_asked_in(&self, asked: &str) -> bool {
        matches!(&self.asked, Asked::Itself { room } if room == asked)
    }
}

impl Attendance {
    /// Where a stream of this log goes on for this member: shared with the stream before, if it goes on from that.
    pub(super) fn position_in(&self, entry: &Entry) -> Arc<AtomicI64> {
        let log = entry.log.id();
        let running = self.streams.get(&log).map(|streamed| &streamed.position);
        let ended = self.ended.get(&log).filter(|ended| ended.started_at != entry.container.started_at);
        let position = running.or(ended.map(|ended| &ended.position));
        position.map_or_else(|| Arc::new(AtomicI64::new(NOWHERE)), Arc::clone)
    }

    /// Stops a stream and remembers where it was.
    pub(super) fn end(&mut self, log: LogId, started_at: Option<Timestamp>) -> Option<Streamed> {
        let streamed = self.streams.remove(&log)?;
        self.member.socket.stop(streamed.source);
        if self.ended.len() >= ENDED_MAX {
            self.ended.clear();
        }
        self.ended.insert(log, Ended { position: streamed.position.clone(), started_at });
        Some(streamed)
    }

    /// Leaves a room: what this member gets because of it is asked for no more.
    pub(super) fn leave(&mut self, left: &str) {
        for streamed in self.streams.values_mut() {
            if matches!(&streamed.asked, Asked::Itself { room } | Asked::Finishing { room } if room == left) {
                streamed.asked = Asked::Others;
            }
        }
        self.rooms.remove(left);
    }

    /// The form in which this member knows a container, if it streams it or is in its room.
    pub(super) fn form_of(&self, container: &ContainerId) -> Option<String> {
        let streamed = self.streams.values().find(|streamed| streamed.container == *container);
        if let Some(streamed) = streamed {
            return Some(streamed.label.container_id.to_string());
        }
        let named = self.rooms.iter().find(|(_, named)| named.as_ref() == Some(container));
        let form = named.and_then(|(room, _)| room.strip_prefix(CONTAINER_ROOM));
        form.map(str::to_owned)
    }
}
