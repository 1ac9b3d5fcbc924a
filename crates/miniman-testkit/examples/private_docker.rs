//! Starts a private daemon for programs that are not Rust (Playwright, a shell), prints its `DOCKER_HOST`, and
//! removes it when standard input ends.
//!
//! `cargo run -p miniman-testkit --example private_docker [-- --sample]`; with `--sample` the sample stacks run on it.

use std::io::Read;

use anyhow::Result;
use miniman_testkit::{PrivateDocker, sample};

fn main() -> Result<()> {
    let docker = PrivateDocker::start()?;
    if std::env::args().any(|arg| arg == "--sample") {
        sample::start_stacks(&docker)?;
    }
    #[allow(clippy::print_stdout, reason = "the program's answer")]
    {
        println!("{}", docker.host());
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
