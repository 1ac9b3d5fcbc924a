//! `cargo xtask flood`: floods MiniMan, and times a healthy user meanwhile (`miniman_testkit::flood`).
//!
//! Exits with 1 when somebody healthy waits too long or in vain, memory grows too far, or nobody is served afterwards.

#![allow(clippy::print_stdout, reason = "a program of the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use miniman_testkit::flood::{self, Account, SCENARIOS, Scale};

const USAGE: &str = "usage: flood <miniman binary> [scenario]...";

fn main() -> Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    let binary = args.next().map(PathBuf::from).context(USAGE)?;
    let scenarios = asked(args)?;
    println!(
        "\n{:<13}{:>7}{:>10}{:>9}{:>12}{:>11}{:>9}{:>13}",
        "scenario", "asked", "median ms", "p99 ms", "slowest ms", "before MB", "peak MB", "recovered ms"
    );
    let mut well = true;
    for name in scenarios {
        // One that breaks off does not hide what the others have to say.
        let account = flood::run(name, &binary, Scale::Full);
        let account = account.unwrap_or_else(|error| Account {
            wrong: vec![format!("broke off: {error:#}")],
            ..Account::default()
        });
        print(name, &account);
        well &= account.wrong.is_empty();
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked(args: impl Iterator<Item = String>) -> Result<Vec<&'static str>> {
    let mut scenarios = Vec::new();
    for arg in args {
        let Some(known) = SCENARIOS.iter().find(|scenario| scenario.name == arg) else {
            let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
            bail!("there is no scenario {arg}; there are {}", names.join(", "));
        };
        scenarios.push(known.name);
    }
    if scenarios.is_empty() {
        scenarios = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    }
    Ok(scenarios)
}

fn print(name: &str, account: &Account) {
    let ms = |time: std::time::Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{name:<13}{:>7}{:>10.1}{:>9.1}{:>12.1}{:>11}{:>9}{:>13.0}  {}",
        account.asked,
        ms(account.median),
        ms(account.p99),
        ms(account.slowest),
        account.before_kb >> 10,
        account.peak_kb >> 10,
        ms(account.recovered),
        account.note
    );
    account.wrong.iter().for_each(|wrong| println!("{name}: {wrong}"));
}
