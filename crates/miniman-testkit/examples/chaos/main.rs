//! `cargo xtask chaos`: breaks things around MiniMan, and accounts for every line (`miniman_testkit::chaos`).
//!
//! Exits with 1 when a line is neither there nor in a gap, is there twice, or a scenario breaks off.

#![allow(clippy::print_stdout, reason = "a program of the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use miniman_testkit::chaos::{self, Account, SCENARIOS, Scale};

const USAGE: &str = "usage: chaos <miniman binary> [--seed N] [--fast] [scenario]...";

/// What the command line asks for.
struct Asked {
    binary: PathBuf,
    seed: u64,
    scale: Scale,
    scenarios: Vec<&'static str>,
}

fn main() -> Result<ExitCode> {
    let asked = asked(std::env::args().skip(1))?;
    println!("seed {}; the same one breaks things at the same places", asked.seed);
    let mut rows = Vec::new();
    for name in asked.scenarios {
        // One that breaks off does not hide what the others have to say.
        let account = chaos::run(name, &asked.binary, asked.scale, asked.seed);
        let account = account.unwrap_or_else(|error| Account {
            wrong: vec![format!("broke off: {error:#}")],
            ..Account::default()
        });
        rows.push((name, account));
    }
    print(&rows);
    let well = rows.iter().all(|(_, account)| account.wrong.is_empty());
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked(mut args: impl Iterator<Item = String>) -> Result<Asked> {
    let binary = args.next().map(PathBuf::from).context(USAGE)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (mut seed, mut scale, mut scenarios) = (now.as_secs(), Scale::Full, Vec::new());
    while let Some(arg) = args.next() {
        if arg == "--seed" {
            seed = args.next().and_then(|seed| seed.parse().ok()).context(USAGE)?;
            continue;
        }
        if arg == "--fast" {
            scale = Scale::Fast;
            continue;
        }
        let Some(known) = SCENARIOS.iter().find(|scenario| scenario.name == arg) else {
            let lines: Vec<_> = SCENARIOS
                .iter()
                .map(|scenario| format!("\n  {:<10}{}", scenario.name, scenario.about))
                .collect();
            bail!("there is no scenario {arg}; there are{}", lines.concat());
        };
        scenarios.push(known.name);
    }
    if scenarios.is_empty() {
        scenarios = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    }
    Ok(Asked { binary, seed, scale, scenarios })
}

fn print(rows: &[(&str, Account)]) {
    println!(
        "\n{:<10}{:>7}{:>11}{:>11}{:>10}{:>9}{:>11}{:>10}{:>8}  ",
        "scenario", "logs", "written", "stored", "reported", "unknown", "delivered", "reported", "s"
    );
    for (name, account) in rows {
        println!(
            "{name:<10}{:>7}{:>11}{:>11}{:>10}{:>9}{:>11}{:>10}{:>8.1}  {}",
            account.containers,
            account.written,
            account.stored,
            account.reported,
            account.unknown_gaps,
            account.delivered,
            account.delivered_gaps,
            account.took.as_secs_f64(),
            if account.wrong.is_empty() { &account.note } else { "WRONG, see below" }
        );
    }
    for (name, account) in rows {
        account.wrong.iter().for_each(|wrong| println!("{name}: {wrong}"));
    }
}
