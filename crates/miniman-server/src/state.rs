//! What every handler can reach.

use std::sync::Arc;

use miniman_hub::Hub;
use miniman_store::app::AppStore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::{Accounts, AccountsError};
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::hide_rules::HideRules;
use crate::retention::Retention;
use crate::stack_ids::StackIds;

/// Shared by all requests and sockets; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub hub: Hub,
    pub accounts: Accounts,
    pub audit: Audit,
    pub store: AppStore,
    pub config: Arc<ServerConfig>,
    /// The provider that people may log in at.
    #[cfg(feature = "oidc")]
    pub oidc: Option<crate::oidc::Oidc>,
    pub clock: Clock,
    /// `config_id` of stacks.
    pub stack_ids: StackIds,
    /// What is kept of all logs.
    pub retention: Retention,
    /// What views leave out when they are asked to.
    pub hide_rules: HideRules,
    /// What requests leave running (operations, pumps); shutdown waits for it.
    pub tasks: TaskTracker,
    /// Cancelled when the server is to stop.
    pub shutdown: CancellationToken,
}

impl AppState {
    /// Loads accounts, stack ids and settings, marks operations of an earlier process as unknown, and starts the tasks
    /// that keep them fresh.
    ///
    /// Blocks on the database: call it before serving.
    ///
    /// # Errors
    /// When `miniman.db` can't be read.
    pub fn new(
        hub: Hub,
        store: AppStore,
        config: ServerConfig,
        clock: Clock,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Result<Self, AccountsError> {
        let config = Arc::new(config);
        store.interrupt_operations(clock.now())?;
        let audit =
            Audit::start(store.clone(), clock.clone(), config.audit_retention, &tasks, shutdown.clone());
        let accounts =
            Accounts::load(store.clone(), &config, clock.clone(), audit.clone(), &tasks, shutdown.clone())?;
        let stack_ids = StackIds::load(store.clone(), hub.roster(), &tasks, shutdown.clone())?;
        let retention = Retention::load(store.clone(), hub.store().clone(), config.retention)?;
        let hide_rules = HideRules::load(store.clone())?;
        #[cfg(feature = "oidc")]
        let oidc = config.oidc.clone().map(crate::oidc::Oidc::new);
        Ok(Self {
            #[cfg(feature = "oidc")]
            oidc,
            hub,
            accounts,
            audit,
            store,
            config,
            clock,
            stack_ids,
            retention,
            hide_rules,
            tasks,
            shutdown,
        })
    }
}
