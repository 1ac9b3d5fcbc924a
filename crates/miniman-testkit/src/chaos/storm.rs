//! Many searches at once while a container writes as fast as it can and its files rotate.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{Dice, Source, Stage, known, reach};
use crate::{MiniMan, PrivateDocker, Request, RunSpec};

const NAME: &str = "burst";

/// How many searches ended in which way.
#[derive(Default)]
struct Searches {
    answered: AtomicU64,
    left: AtomicU64,
    refused: AtomicU64,
}

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let (lines, askers) = stage.of((200_000, 4), (3_000_000, 16));
    let docker = PrivateDocker::start()?;
    let miniman = MiniMan::start(stage.binary, &docker)?;
    let spec =
        RunSpec::numbered(NAME, lines, 0, 60).log("json-file", [("max-size", "10m"), ("max-file", "3")]);
    let id = docker.create(&spec)?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    let seed = stage.dice.below(u64::MAX);
    let (over, searches) = (AtomicBool::new(false), Searches::default());
    let searched = std::thread::scope(|scope| {
        let (over, searches, miniman) = (&over, &searches, &miniman);
        let asker = |number| move || ask_until(over, miniman, &mut Dice(seed ^ number), searches);
        let askers: Vec<_> = (0..askers).map(|number| scope.spawn(asker(number))).collect();
        let stored = docker.wait(NAME).and_then(|_| reach(miniman, NAME, lines));
        over.store(true, Ordering::Relaxed);
        let asked = askers
            .into_iter()
            .try_for_each(|asker| asker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        stored.and(asked)
    });
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(lines) };
    let mut account = stage.account(&miniman, follower, &[source], &[])?;
    account.wrong.extend(searched.err().map(|error| format!("{error:#}")));
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (answered, left, refused) =
        (count(&searches.answered), count(&searches.left), count(&searches.refused));
    if answered == 0 {
        account.wrong.push("no search was answered".to_owned());
    }
    let note = format!("{askers} askers: {answered} searches answered, {left} left, {refused} refused");
    Ok(Account { note, ..account })
}

fn ask_until(over: &AtomicBool, miniman: &MiniMan, dice: &mut Dice, searches: &Searches) -> Result<()> {
    while !over.load(Ordering::Relaxed) {
        let stored = miniman.container(NAME)?["log"]["records"].as_u64().unwrap_or(0);
        if stored == 0 {
            continue;
        }
        let number = dice.below(stored);
        match dice.below(4) {
            // One line, whatever else is being written.
            0 => {
                if let Some(rows) = search(miniman, &format!("%2F%5E{number}%20%2F"), searches)? {
                    let records = rows.iter().filter(|row| row["body"].is_string()).count();
                    ensure!(records == 1, "the search for line {number} of {stored} found {records}");
                }
            }
            1 => {
                search(miniman, &format!("{number}&limit=50&order=desc"), searches)?;
            }
            2 => {
                search(miniman, "nowhere-to-be-found", searches)?;
            }
            // Somebody who leaves as soon as something comes.
            _ => {
                let (_, mut body) = request(miniman, "xxx").begin(miniman.address())?;
                searches.left.fetch_add(1, Ordering::Relaxed);
                // An answer without a single byte is as good.
                body.read_exact(&mut [0]).ok();
            }
        }
    }
    Ok(())
}

/// The rows of an answer; None when the server had no time for it.
fn search(miniman: &MiniMan, query: &str, searches: &Searches) -> Result<Option<Vec<Value>>> {
    let answer = request(miniman, query).send(miniman.address())?;
    if answer.status == 503 {
        searches.refused.fetch_add(1, Ordering::Relaxed);
        return Ok(None);
    }
    ensure!(answer.status == 200, "search {query}: {}", answer.text());
    let rows: Vec<Value> = answer.text().lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(rows.last().is_some_and(|row| row.get("summary").is_some()), "the search {query} has no end");
    searches.answered.fetch_add(1, Ordering::Relaxed);
    Ok(Some(rows))
}

fn request(miniman: &MiniMan, query: &str) -> Request {
    Request::get(&format!("/api/v1/logs?container={NAME}&query={query}")).bearer(miniman.token())
}
