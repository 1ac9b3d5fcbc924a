//! A request's body as handlers get it: in chunks worth their memory, and whole by a time.
//!
//! hyper reads into buffers of 8 KB and more, and each piece that it passes on keeps its buffer alive. A client that sends
//! byte by byte would fill 64 KiB of body with half a gigabyte of buffers, so what comes in small pieces is copied
//! together here. No handler acts on half a body, so none waits for this.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

/// A chunk has at least this, but for the last one.
const CHUNK_BYTES: usize = 16 << 10;

pub(super) struct Gathered {
    body: Body,
    /// Not passed on yet.
    chunk: Vec<u8>,
    over: Pin<Box<Sleep>>,
}

/// The body was not whole in time.
#[derive(Debug, thiserror::Error)]
#[error("the body took too long")]
struct TooLong;

impl Gathered {
    /// Needs a tokio runtime.
    pub(super) fn new(body: Body, within: Duration) -> Self {
        Self { body, chunk: Vec::new(), over: Box::pin(tokio::time::sleep(within)) }
    }
}

impl HttpBody for Gathered {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(TooLong.into())));
        }
        while self.chunk.len() < CHUNK_BYTES {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                // Trailers mean nothing to any handler.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.chunk.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None if self.chunk.is_empty() => return Poll::Ready(None),
                None => break,
            }
        }
        let chunk = std::mem::take(&mut self.chunk);
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.chunk.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.size_hint().exact();
        left.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + self.chunk.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn what_comes_byte_by_byte_goes_on_in_chunks_that_keep_no_buffer_alive() {
        let buffer = Bytes::from(vec![b'x'; 40_000]);
        let bytes = (0..buffer.len()).map({
            let buffer = buffer.clone();
            move |at| Ok::<_, std::convert::Infallible>(buffer.slice(at..=at))
        });
        let body = Body::from_stream(stream::iter(bytes.collect::<Vec<_>>()));
        let mut gathered = Gathered::new(body, Duration::from_secs(60));
        let mut lengths = Vec::new();
        while let Some(frame) = gathered.frame().await {
            lengths.push(frame.unwrap().into_data().unwrap().len());
        }
        assert_eq!(lengths, [CHUNK_BYTES, CHUNK_BYTES, 40_000 - 2 * CHUNK_BYTES]);
        assert!(gathered.is_end_stream() || gathered.frame().await.is_none());
    }
}
