//! The binary: a command line around the crates. Alone it serves.

mod audit_lines;
mod cli;
mod command;
mod config;
mod print;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, StoreCommand};

/// BSD's `EX_USAGE`: the command line or the configuration makes no sense.
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::usage(&error),
    };
    let config = match config::resolve(&cli.options) {
        Ok(config) => config,
        Err(errors) => {
            errors.iter().for_each(|error| print::error(error));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let done = match cli.command {
        None => command::serve::run(config),
        Some(Command::Audit(audit)) => command::audit::run(&config, &audit),
        Some(Command::Engine) => command::engine::run(&config),
        Some(Command::Health) => command::health::run(&config),
        Some(Command::Logs(logs)) => command::logs::run(&config, &logs),
        Some(Command::SetupLink) => command::setup_link::run(&config),
        Some(Command::Store(StoreCommand::Check)) => command::store::check(&config),
        Some(Command::Store(StoreCommand::Stats)) => command::store::stats(&config),
        Some(Command::Token(token)) => command::token::run(&config, &token),
        Some(Command::User(user)) => command::user::run(&config, &user),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
