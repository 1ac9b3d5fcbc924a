//! `miniman user add`.

use std::io::BufRead;

use anyhow::Context;
use miniman_server::Clock;
use miniman_server::accounts::offline::{self, Given};
use miniman_store::app::AppStore;

use crate::cli::AddUser;
use crate::config::Config;
use crate::print;

/// Adds a user with a password from a file or the first line of standard input.
pub(crate) fn add(config: &Config, user: &AddUser) -> anyhow::Result<()> {
    let password = match &user.password_file {
        Some(path) => offline::read_password_file(path)?,
        None => {
            print::line(&format!("Password for {}:", user.name))?;
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("read the password")?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    let store = AppStore::open(&config.data_dir)?;
    let given = Given { role: &user.role, scope: &user.scope };
    offline::add_user(&store, &Clock::system(), &user.name, &password, given)?;
    print::line(&format!("Added {}.", user.name))?;
    Ok(())
}
