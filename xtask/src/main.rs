//! The project's tasks: `cargo xtask run`, `test`, `e2e`, `ci`, `bench`, `screenshots`, `chaos`, `flood`, `web`, `image`, `demo`.
//!
//! Kept light, so that it compiles in seconds: it starts the tools that do the work, and knows what they need.

#![allow(clippy::print_stdout, reason = "a program of the terminal")]

mod advisories;
mod counts;
mod e2e;
mod image;
mod install;
#[cfg(test)]
mod rules;
mod run;
mod steps;
mod suite;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "MiniMan's tasks", disable_help_subcommand = true)]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page and the binary and start them on the local Docker engine, or on a sample engine
    Run {
        /// Optimised: builds longer, runs faster
        #[arg(long)]
        release: bool,
        /// Start the sample engine even when a Docker engine answers
        #[arg(long)]
        sample: bool,
        /// Arguments for miniman
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// The sample engine with a known admin (admin / miniman-demo), for screenshots and for trying things
    Demo {
        #[arg(long)]
        release: bool,
        /// Arguments for miniman
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Install what the suite needs, and run all of it; or only the tests whose name holds FILTER
    Test { filter: Option<String> },
    /// Only the page's specs in Chromium, or those whose title holds FILTER
    E2e {
        filter: Option<String>,
        /// Run each so many times in a row: what passes by luck shows itself
        #[arg(long, default_value_t = 1)]
        repeat: u32,
    },
    /// The whole suite as CI runs it; fails over 40 minutes
    Ci,
    /// Measure MiniMan beside `docker logs` on the same containers; some fifteen minutes on an idle machine
    Bench {
        /// The page's budgets in Chromium instead: MINIMAN_BENCH_SECONDS (60) a rate, MINIMAN_BENCH_LINES (10,000,000)
        #[arg(long)]
        page: bool,
    },
    /// Take a picture of every page and state in Chromium, in light, in dark and on a phone
    Screenshots {
        /// Where they go
        #[arg(default_value = "web/test-results/screenshots")]
        folder: PathBuf,
    },
    /// Break things around MiniMan on a private daemon, and account for every line; some ten minutes
    Chaos {
        /// Some scenarios only: kill, daemon, disk, eio, clock, rotation, churn, storm
        scenarios: Vec<String>,
        /// Breaks things at the same places as the run that printed it
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Flood MiniMan and time somebody healthy meanwhile; some two minutes on an otherwise idle machine
    Flood {
        /// Some scenarios only: slow, connections, sockets, logins, bodies, events
        scenarios: Vec<String>,
    },
    /// Write the page's types from the server's OpenAPI document, then build the page
    Web,
    /// Build the static binary and the container image
    Image {
        /// The image's name
        #[arg(long, default_value = "miniman:latest")]
        tag: String,
    },
}

fn main() -> ExitCode {
    match run(Xtask::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    std::env::set_current_dir(root()).context("enter the workspace")?;
    match task {
        Task::Run { release, sample, args } => run::run(release, sample, &args)?,
        Task::Demo { release, args } => run::demo(release, &args)?,
        Task::Test { filter: Some(filter) } => suite::filtered(&filter),
        Task::Test { filter: None } => suite::whole(None),
        Task::E2e { filter, repeat } => suite::page_only(filter.as_deref(), repeat),
        Task::Ci => suite::whole(Some(suite::CI_LIMIT)),
        Task::Bench { page: false } => run::bench()?,
        Task::Bench { page: true } => run::bench_page()?,
        Task::Screenshots { folder } => run::screenshots(&folder)?,
        Task::Chaos { scenarios, seed } => run::chaos(&scenarios, seed)?,
        Task::Flood { scenarios } => run::flood(&scenarios)?,
        Task::Web => web::types_and_page()?,
        Task::Image { tag } => image::build(&tag)?,
    }
    Ok(())
}

/// The workspace's directory.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
