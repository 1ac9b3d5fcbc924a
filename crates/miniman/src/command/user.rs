//! `miniman user`: on `miniman.db` itself; a server that runs sees it within half a second.

use std::io::BufRead;
use std::path::PathBuf;

use anyhow::Context;
use miniman_server::Clock;
use miniman_server::accounts::offline::{self, Given};
use miniman_store::app::AppStore;

use crate::cli::{AddUser, UserCommand};
use crate::config::Config;
use crate::print;

pub(crate) fn run(config: &Config, command: &UserCommand) -> anyhow::Result<()> {
    let open = || AppStore::open(&config.data_dir);
    let clock = Clock::system();
    match command {
        // Asked for before the database is made.
        UserCommand::Add(user) => {
            let AddUser { name, role, scope, password_file } = user;
            let password = password(name, password_file.as_ref())?;
            offline::add_user(&open()?, &clock, name, &password, Given { role, scope })?;
            Ok(print::line(&format!("Added {name}."))?)
        }
        UserCommand::List => list(&open()?),
        UserCommand::Remove { name } => {
            offline::remove_user(&open()?, &clock, name)?;
            Ok(print::line(&format!("Removed {name}."))?)
        }
        UserCommand::Password { name, password_file } => {
            let password = password(name, password_file.as_ref())?;
            offline::set_password(&open()?, &clock, name, &password)?;
            Ok(print::line(&format!("{name} has another password."))?)
        }
        UserCommand::Role(change) => {
            let given = Given { role: &change.role, scope: &change.scope };
            offline::set_role(&open()?, &clock, &change.name, given)?;
            Ok(print::line(&format!("{} is {}.", change.name, change.role.as_str()))?)
        }
    }
}

/// From a file, or the first line of standard input.
fn password(name: &str, file: Option<&PathBuf>) -> anyhow::Result<String> {
    if let Some(path) = file {
        return Ok(offline::read_password_file(path)?);
    }
    print::line(&format!("Password for {name}:"))?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn list(store: &AppStore) -> anyhow::Result<()> {
    print::line("NAME                ROLE        CREATED               SCOPE")?;
    for user in store.users()? {
        let scope = user.scope.as_deref().map(|scope| scope.replace('\n', ", "));
        let disabled = if user.disabled { " (disabled)" } else { "" };
        print::line(&format!(
            "{:<18}  {:<10}  {:<20}  {}{disabled}",
            user.name,
            user.role.as_str(),
            print::whole_seconds(user.created),
            scope.as_deref().unwrap_or("-"),
        ))?;
    }
    Ok(())
}
