//! `miniman engine`: which engine would be used, where it was looked for, and whether it answers.

use std::time::Duration;

use anyhow::{Context, bail};
use miniman_engine::{DockerEnv, Engine, EngineConfig, EngineStatus};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::print;

/// A first round over all candidates takes milliseconds unless a named host does not answer.
const ROUND_MAX: Duration = Duration::from_secs(30);

/// Succeeds when an engine answers; else the error says what was tried.
pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(first_round(config))
}

async fn first_round(config: &Config) -> anyhow::Result<()> {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let _ends_the_loop = shutdown.clone().drop_guard();
    let engine_config = EngineConfig {
        host: config.docker_host.clone(),
        log_root: config.log_root.clone(),
        env: DockerEnv::from_lookup(|name| std::env::var_os(name)),
        ..EngineConfig::default()
    };
    // Its events wait unread; there are fewer than the queue holds before this ends.
    let (engine, _events) = Engine::start(engine_config, &tasks, shutdown);
    let mut states = engine.state();
    let settled = states.wait_for(|state| match &state.status {
        EngineStatus::Connecting { tried } => !tried.is_empty(),
        EngineStatus::Connected | EngineStatus::Lost { .. } => true,
    });
    let state = tokio::time::timeout(ROUND_MAX, settled).await.context("no engine answered in 30 s")??;
    match (&state.status, &state.info) {
        (EngineStatus::Connected, Some(info)) => {
            let (version, api, endpoint) = (&info.version, &info.api_version, &info.endpoint);
            print::line(&format!("engine {version} (API {api}, {}) at {endpoint}", info.os))?;
            Ok(())
        }
        (EngineStatus::Connecting { tried } | EngineStatus::Lost { tried, .. }, _) => {
            let tries = tried.iter().map(|t| format!("\n  {} ({}): {}", t.endpoint, t.source, t.error));
            bail!("no engine answers; tried:{}", tries.collect::<String>());
        }
        (EngineStatus::Connected, None) => bail!("the engine says nothing about itself"),
    }
}
