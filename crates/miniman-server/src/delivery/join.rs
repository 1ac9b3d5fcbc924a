//! `join {room}`.

use std::sync::Arc;

use miniman_engine::ContainerId;
use serde_json::Value;

use crate::access;

use super::Delivery;
use super::member::Member;
use super::payload;
use super::rooms::{CONTAINER_ROOM, ROOMS_MAX};

impl Delivery {
    /// Joins a room; everyone in it is told, and the joiner gets what is streamed into it.
    pub(super) async fn join(self: &Arc<Self>, member: &Arc<Member>, payload: &Value) -> Option<Value> {
        let joined = match payload::room(payload) {
            Ok(room) => self.enter_room(member, room).map(|()| room),
            Err(error) => Err(error.0),
        };
        let room = match joined {
            Ok(room) => room,
            Err(msg) => {
                member.status(&msg).await;
                return None;
            }
        };
        let msg = format!("Joined room: {room}");
        member.status(&msg).await;
        let others = self.rooms().in_room(room);
        others.iter().filter(|other| other.id() != member.id()).for_each(|other| other.try_status(&msg));
        self.share_all(member, room);
        None
    }

    /// Puts a member into a room, or says in words why not. Rooms are no back door: one that is named after a
    /// container is for those who may see that container.
    pub(super) fn enter_room(&self, member: &Member, room: &str) -> Result<(), String> {
        let container = self.container_of_room(member, room)?;
        let mut rooms = self.rooms();
        let Some(attendance) = rooms.get_mut(member.id()) else { return Ok(()) };
        if !attendance.rooms.contains_key(room) && attendance.rooms.len() >= ROOMS_MAX {
            return Err(format!("A socket may be in {ROOMS_MAX} rooms"));
        }
        attendance.rooms.insert(room.to_owned(), container);
        Ok(())
    }

    fn container_of_room(&self, member: &Member, room: &str) -> Result<Option<ContainerId>, String> {
        let Some(asked) = room.strip_prefix(CONTAINER_ROOM) else { return Ok(None) };
        let roster = self.present();
        match access::find(&member.principal, &roster, asked) {
            Ok(entry) => Ok(Some(entry.container.id.clone())),
            Err(denied) => Err(format!("Not joined: {denied}")),
        }
    }
}
