//! GET requests whose answers are read by us: streamed or capped, decoded into our own fields only.
//!
//! bollard negotiates and acts. What feeds the state and the logs is read here, because its decoders guess whether
//! logs are multiplexed, fail a whole list on one word that they do not know, print bodies (and so Env) at debug
//! level and have no cap. The connection is polled with the body: no task of its own, and nobody reads ahead of the
//! asker.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::Empty;
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;

/// An answer's body, as it comes.
pub(crate) struct RawBody {
    body: Incoming,
    /// What moves bytes from the socket; gone once it ended.
    connection: Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RawError {
    /// Not connected, or cut off.
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The engine's own text.
    #[error("{text}")]
    Status { code: u16, text: String },
    #[error("the engine's answer makes no sense: {0}")]
    Malformed(String),
}

/// An error's body is one sentence in JSON.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// Streams start as soon as the engine has found the container.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct ErrorBody {
    message: String,
}

/// Asks, and waits for the answer's header.
///
/// # Errors
/// Also for every status but 200, with the engine's text.
pub(crate) async fn stream(endpoint: &Endpoint, target: &str) -> Result<RawBody, RawError> {
    let asking = ask(endpoint, target);
    tokio::time::timeout(HEADER_TIMEOUT, asking).await.unwrap_or(Err(RawError::TimedOut(HEADER_TIMEOUT)))
}

/// Asks for one JSON value of at most `bytes_max` bytes.
pub(crate) async fn json<T: DeserializeOwned>(
    endpoint: &Endpoint,
    target: &str,
    bytes_max: usize,
    timeout: Duration,
) -> Result<T, RawError> {
    let asking = async {
        let text = ask(endpoint, target).await?.collect(bytes_max).await?;
        serde_json::from_slice(&text).map_err(|error| RawError::Malformed(error.to_string()))
    };
    tokio::time::timeout(timeout, asking).await.unwrap_or(Err(RawError::TimedOut(timeout)))
}

async fn ask(endpoint: &Endpoint, target: &str) -> Result<RawBody, RawError> {
    let (wire, _) =
        endpoint.connect().await.map_err(|error| RawError::Unreachable(endpoint.explain(&error)))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(wire)).await.map_err(cut)?;
    let mut connection: Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>> = Box::pin(connection);
    let request = http::Request::get(target)
        .header(http::header::HOST, endpoint.http_host())
        .body(Empty::<Bytes>::new())
        .map_err(|error| RawError::Malformed(error.to_string()))?;
    let mut answering = std::pin::pin!(sender.send_request(request));
    let mut running = true;
    let response = loop {
        tokio::select! {
            biased;
            response = &mut answering => break response.map_err(cut)?,
            // When it ends early, the answer has the reason.
            _ = &mut connection, if running => running = false,
        }
    };
    let status = response.status();
    let body = RawBody { body: response.into_body(), connection: running.then_some(connection) };
    if status == http::StatusCode::OK {
        return Ok(body);
    }
    let text = body.collect(ERROR_BYTES_MAX).await.unwrap_or_default();
    Err(RawError::Status { code: status.as_u16(), text: error_text(status, &text) })
}

fn error_text(status: http::StatusCode, body: &[u8]) -> String {
    match serde_json::from_slice::<ErrorBody>(body) {
        Ok(body) => body.message,
        Err(_) if body.is_empty() => format!("the engine answered {status}"),
        Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
    }
}

fn cut(error: hyper::Error) -> RawError {
    RawError::Unreachable(format!("The connection broke: {error}."))
}

impl RawBody {
    async fn collect(mut self, bytes_max: usize) -> Result<Vec<u8>, RawError> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            if whole.len() + chunk.len() > bytes_max {
                return Err(RawError::Malformed(format!("it is longer than {bytes_max} bytes")));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }

    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, RawError>>> {
        loop {
            return match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => Poll::Ready(Some(Ok(bytes))),
                    // Trailers: nothing that anybody asked for.
                    Err(_) => continue,
                },
                Some(Err(error)) => Poll::Ready(Some(Err(cut(error)))),
                None => Poll::Ready(None),
            };
        }
    }
}

impl Stream for RawBody {
    type Item = Result<Bytes, RawError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let ready @ Poll::Ready(_) = self.poll_body(context) {
            return ready;
        }
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(context).is_ready()
        {
            self.connection = None;
        }
        // What the connection has just read is there now; else the waker is registered with both.
        self.poll_body(context)
    }
}
