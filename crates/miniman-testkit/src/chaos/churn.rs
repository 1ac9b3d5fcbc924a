//! Containers that start, write a little, stop, start again and are removed, while a client follows their stack.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{Dice, Source, Stage, known};
use crate::{MiniMan, PrivateDocker, RunSpec};

/// At once; the daemon starts some ten a second on two cores, however many ask.
const LANES: u64 = 4;
const STACK: &str = "churn";

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let containers = stage.of(24, 500);
    // Of the removed ones, one in so many goes as soon as it has ended, whether or not MiniMan has opened its log yet.
    let at_once = stage.of(u64::MAX, 2);
    let docker = PrivateDocker::start()?;
    let miniman = MiniMan::start(stage.binary, &docker)?;
    // So that there is a stack to follow.
    let spec = RunSpec::numbered("churn-first-1", 10, 0, 0).compose(STACK, "first", 1);
    let id = docker.create(&spec)?;
    known(&miniman, "churn-first-1")?;
    let follower = Follower::start(&miniman, &json!({"stack": STACK}))?;
    docker.docker(&["start", "churn-first-1"])?;
    docker.wait("churn-first-1")?;
    let first = Source { id, name: "churn-first-1".to_owned(), written: Written::up_to(10) };

    let sources = Mutex::new(vec![first]);
    let next = AtomicU64::new(1);
    let seed = stage.dice.below(u64::MAX);
    std::thread::scope(|scope| {
        let lane = || -> Result<()> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > containers {
                    return Ok(());
                }
                let seen = if number.is_multiple_of(at_once) { None } else { Some(&miniman) };
                let source = live(&docker, seen, number, &mut Dice(seed ^ number))?;
                sources.lock().map_err(|_| anyhow::anyhow!("another lane panicked"))?.push(source);
                if number.is_multiple_of(20) {
                    stage.say(&format!("{number} of {containers}"));
                }
            }
        };
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes
            .into_iter()
            .try_for_each(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    let sources = sources.into_inner().map_err(|_| anyhow::anyhow!("a lane panicked"))?;
    // A container may be gone before its log was seen; then nobody can count what was in it.
    let account = stage.account(&miniman, follower, &sources, &["source-lost"])?;
    Ok(Account { note: format!("{LANES} at once; a third started twice, a third removed"), ..account })
}

/// A container's whole life; if it is removed, then after it was `seen`.
fn live(docker: &PrivateDocker, seen: Option<&MiniMan>, number: u64, dice: &mut Dice) -> Result<Source> {
    let lines = 1 + dice.below(300);
    let service = ["web", "api", "worker", "cron", "db"][usize::try_from(number % 5)?];
    let name = format!("{STACK}-{service}-{number}");
    // A second start goes on counting.
    let script = format!(
        "n=$(cat /n 2>/dev/null || echo 0); echo $((n + {lines})) >/n; \
         numbered-writer --from $n --count {lines} --stderr-every 0"
    );
    let index = u32::try_from(number).context("too many containers")?;
    let id = docker.run(&RunSpec::sh(&name, &script).compose(STACK, service, index))?;
    docker.wait(&id)?;
    let mut starts = 1;
    match dice.below(3) {
        0 => {}
        1 => {
            docker.docker(&["start", &id])?;
            docker.wait(&id)?;
            starts += 1;
        }
        _ => {
            seen.map_or(Ok(()), |miniman| known(miniman, &name))?;
            docker.docker(&["rm", &id])?;
        }
    }
    Ok(Source { id, name, written: Written::up_to(starts * lines) })
}
