//! `miniman logs` without a server: from the engine that `miniman` would serve.
//!
//! The same parameters are checked, and the same rows are written, as by the server; how the logs are read is
//! [`miniman_hub::direct`]'s. Who reaches the engine's socket is root on its machine already, so no token is asked for.
//! Cursors and numbers count this reading's lines: log 0, which no server has, so none takes them for its own.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use futures_util::FutureExt;
use miniman_engine::{Container, EngineState};
use miniman_hub::ResolveError;
use miniman_hub::direct::{Asked, Direct, Item, Looked, wrong_labels};
use miniman_server::Clock;
use miniman_server::api::encode::{Encoder, LogTag, RecordFilter};
use miniman_server::api::wire::Summary;
use miniman_server::api::{FormatWord, LogsQuery, Selectors, keeps};
use tokio_util::sync::CancellationToken;

use super::put;
use crate::cli::ReadLogs;
use crate::command::{engine, serve};
use crate::config::Config;
use crate::print;

/// Prints what the engine has; `server` is where none answers.
pub(super) fn run(config: &Config, logs: &ReadLogs, server: &SocketAddr) -> anyhow::Result<()> {
    let query = LogsQuery::parse(Some(&super::query(logs)), Clock::system().now())?;
    if query.context > 0 && query.tail.is_some() {
        bail!("lines around the last matches (-C with -n) need a server, and none answers at {server}");
    }
    if query.point.is_some() {
        bail!("--since start, restart and deploy need a server, and none answers at {server}");
    }
    // Each log is a connection.
    serve::raise_file_limit();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(read(config, query, server))
}

async fn read(config: &Config, query: LogsQuery, server: &SocketAddr) -> anyhow::Result<()> {
    let started = Instant::now();
    let shutdown = CancellationToken::new();
    let _ends_the_engine = shutdown.clone().drop_guard();
    let found = engine::found(config, shutdown).await;
    let found = found.with_context(|| format!("no server answers at {server}"))?;
    print::error(&format!(
        "no server answers at {server}: reading from the engine at {} instead, which has what Docker still keeps and \
         may lose lines of a burst",
        found.info.endpoint
    ));
    let containers = select(&query.selectors, &found.state)?;
    for container in &containers {
        for wrong in wrong_labels(container) {
            print::error(&format!("{}: {wrong}", container.name));
        }
    }
    let unspecified = Arc::new(AtomicU64::new(0));
    let asked = Asked {
        since: query.since,
        until: query.until,
        tail: query.tail,
        follow: query.follow,
        query: query.query.clone(),
        context: query.context,
        keeps: (query.filter != RecordFilter::ALL).then(|| keeps(query.filter, Arc::clone(&unspecified))),
        redactor: serve::redactor(config)?,
    };
    let (direct, unreadable) = Direct::open(&found.engine, &containers, &asked).await?;
    for (log, error) in &unreadable {
        print::error(&format!("{}: {error}", containers[*log].name));
    }
    if !containers.is_empty() && unreadable.len() == containers.len() {
        bail!("none of the logs can be read");
    }
    let format = query.format.unwrap_or(FormatWord::Text).format(query.timestamps);
    let mut printing =
        Printing { encoder: Encoder::new(format), tags: tags(&containers), matched: 0, broken: 0 };
    let Some(looked) = printing.all(direct, &containers).await? else { return Ok(()) };
    let Printing { mut encoder, matched, broken, .. } = printing;
    let summary = query.query.is_some().then(|| Summary {
        scanned: looked.records,
        matched,
        unspecified: looked.unspecified + unspecified.load(Ordering::Relaxed),
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    if !query.follow {
        encoder.finish(None, summary);
    }
    put(&mut std::io::stdout().lock(), &encoder.take())?;
    if broken > 0 {
        bail!("what was printed is not all");
    }
    Ok(())
}

struct Printing {
    encoder: Encoder,
    tags: Vec<LogTag>,
    matched: u64,
    broken: u64,
}

impl Printing {
    /// Prints all but what stays in the encoder; `None` when nobody reads it any more.
    async fn all(
        &mut self,
        mut direct: Direct,
        containers: &[Arc<Container>],
    ) -> anyhow::Result<Option<Looked>> {
        let mut out = std::io::stdout();
        loop {
            let next = {
                let mut next = pin!(direct.next());
                match next.as_mut().now_or_never() {
                    Some(next) => next,
                    // What there is is shown before more is waited for.
                    None => {
                        if !self.encoder.is_empty() && !put(&mut out, &self.encoder.take())? {
                            return Ok(None);
                        }
                        next.await
                    }
                }
            };
            match next? {
                Some(Item::Record { log, seq, batch, index, context: true }) => {
                    self.encoder.context(&self.tags[log], seq, &batch, index);
                }
                Some(Item::Record { log, seq, batch, index, .. }) => {
                    self.matched += 1;
                    self.encoder.record(&self.tags[log], seq, &batch, index);
                }
                Some(Item::Broken { log, why }) => {
                    self.broken += 1;
                    print::error(&format!("{}: {why}", containers[log].name));
                }
                None => return Ok(Some(direct.looked())),
            }
            if self.encoder.is_full() && !put(&mut out, &self.encoder.take())? {
                return Ok(None);
            }
        }
    }
}

fn tags(containers: &[Arc<Container>]) -> Vec<LogTag> {
    containers.iter().map(|container| LogTag::new(0, container.id.as_str())).collect()
}

/// The containers that are meant: OR within a kind, AND between kinds; each name has to be there.
fn select(selectors: &Selectors, state: &EngineState) -> anyhow::Result<Vec<Arc<Container>>> {
    let all = || state.containers.values();
    let mut wanted = Vec::new();
    for asked in &selectors.containers {
        match miniman_hub::resolve(asked, all()) {
            Ok(container) => wanted.push(container.id.clone()),
            Err(ResolveError::NotFound) => bail!("the engine has no container {asked:?}"),
            Err(ResolveError::Ambiguous) => bail!("several containers match {asked:?}; use more of the id"),
        }
    }
    for (kind, names, of) in kinds(selectors) {
        for name in names {
            if !all().any(|container| of(container) == Some(name.as_str())) {
                bail!("the engine has no {kind} {name:?}");
            }
        }
    }
    if let Some(other) = selectors.engines.iter().find(|name| **name != state.name.as_str()) {
        bail!("there is no engine {other:?} without a server, only {:?}", state.name.as_str());
    }
    let is_meant = |container: &&Arc<Container>| {
        let has = |(_, names, of): (_, &[String], Of)| {
            names.is_empty() || of(container).is_some_and(|own| names.iter().any(|name| name == own))
        };
        (wanted.is_empty() || wanted.contains(&container.id)) && kinds(selectors).into_iter().all(has)
    };
    let mut meant: Vec<_> = all().filter(is_meant).cloned().collect();
    meant.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(meant)
}

/// What a container has of a kind.
type Of = fn(&Container) -> Option<&str>;

fn kinds(selectors: &Selectors) -> [(&'static str, &[String], Of); 2] {
    [
        ("stack", &selectors.stacks, |container| container.stack.as_deref()),
        ("service", &selectors.services, |container| container.service.as_deref()),
    ]
}
