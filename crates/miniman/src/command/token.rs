//! `miniman token create`.

use miniman_server::Clock;
use miniman_server::accounts::offline::{self, Given};
use miniman_store::app::AppStore;

use crate::cli::CreateToken;
use crate::config::Config;
use crate::print;

/// Makes a token and prints it: it is kept nowhere.
pub(crate) fn create(config: &Config, token: &CreateToken) -> anyhow::Result<()> {
    let store = AppStore::open(&config.data_dir)?;
    let secret = offline::create_token(
        &store,
        &Clock::system(),
        token.user.as_deref(),
        &token.name,
        Given { role: &token.role, scope: &token.scope },
    )?;
    print::line(&secret)?;
    Ok(())
}
