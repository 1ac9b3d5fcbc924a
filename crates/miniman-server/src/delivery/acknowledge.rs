//! `log_ack {subscription, cursor}`: everything of a view up to the cursor has arrived.

use std::sync::Arc;

use serde_json::Value;

use super::Delivery;
use super::member::Member;

impl Delivery {
    /// One for a view that has ended, or for a cursor that is not in flight, means nothing.
    pub(super) fn acknowledge(&self, member: &Arc<Member>, payload: &Value) -> Option<Value> {
        let name = payload.get("subscription").and_then(Value::as_str)?;
        let cursor = payload.get("cursor").and_then(Value::as_str)?;
        let window = member.subscriptions().get(name).map(|subscription| subscription.window.clone());
        if let Some(window) = window {
            window.acknowledge(cursor);
        }
        None
    }
}
