//! Known holes in what we depend on, asked of the databases that list them.
//!
//! They are on the network and change without us: where one can't be reached, that is said and nothing fails. What is found
//! fails the run.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use miniman_testkit::docker::find_program;
use serde_json::Value;

use crate::steps::{command, run};
use crate::web::npm;

/// A network that drops everything keeps nobody waiting.
const FETCH_SECONDS_MAX: &str = "60";

/// Severities that fail the run; what is lower is told.
const SEVERE: [&str; 2] = ["high", "critical"];

/// Of crates, by cargo-deny.
///
/// # Errors
/// When there is one that `deny.toml` does not know of.
pub(crate) fn of_crates() -> Result<()> {
    if find_program("cargo-deny").is_none() {
        println!("not asked: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    let mut fetch =
        command("timeout", [FETCH_SECONDS_MAX, "cargo", "deny", "--log-level", "off", "fetch", "db"]);
    let fetched = fetch.stdin(Stdio::null()).stderr(Stdio::null()).status().context("start cargo deny")?;
    if !fetched.success() {
        println!("not asked: the database of advisories can't be reached from here ({fetched})");
        return Ok(());
    }
    let check = ["deny", "--log-level", "error", "check", "--disable-fetch", "advisories"];
    run(&mut command("cargo", check))
}

/// Of npm packages, by the registry that they come from: what the page is made of and with, and what only tests run.
///
/// # Errors
/// When the page has a severe one. Test clients speak to tests alone: theirs are told.
pub(crate) fn of_packages(page: &str, clients: &str) -> Result<()> {
    let severe = audit(page)?;
    audit(clients)?;
    if severe > 0 { bail!("{page}: {severe} of high or critical severity") } else { Ok(()) }
}

/// Tells what is known, and gives how many of it are severe.
fn audit(dir: &str) -> Result<u64> {
    let audit = ["audit", "--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=30000"];
    let found = found(&text_of(&mut npm(dir, audit))?);
    match found {
        None => println!("{dir}: not asked: the registry in use gives no audit, or can't be reached"),
        Some((_, 0)) => println!("{dir}: nothing known"),
        Some((severe, all)) => println!("{dir}: {all}, {severe} of them severe; npm audit there tells which"),
    }
    Ok(found.map_or(0, |(severe, _)| severe))
}

fn text_of(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().context("start npm")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How many are severe, and how many there are; `None` when the answer is no audit.
fn found(answer: &str) -> Option<(u64, u64)> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let counts = answer.get("metadata")?.get("vulnerabilities")?;
    let severe = SEVERE.iter().filter_map(|severity| counts[severity].as_u64()).sum();
    Some((severe, counts["total"].as_u64()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_is_told_from_a_registry_that_gives_none() {
        let audit = |counts: &str| {
            format!("{{\"auditReportVersion\":2,\"metadata\":{{\"vulnerabilities\":{{{counts}}}}}}}")
        };
        assert_eq!(found(&audit("\"high\":0,\"critical\":0,\"total\":0")), Some((0, 0)));
        assert_eq!(found(&audit("\"low\":1,\"high\":2,\"critical\":1,\"total\":4")), Some((3, 4)));
        for none in ["", "{\"message\":\"405 Method Not Allowed\"}", "[]", &audit("")] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
