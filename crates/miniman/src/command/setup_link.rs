//! `miniman setup-link`.

use anyhow::Context;
use miniman_server::Clock;
use miniman_server::accounts::offline;
use miniman_store::app::AppStore;

use crate::config::Config;
use crate::print;

/// Prints a new link; the one before stops working.
pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    let store = AppStore::open(&config.data_dir)?;
    let link = offline::create_setup_link(&store, &Clock::system(), &base_url(config))
        .context("make a setup link")?;
    print::line(&link)?;
    Ok(())
}

/// Where a browser on this machine, or the people that were told of the public address, reach the server.
pub(crate) fn base_url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.clone(),
        None if config.listen.ip().is_unspecified() => format!("http://localhost:{}", config.listen.port()),
        None => format!("http://{}", config.listen),
    }
}
