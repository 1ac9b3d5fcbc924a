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
    let base = &config.doors.base_path;
    if let Some(url) = &config.public_url {
        return format!("{url}{base}");
    }
    let scheme = if config.doors.tls.is_some() { "https" } else { "http" };
    if config.listen.ip().is_unspecified() {
        format!("{scheme}://localhost:{}{base}", config.listen.port())
    } else {
        format!("{scheme}://{}{base}", config.listen)
    }
}
