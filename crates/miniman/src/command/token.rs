//! `miniman token`: on `miniman.db` itself; a server that runs sees it within half a second.

use miniman_log::Timestamp;
use miniman_server::Clock;
use miniman_server::accounts::offline::{self, Given, TokenRequest};
use miniman_store::app::AppStore;

use crate::cli::{CreateToken, TokenCommand};
use crate::config::Config;
use crate::print;

pub(crate) fn run(config: &Config, command: &TokenCommand) -> anyhow::Result<()> {
    let store = AppStore::open(&config.data_dir)?;
    match command {
        TokenCommand::Create(token) => create(&store, token),
        TokenCommand::List => list(&store),
        TokenCommand::Revoke { id } => {
            offline::revoke_token(&store, &Clock::system(), *id)?;
            Ok(print::line("Revoked.")?)
        }
    }
}

/// Makes a token and prints it: it is kept nowhere.
fn create(store: &AppStore, token: &CreateToken) -> anyhow::Result<()> {
    let clock = Clock::system();
    let expires = token.expires.as_deref().map(|text| offline::deadline(text, clock.now())).transpose()?;
    let given = Given { role: &token.role, scope: &token.scope };
    let request = TokenRequest { name: &token.name, given, expires };
    let secret = offline::create_token(store, &clock, token.user.as_deref(), request)?;
    Ok(print::line(&secret)?)
}

fn list(store: &AppStore) -> anyhow::Result<()> {
    let users = store.users()?;
    print::line("    ID  USER                ROLE        EXPIRES               LAST USED             NAME")?;
    for token in store.tokens()? {
        let user = users.iter().find(|user| user.id == token.user_id).map_or("-", |user| &user.name);
        print::line(&format!(
            "{:>6}  {user:<18}  {:<10}  {:<20}  {:<20}  {}",
            token.id.0,
            token.role.as_str(),
            when(token.expires),
            when(token.last_used),
            token.name
        ))?;
    }
    Ok(())
}

fn when(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), print::whole_seconds)
}
