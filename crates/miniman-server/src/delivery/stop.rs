//! `stop_container_logs {subscription}`.

use std::sync::Arc;

use serde_json::Value;

use super::Delivery;
use super::member::Member;
use super::payload;

impl Delivery {
    /// Ends a view in batches; one that is not there has ended already.
    pub(super) async fn stop(&self, member: &Arc<Member>, payload: &Value) -> Option<Value> {
        let stopped = match payload::subscription(payload) {
            Ok(Some(name)) => Ok(member.subscriptions().remove(name)),
            Ok(None) => Err("Missing key: subscription".to_owned()),
            Err(error) => Err(error.0),
        };
        match stopped {
            Ok(Some(subscription)) => member.socket.stop(subscription.source),
            Ok(None) => {}
            Err(msg) => member.status(&msg).await,
        }
        None
    }
}
