//! Backpressure and heartbeats with a clock that the test turns and a pipe of 16 KiB instead of a network.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt, StreamExt, stream};
use tokio::io::DuplexStream;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::super::engine_packet::Outgoing;
use super::super::session::Transport;
use super::super::{Burst, CloseReason, Source, websocket};
use super::*;

const PIPE_BYTES: usize = 16 * 1024;
const LINE_BYTES: usize = 1_000;

struct Pipe {
    session: Arc<Session<()>>,
    client: WebSocketStream<DuplexStream>,
    carried: tokio::task::JoinHandle<()>,
    /// Lines that the source was asked for so far.
    made: Arc<AtomicUsize>,
}

impl Pipe {
    async fn new() -> Self {
        let options = Arc::new(Options::default());
        let session = Arc::new(Session::new("sid".to_owned(), (), None, Transport::WebSocket, None, options));
        let (server, client) = tokio::io::duplex(PIPE_BYTES);
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        let tasks = TaskTracker::new();
        let carried = tasks.spawn(websocket::carry_over(server, session.clone()));
        let kept = session.clone();
        drop(tasks.spawn(async move { kept.keep_alive().await }));
        Self { session, client, carried, made: Arc::default() }
    }

    /// Numbered lines without end.
    fn lines(&self) -> Source {
        let made = self.made.clone();
        Box::pin(stream::repeat_with(move || {
            let line = made.fetch_add(1, Ordering::SeqCst);
            let mut burst = Burst::new();
            burst.packet(|out| out.extend_from_slice(format!("4{line:<LINE_BYTES$}").as_bytes()));
            burst
        }))
    }

    /// The next message that is no ping, answering pings if asked to.
    async fn line(&mut self, answer: bool) -> Option<String> {
        loop {
            match self.client.next().await? {
                Ok(Message::Text(text)) if text.as_str() == "2" => {
                    if answer {
                        self.client.send(Message::text("3")).await.unwrap();
                    }
                }
                Ok(Message::Text(text)) => return Some(text.as_str()[1..].trim().to_owned()),
                _ => return None,
            }
        }
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_for_a_reader_that_takes_nothing() {
    let mut pipe = Pipe::new().await;
    pipe.session.outbox().start(pipe.lines());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let made = pipe.made();
    // One pull is in our hands, the pipe holds a part of it.
    assert!((64..=66).contains(&made), "{made}");
    for expected in 0..1_000 {
        assert_eq!(pipe.line(true).await, Some(expected.to_string()));
    }
    assert!(pipe.made() < 1_000 + 200, "{}", pipe.made());
}

#[tokio::test(start_paused = true)]
async fn a_slow_but_steady_reader_is_never_cut_off() {
    let mut pipe = Pipe::new().await;
    pipe.session.outbox().start(pipe.lines());
    let begun = Instant::now();
    let mut expected = 0;
    // 1 KB a second: what lies before a ping takes more than its timeout to read.
    while begun.elapsed() < Duration::from_secs(1_800) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(pipe.line(true).await, Some(expected.to_string()), "after {:?}", begun.elapsed());
        expected += 1;
    }
    assert_eq!(pipe.session.close_reason(), None);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_is_given_up_when_its_answer_is_overdue() {
    let mut pipe = Pipe::new().await;
    pipe.session.outbox().start(pipe.lines());
    for _ in 0..100 {
        pipe.line(true).await;
    }
    let begun = Instant::now();
    (&mut pipe.carried).await.unwrap();
    assert_eq!(pipe.session.close_reason(), Some(CloseReason::PingTimeout));
    assert!(begun.elapsed() <= Duration::from_secs(15 + 45 + 5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_reads_but_never_answers_is_given_up_too() {
    let mut pipe = Pipe::new().await;
    let begun = Instant::now();
    // Nothing to read: the ping is seen at once.
    assert_eq!(pipe.line(false).await, None);
    assert_eq!(begun.elapsed().as_secs(), 15 + 45);
}

#[tokio::test(start_paused = true)]
async fn control_packets_overtake_what_is_not_taken_yet() {
    let mut pipe = Pipe::new().await;
    pipe.session.outbox().start(pipe.lines());
    tokio::time::sleep(Duration::from_secs(1)).await;
    pipe.session.outbox().try_push(vec![Outgoing::Text("4control".into())]).unwrap();
    let mut before = 0;
    while pipe.line(true).await != Some("control".to_owned()) {
        before += 1;
    }
    assert!(before <= 66, "behind one pull at most, not {before}");
}

#[tokio::test(start_paused = true)]
async fn control_packets_wait_for_room_and_end_with_the_session() {
    let pipe = Pipe::new().await;
    // Nobody reads: the pipe and one pull fill, then the queue.
    let message = || vec![Outgoing::Text(format!("4{}", "x".repeat(LINE_BYTES)).into())];
    let mut queued = 0;
    while pipe.session.outbox().try_push(message()).is_ok() {
        queued += 1;
        tokio::task::yield_now().await;
    }
    assert!((1_000..1_300).contains(&queued), "{queued}");
    let outbox = pipe.session.outbox().clone();
    let push = outbox.push(message());
    tokio::pin!(push);
    assert!(tokio::time::timeout(Duration::from_secs(5), &mut push).await.is_err());
    pipe.session.close(CloseReason::Server);
    assert!(push.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn sources_take_turns() {
    let mut pipe = Pipe::new().await;
    for name in ["a", "b", "c"] {
        pipe.session.outbox().start(Box::pin(stream::repeat_with(move || {
            let mut burst = Burst::new();
            burst.packet(|out| out.extend_from_slice(format!("4{name}").as_bytes()));
            burst
        })));
    }
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..9_000 {
        *counts.entry(pipe.line(true).await.unwrap()).or_insert(0) += 1;
    }
    assert!(counts.values().all(|count| (2_900..3_100).contains(count)), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_stopped_yields_nothing_more() {
    let mut pipe = Pipe::new().await;
    let source = pipe.session.outbox().start(pipe.lines());
    assert_eq!(pipe.line(true).await, Some("0".to_owned()));
    pipe.session.outbox().stop(source);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let made = pipe.made();
    for expected in 1..made {
        assert_eq!(pipe.line(true).await, Some(expected.to_string()));
    }
    let more = tokio::time::timeout(Duration::from_secs(10), pipe.line(true));
    assert!(more.await.is_err());
    assert!(pipe.made() <= made + 66);
}
