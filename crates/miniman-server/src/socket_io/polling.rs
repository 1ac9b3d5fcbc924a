//! Long polling: a GET fetches what there is or waits for it, a POST brings what the client says.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{StatusCode, header, request};
use http_body_util::{BodyExt, Limited};

use super::engine::{RequestError, answer};
use super::engine_packet::{decode_packets, push_to_payload};
use super::session::Transport;
use super::{CloseReason, Session};

/// Bytes of one answer: each costs the client a round trip, so more than a WebSocket's pull.
const POLL_BYTES: usize = 256 * 1024;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a poll that meets a probe waits for the upgrade before it is answered with nothing.
const PROBE_PAUSE: Duration = Duration::from_millis(20);

const NOOP: &str = "6";
const CLOSE: &str = "1";

/// Answers a GET.
pub(super) async fn poll<T>(session: &Arc<Session<T>>) -> Result<Response, RequestError> {
    if let Some(reason) = session.close_reason()
        && (!reason.lingers() || session.farewell.is_cancelled())
    {
        return Err(RequestError::UnknownSession);
    }
    if *session.transport.borrow() == Transport::WebSocket {
        return Err(RequestError::BadRequest);
    }
    let Some(_busy) = session.enter(&session.polling) else {
        session.close(CloseReason::Protocol);
        return Err(RequestError::BadRequest);
    };
    // A client that drops its poll is gone; hyper drops this future then.
    let hangup = Hangup { session: Some(session) };
    let payload = payload(session).await;
    hangup.answered();
    let payload = payload?;
    session.heartbeat.took(payload.len());
    Ok(answer(StatusCode::OK, "text/plain; charset=UTF-8", payload))
}

async fn payload<T>(session: &Session<T>) -> Result<Vec<u8>, RequestError> {
    let mut transport = session.transport.subscribe();
    let mut payload = Vec::new();
    tokio::select! {
        biased;
        Ok(_) = transport.wait_for(|now| *now != Transport::Polling) => {}
        pulled = poll_fn(|cx| {
            session.outbox.poll_pull(cx, POLL_BYTES, &mut |packet| push_to_payload(&mut payload, &packet))
        }) => {
            if pulled.finished {
                end(session, &mut payload);
            }
            return Ok(payload);
        }
    }
    // A client ends its poll before it upgrades, so a poll that meets an upgrade came too late for it.
    let upgraded = transport.wait_for(|now| *now == Transport::WebSocket);
    match tokio::time::timeout(PROBE_PAUSE, upgraded).await {
        Ok(_) => Err(RequestError::BadRequest),
        Err(_) => Ok(NOOP.into()),
    }
}

/// The last packet of a session: a client that closed it itself expects its poll to end with nothing.
fn end<T>(session: &Session<T>, payload: &mut Vec<u8>) {
    let last = if session.close_reason() == Some(CloseReason::Client) { NOOP } else { CLOSE };
    push_to_payload(payload, &super::engine_packet::Outgoing::Text(Bytes::from_static(last.as_bytes())));
    session.farewell.cancel();
}

/// Ends the session when a poll is dropped before its answer was made.
struct Hangup<'a, T> {
    session: Option<&'a Arc<Session<T>>>,
}

impl<T> Hangup<'_, T> {
    fn answered(mut self) {
        self.session = None;
    }
}

impl<T> Drop for Hangup<'_, T> {
    fn drop(&mut self) {
        if let Some(session) = self.session
            && *session.transport.borrow() == Transport::Polling
        {
            session.close(CloseReason::TransportLost);
        }
    }
}

/// Answers a POST.
pub(super) async fn post<T>(
    session: &Arc<Session<T>>,
    head: &request::Parts,
    body: Body,
) -> Result<Response, RequestError> {
    if session.closed.is_cancelled() {
        return Err(RequestError::UnknownSession);
    }
    if *session.transport.borrow() == Transport::WebSocket {
        return Err(RequestError::BadRequest);
    }
    let Some(_busy) = session.enter(&session.posting) else {
        session.close(CloseReason::Protocol);
        return Err(RequestError::BadRequest);
    };
    let taken = take(session, head, body).await;
    if taken.is_err() {
        session.close(CloseReason::Protocol);
    }
    taken.map(|()| answer(StatusCode::OK, "text/plain; charset=UTF-8", "ok"))
}

async fn take<T>(session: &Session<T>, head: &request::Parts, body: Body) -> Result<(), RequestError> {
    let binary =
        head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream");
    if binary {
        return Err(RequestError::BadRequest);
    }
    let body = Limited::new(body, session.options.max_payload);
    let body = match tokio::time::timeout(BODY_TIMEOUT, body.collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(RequestError::PayloadTooLarge);
        }
        Ok(Err(_)) | Err(_) => return Err(RequestError::BadRequest),
    };
    let packets = decode_packets(&body).map_err(|_| RequestError::BadRequest)?;
    for packet in packets {
        let Some(message) = session.accept(packet).map_err(|_| RequestError::BadRequest)? else { continue };
        tokio::select! {
            _ = session.inbound.send(message) => {}
            () = session.closed.cancelled() => break,
        }
    }
    Ok(())
}
