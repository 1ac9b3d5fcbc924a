//! The end of someone's rights: every stream ends with an error, and the socket is disconnected for good.

use std::sync::Arc;

use crate::api::wire::DockerLogComplete;

use super::Delivery;
use super::member::Member;
use super::seed_line::{OPERATION, StreamLabel};

const REASON: &str = "the session or token is not valid any more";

impl Delivery {
    /// Ends everything of a member, once.
    pub(super) fn revoke(&self, member: &Arc<Member>) {
        if !member.mark_revoked() {
            return;
        }
        let now = self.state.clock.now();
        let labels: Vec<StreamLabel> = match self.rooms().get(member.id()) {
            Some(attendance) => attendance.streams.values().map(|streamed| streamed.label.clone()).collect(),
            None => Vec::new(),
        };
        let streams = labels.into_iter().map(|label| label.failed(now, REASON));
        let views: Vec<_> = member.subscriptions().drain().collect();
        let views = views.into_iter().map(|(name, view)| DockerLogComplete {
            subscription: Some(name),
            operation_type: OPERATION.to_owned(),
            ..StreamLabel::unnamed(view.log_id).failed(now, REASON)
        });
        for complete in streams.chain(views) {
            member.notice(member.socket.try_emit("docker_log_complete", &complete));
        }
        member.socket.disconnect();
    }
}
