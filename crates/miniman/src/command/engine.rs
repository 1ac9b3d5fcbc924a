//! `miniman engine`: which engine would be used, where it was looked for, and whether it answers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use miniman_engine::{DockerEnv, Engine, EngineConfig, EngineInfo, EngineState, EngineStatus};
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
    runtime.block_on(async {
        let shutdown = CancellationToken::new();
        let _ends_the_loop = shutdown.clone().drop_guard();
        let found = found(config, shutdown).await?;
        let EngineInfo { version, api_version, endpoint, os, .. } = &found.info;
        print::line(&format!("engine {version} (API {api_version}, {os}) at {endpoint}"))?;
        Ok(())
    })
}

/// An engine that has answered.
pub(super) struct Found {
    pub(super) engine: Engine,
    pub(super) info: EngineInfo,
    /// With all of its containers.
    pub(super) state: Arc<EngineState>,
}

/// Looks for the engine that this configuration describes; it is followed until `shutdown`.
///
/// # Errors
/// What was tried, when none answers.
pub(super) async fn found(config: &Config, shutdown: CancellationToken) -> anyhow::Result<Found> {
    let engine_config = EngineConfig {
        host: config.docker_host.clone(),
        log_root: config.log_root.clone(),
        env: DockerEnv::from_lookup(|name| std::env::var_os(name)),
        ..EngineConfig::default()
    };
    // What happens to containers is not told here: nobody takes the events.
    let (engine, _) = Engine::start(engine_config, &TaskTracker::new(), shutdown);
    let mut states = engine.state();
    let settled = states.wait_for(|state| match &state.status {
        EngineStatus::Connecting { tried } => !tried.is_empty(),
        EngineStatus::Connected | EngineStatus::Lost { .. } => true,
    });
    let settled = tokio::time::timeout(ROUND_MAX, settled).await;
    let state = settled.context("no engine answered in 30 s")??.clone();
    match (&state.status, &state.info) {
        (EngineStatus::Connected, Some(info)) => Ok(Found { engine, info: info.clone(), state }),
        (EngineStatus::Connecting { tried } | EngineStatus::Lost { tried, .. }, _) => {
            let tries = tried.iter().map(|t| format!("\n  {} ({}): {}", t.endpoint, t.source, t.error));
            bail!("no engine answers; tried:{}", tries.collect::<String>());
        }
        (EngineStatus::Connected, None) => bail!("the engine says nothing about itself"),
    }
}
