//! `leave {room}`, and a socket that goes.

use std::sync::Arc;

use miniman_hub::Roster;
use serde_json::Value;

use super::Delivery;
use super::member::Member;
use super::payload;
use super::seed_line::StreamLabel;

/// Streams that ended because nobody asks for them any more.
type Ended = Vec<(Arc<Member>, Vec<StreamLabel>)>;

impl Delivery {
    /// Leaves a room, and ends what this socket streamed into it.
    pub(super) async fn leave(self: &Arc<Self>, member: &Arc<Member>, payload: &Value) -> Option<Value> {
        let room = match payload::room(payload) {
            Ok(room) => room,
            Err(error) => {
                member.status(&error.0).await;
                return None;
            }
        };
        let (others, ended) = self.take_out(member, room);
        let msg = format!("Left room: {room}");
        member.status(&msg).await;
        others.iter().for_each(|other| other.try_status(&msg));
        self.tell_ended(ended);
        None
    }

    fn take_out(&self, member: &Member, room: &str) -> (Vec<Arc<Member>>, Ended) {
        let roster = self.present();
        let mut rooms = self.rooms();
        let was_in = rooms.get(member.id()).is_some_and(|attendance| attendance.rooms.contains_key(room));
        if !was_in {
            return (Vec::new(), Vec::new());
        }
        if let Some(attendance) = rooms.get_mut(member.id()) {
            attendance.leave(room);
        }
        rooms.end_unasked(member.id(), &roster);
        let others = rooms.in_room(room);
        let ended = Self::end_unasked_of(&mut rooms, &others, &roster);
        (others, ended)
    }

    /// Takes a socket out that is gone.
    pub(super) fn depart(&self, member: &Member) {
        let roster = self.present();
        let mut rooms = self.rooms();
        let Some(attendance) = rooms.remove(member.id()) else { return };
        let mut ended = Vec::new();
        for room in attendance.rooms.keys() {
            let others = rooms.in_room(room);
            ended.extend(Self::end_unasked_of(&mut rooms, &others, &roster));
        }
        drop(rooms);
        self.tell_ended(ended);
    }

    fn end_unasked_of(rooms: &mut super::rooms::Rooms, members: &[Arc<Member>], roster: &Roster) -> Ended {
        members.iter().map(|member| (member.clone(), rooms.end_unasked(member.id(), roster))).collect()
    }

    /// Those who only listened are told that there is nothing more to hear.
    fn tell_ended(&self, ended: Ended) {
        let now = self.state.clock.now();
        for (member, labels) in ended {
            for label in labels {
                member.notice(member.socket.try_emit("docker_log_complete", &label.completed(now)));
            }
        }
    }
}
