//! `miniman`: opens the stores, follows the engine, serves, and stops in the opposite order.

use std::time::Duration;

use anyhow::Context;
use miniman_engine::{DockerEnv, Engine, EngineConfig, EngineName, OwnContainer};
use miniman_hub::{Hub, HubOptions};
use miniman_log::{Redactor, Timestamp};
use miniman_server::accounts::offline;
use miniman_server::audit::TRACING_TARGET;
use miniman_server::{AppState, Clock, GroupRoles, Listeners, ServerConfig, Tls, retention};
use miniman_store::app::AppStore;
use miniman_store::logs::{LogStore, LogStoreOptions};
use rustix::process::Resource;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::setup_link::base_url;
use crate::audit_lines::AuditLines;
use crate::cli::Redact;
use crate::config::{Config, ForwardAuth, Oidc};
use crate::print;

/// Everything that still runs at shutdown gets this long; the store is closed in any case.
const SHUTDOWN_MAX: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    let audit = AuditLines::start(std::io::stdout());
    start_tracing(audit.clone());
    raise_file_limit();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let served = runtime.block_on(serve(config));
    audit.flush();
    served
}

/// Diagnostics go to standard error, the audit to standard output, whatever is set for the diagnostics.
fn start_tracing(audit: AuditLines) {
    let is_audit = |metadata: &Metadata<'_>| metadata.target() == TRACING_TARGET;
    let wanted = EnvFilter::try_from_env("MINIMAN_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let wanted = wanted.and(filter_fn(move |metadata| !is_audit(metadata)));
    let diagnostics = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(wanted);
    let audit = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_level(false)
        .without_time()
        .with_writer(audit)
        .with_filter(filter_fn(is_audit));
    tracing_subscriber::registry().with(diagnostics).with(audit).init();
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = miniman_server::bind(config.listen)
        .with_context(|| format!("listen on {}; give another address with --listen", config.listen))?;
    let tls = match &config.doors.tls {
        Some(pair) => Some(Tls::load(&pair.certificate, &pair.key)?),
        None => None,
    };
    let socket = config.doors.socket.as_deref();
    let socket = socket.map(|path| {
        miniman_server::bind_socket(path)
            .with_context(|| format!("listen on {}; give another path with --listen-socket", path.display()))
    });
    let listeners = Listeners { tls, socket: socket.transpose()?, tcp: listener };
    let config =
        Config { listen: listeners.tcp.local_addr().context("ask for the bound address")?, ..config };
    let clock = Clock::system();
    let app = AppStore::open(&config.data_dir)?;
    let kept = LogStoreOptions {
        retention: retention::in_force(&app, config.retention).context("read what is to be kept")?,
        reserve_bytes: config.disk_reserve,
        ..LogStoreOptions::default()
    };
    let logs = LogStore::open(&config.data_dir, kept)?;
    if let Some(admin) = &config.admin {
        offline::create_first_admin(&app, &clock, &admin.username, &admin.password_file)
            .context("make the first admin")?;
    }
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let engine = Engine::start(engine_config(&config, &logs), &tasks, shutdown.clone());
    let redactor = redactor(&config)?;
    let hub = Hub::start(vec![engine], logs.clone(), HubOptions { redactor }, &tasks, shutdown.clone())
        .context("start the tails")?;
    let server = server_config(&config)?;
    let state = AppState::new(hub, app.clone(), server, clock.clone(), tasks.clone(), shutdown.clone())?;
    let setup_needed = state.accounts.setup_needed();
    tasks.spawn(stop_on_signal(shutdown.clone())?);
    if let Some(tls) = &listeners.tls {
        tasks.spawn(tls.clone().keep_fresh(shutdown.clone()));
    }
    if let Err(error) = print::line(&greeting(&config, &app, &clock, setup_needed)?) {
        // Nobody reads it, and the page is served all the same; `miniman setup-link` tells the link again.
        tracing::warn!(%error, "the address could not be printed");
    }
    miniman_server::run(listeners, state, shutdown).await;
    tasks.close();
    if tokio::time::timeout(SHUTDOWN_MAX, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "tasks did not end in time");
    }
    tokio::task::spawn_blocking(move || logs.close()).await.context("close the store")??;
    Ok(())
}

/// What a person at the terminal needs to go on: one link.
fn greeting(config: &Config, app: &AppStore, clock: &Clock, setup_needed: bool) -> anyhow::Result<String> {
    let url = base_url(config);
    if !setup_needed {
        return Ok(format!("MiniMan serves {url}"));
    }
    let link = offline::create_setup_link(app, clock, &url).context("make a setup link")?;
    Ok(format!("MiniMan is ready. Open this link within an hour to create the admin:\n\n  {link}\n"))
}

pub(super) fn redactor(config: &Config) -> anyhow::Result<Redactor> {
    Redactor::new(config.redact == Redact::BuiltIn, &config.redact_patterns)
        .context("read the patterns of redaction")
}

fn engine_config(config: &Config, logs: &LogStore) -> EngineConfig {
    EngineConfig {
        name: EngineName::default(),
        host: config.docker_host.clone(),
        log_root: config.log_root.clone(),
        env: DockerEnv::from_lookup(|name| std::env::var_os(name)),
        own_container: OwnContainer::detect(),
        marks_since: last_seen(logs),
    }
}

/// When something was stored last: what happened since then is asked of the engine's memory.
fn last_seen(logs: &LogStore) -> Option<Timestamp> {
    logs.logs().iter().filter_map(|log| log.stored().last_timestamp).max()
}

fn server_config(config: &Config) -> anyhow::Result<ServerConfig> {
    let vouching = &config.vouching;
    let forward_auth = vouching.forward_auth.as_ref().map(ForwardAuth::load);
    Ok(ServerConfig {
        forward_auth: forward_auth.transpose().context("read what the proxy proves itself by")?,
        oidc: vouching.oidc.as_ref().map(Oidc::load).transpose().context("read the provider's settings")?,
        group_roles: GroupRoles(vouching.group_roles.clone()),
        allowed_hosts: config.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        public_url: config.public_url.clone(),
        tls: config.doors.tls.is_some(),
        base_path: config.doors.base_path.clone(),
        trusted_proxies: config.doors.trusted_proxies.clone(),
        read_only: config.read_only,
        retention: config.retention,
        session_lifetime: config.session_lifetime,
        audit_retention: config.audit_retention,
    })
}

fn stop_on_signal(shutdown: CancellationToken) -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = shutdown.cancelled() => {}
        }
        shutdown.cancel();
    })
}

/// A tail holds a container's rotated files open while it reads them: thousands on a busy host.
pub(super) fn raise_file_limit() {
    let mut limit = rustix::process::getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = rustix::process::setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
}
