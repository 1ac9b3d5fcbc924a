//! The engine's event stream, cut into lines and read by the allow-list.

use bytes::BytesMut;
use futures_util::{FutureExt, StreamExt};

use crate::docker_event::{DockerEvent, parse};
use crate::raw::RawBody;

pub(crate) struct EventStream {
    body: RawBody,
    /// What came of the line that is not whole yet.
    rest: BytesMut,
    /// Inside a line that is longer than any event: up to its newline nothing counts.
    skipping: bool,
    /// Why the stream ended, once it has.
    ended: Option<String>,
}

/// An event carries its container's labels; past this it is not looked at.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Events that are applied at once. Their containers are inspected once for all of them.
const BATCH_MAX: usize = 256;

impl EventStream {
    pub(crate) fn new(body: RawBody) -> Self {
        Self { body, rest: BytesMut::new(), skipping: false, ended: None }
    }

    /// At least one event, and what else is there already.
    ///
    /// # Errors
    /// Why the stream ended.
    ///
    /// # Cancel safety
    /// No event is lost.
    pub(crate) async fn next_batch(&mut self) -> Result<Vec<DockerEvent>, String> {
        let mut batch = vec![self.next().await?];
        while batch.len() < BATCH_MAX {
            match self.next().now_or_never() {
                Some(Ok(event)) => batch.push(event),
                // Whatever ended it comes again when asked next.
                Some(Err(_)) | None => break,
            }
        }
        Ok(batch)
    }

    async fn next(&mut self) -> Result<DockerEvent, String> {
        loop {
            while let Some(line) = self.line() {
                if let Some(event) = parse(&line) {
                    return Ok(event);
                }
            }
            if let Some(why) = &self.ended {
                return Err(why.clone());
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.rest.extend_from_slice(&bytes),
                Some(Err(error)) => self.ended = Some(error.to_string()),
                None => self.ended = Some("The engine closed its event stream.".into()),
            }
        }
    }

    fn line(&mut self) -> Option<BytesMut> {
        loop {
            let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') else {
                if self.rest.len() > LINE_BYTES_MAX {
                    self.skipping = true;
                    self.rest.clear();
                }
                return None;
            };
            let line = self.rest.split_to(end + 1);
            if !std::mem::replace(&mut self.skipping, false) {
                return Some(line);
            }
        }
    }
}
