//! What scenarios share: the size of things, chance, and the account at the end.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::follower::{Ends, Follower};
use super::ledger::{Ledger, Written, number};
use super::{Account, Scale};
use crate::{MiniMan, Request, wait_for};

/// How long anything may take that a scenario waits for.
pub(super) const LIMIT: Duration = Duration::from_secs(300);
/// How long MiniMan may take for the rest once nothing is broken any more. A violation shows as this having passed.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

/// Each scenario's own daemon, server and clients are made by its module; this is the rest.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    name: &'a str,
    pub(super) binary: &'a Path,
    scale: Scale,
    pub(super) dice: Dice,
}

/// What was written to one container's log.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) written: Written,
}

impl<'a> Stage<'a> {
    pub(super) fn new(name: &'a str, binary: &'a Path, scale: Scale, seed: u64) -> Stage<'a> {
        Stage { name, binary, scale, dice: Dice(seed) }
    }

    /// The value for this run's scale.
    pub(super) fn of<T>(&self, fast: T, full: T) -> T {
        self.scale.of(fast, full)
    }

    /// Progress, for people.
    pub(super) fn say(&self, what: &str) {
        eprintln!("{}: {what}", self.name);
    }

    /// Waits for the last lines, and counts. `unknowable` are the reasons for which a gap may have no count here.
    pub(super) fn account(
        &self,
        miniman: &MiniMan,
        follower: Follower,
        sources: &[Source],
        unknowable: &[&str],
    ) -> Result<Account> {
        self.say("counting");
        let mut account = Account { containers: sources.len(), ..Account::default() };
        if let Err(error) = wait_for("all lines to be stored", SETTLE_LIMIT, || {
            all_stored(miniman, sources).unwrap_or(false).then_some(())
        }) {
            account.wrong.push(format!("{error:#}"));
        }
        let mut ends = Ends::new();
        for source in sources {
            let stored = stored(miniman, source)?;
            if let Some(end) = stored.last_seq() {
                ends.insert(source.id.clone(), end);
            }
            let verdict = stored.judge(&source.written, unknowable);
            account.written += source.written.count();
            account.stored += verdict.lines;
            account.reported += verdict.reported;
            account.unknown_gaps += verdict.unknown;
            account.wrong.extend(verdict.wrong);
        }
        let delivered = follower.finish(ends, SETTLE_LIMIT)?;
        for source in sources {
            let empty = Ledger::new(&format!("delivered of {}", source.name));
            let verdict = delivered.get(&source.id).unwrap_or(&empty).judge(&source.written, unknowable);
            account.delivered += verdict.lines;
            account.delivered_gaps += verdict.reported;
            account.wrong.extend(verdict.wrong);
        }
        // The judged sentences say where; this says it of the sums, whatever the judge believes.
        if account.written != account.stored + account.reported {
            account.wrong.push("written is not stored + reported".to_owned());
        }
        if account.written != account.delivered + account.delivered_gaps {
            account.wrong.push("written is not delivered + reported to the client".to_owned());
        }
        Ok(account)
    }
}

/// Whether each container's last line is stored, and all history is read.
fn all_stored(miniman: &MiniMan, sources: &[Source]) -> Result<bool> {
    let list = miniman.get("/api/v1/containers")?.json()?;
    let containers = list["containers"].as_array().context("read the containers")?;
    let containers: HashMap<_, _> =
        containers.iter().map(|container| (container["id"].as_str(), container)).collect();
    for source in sources {
        let container = containers.get(&Some(source.id.as_str())).copied().unwrap_or(&Value::Null);
        let log = &container["log"];
        if !log["backfill"]["done"].as_bool().unwrap_or(true) {
            return Ok(false);
        }
        if log["records"].as_u64().unwrap_or(0) >= source.written.count() {
            continue;
        }
        // With a gap only the last line tells, or that a gap is what the log of a removed container ends with.
        let told = || anyhow::Ok(last_stored(miniman, source)? == source.written.last());
        let ends = || anyhow::Ok(container["present"] == false && ends_with_a_gap(miniman, source, log)?);
        if log["gaps"].as_u64().unwrap_or(0) == 0 || !(told()? || ends()?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn ends_with_a_gap(miniman: &MiniMan, source: &Source, log: &Value) -> Result<bool> {
    let after = log["last"].as_str().map_or_else(String::new, |last| format!("&after={last}"));
    let rows = miniman.get(&format!("/api/v1/logs?container={}{after}&limit=1", source.id))?.text();
    let row: Value = serde_json::from_str(rows.lines().next().unwrap_or_default()).unwrap_or_default();
    Ok(row["gap"].is_object())
}

fn last_stored(miniman: &MiniMan, source: &Source) -> Result<Option<u64>> {
    let row = miniman.get(&format!("/api/v1/logs?container={}&tail=1", source.id))?.text();
    let row: Value = serde_json::from_str(row.trim()).unwrap_or_default();
    Ok(row["body"].as_str().and_then(number))
}

/// What the store gives out of one log.
fn stored(miniman: &MiniMan, source: &Source) -> Result<Ledger> {
    let mut ledger = Ledger::new(&format!("stored of {}", source.name));
    let request = Request::get(&format!("/api/v1/logs?container={}", source.id)).bearer(miniman.token());
    let (answer, body) = request.begin(miniman.address())?;
    if answer.status == 404 {
        ledger.complain("the server has never heard of it".to_owned());
        return Ok(ledger);
    }
    ensure!(answer.status == 200, "read {}: {}", source.name, answer.status);
    for row in body.lines() {
        let row: Value = serde_json::from_str(&row?).context("read a row")?;
        match row.get("gap") {
            Some(gap) => ledger.gap(gap),
            None => ledger.record(&row),
        }
    }
    Ok(ledger)
}

/// Waits until MiniMan knows a container, so that whoever follows it from now on misses nothing.
pub(super) fn known(miniman: &MiniMan, name: &str) -> Result<()> {
    miniman.wait_for_container(name, LIMIT, |container| (container["present"] == true).then_some(()))
}

/// Waits until at least so many lines of a container are stored.
pub(super) fn reach(miniman: &MiniMan, name: &str, lines: u64) -> Result<()> {
    miniman.wait_for_container(name, LIMIT, |container| {
        (container["log"]["records"].as_u64()? >= lines).then_some(())
    })
}

/// Waits until the last line that is stored has at least this number, whatever gaps are before it.
pub(super) fn reach_number(miniman: &MiniMan, source_id: &str, least: u64) -> Result<()> {
    let source = Source { id: source_id.to_owned(), name: String::new(), written: Written::default() };
    wait_for("a line of a high number", LIMIT, || {
        last_stored(miniman, &source).ok().flatten().filter(|last| *last >= least).map(|_| ())
    })
}

/// A value of `/metrics`.
pub(super) fn metric(miniman: &MiniMan, name: &str) -> Option<f64> {
    let text = miniman.get("/metrics").ok()?.text();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// Reproducible chance: splitmix64.
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// Something below `end`, which is not 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
