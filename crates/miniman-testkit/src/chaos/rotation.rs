//! Log files that rotate every 100 ms, three at most; and MiniMan away for longer than they last.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::Account;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{LIMIT, Source, Stage, known, reach, reach_number};
use crate::{MiniMan, PrivateDocker, RunSpec, wait_for};

const NAME: &str = "web";
/// 5,000 lines a second × 100 bytes, and some 80 of JSON around each: 900 KB a second, 90 KB in 100 ms.
const RATE: u64 = 5_000;
const LINE_BYTES: usize = 100;
const MAX_SIZE: &str = "90k";
/// How long each of the three is the one that is written.
const FILE_LASTS: Duration = Duration::from_millis(100);
const STALLS_EVERY: Duration = Duration::from_millis(10);
/// Rotations after which all three files are others than before.
const ALL_FILES: u32 = 4;

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let lines = stage.of(30_000, 600_000);
    let absences = stage.of(1, 5);
    let docker = PrivateDocker::start()?;
    let mut miniman = MiniMan::start(stage.binary, &docker)?;
    let spec = RunSpec::numbered(NAME, lines, RATE, LINE_BYTES)
        .log("json-file", [("max-size", MAX_SIZE), ("max-file", "3")]);
    let id = docker.create(&spec)?;
    known(&miniman, NAME)?;
    let stalls = Stalls::count();
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    // While MiniMan is there nothing may be missing, however often files go.
    let undisturbed = lines / 2;
    reach(&miniman, NAME, undisturbed)?;
    stage.say("half of it read; now MiniMan is away for a while");
    let path = docker.json_log(&id);
    for absence in 1..=absences {
        let step = lines / 2 / (absences + 1);
        reach_number(&miniman, &id, undisturbed + (absence - 1) * step + stage.dice.below(step / 4))?;
        miniman.kill()?;
        wait_for_rotations(&path, ALL_FILES)?;
        miniman.start_again()?;
        stage.say(&format!("absence {absence} of {absences}"));
    }
    miniman.wait_for_engine()?;
    docker.wait(NAME)?;
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(lines) };
    let mut account = stage.account(&miniman, follower, &[source], &["rotated-away"])?;
    let stalls = stalls.stop();
    if account.unknown_gaps > absences + stalls {
        account.wrong.push(format!(
            "{} gaps, and MiniMan was away {absences} times, and the machine gave nobody a core {stalls} times",
            account.unknown_gaps
        ));
    }
    let note =
        format!("files of {MAX_SIZE}, 3 of them; away {absences} times; {stalls} stalls of the machine");
    Ok(Account { note, ..account })
}

/// A thread that wants a core every 10 ms, and counts how often it waited for one as long as a file lasts. Who gets no
/// core can't have read that file either: what it lost then is told, and no fault.
struct Stalls {
    stop: mpsc::SyncSender<()>,
    counting: JoinHandle<u64>,
}

impl Stalls {
    fn count() -> Stalls {
        let (stop, stopped) = mpsc::sync_channel(1);
        let counting = thread::spawn(move || {
            let mut stalls = 0;
            loop {
                let asked = Instant::now();
                match stopped.recv_timeout(STALLS_EVERY) {
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        stalls += u64::from(asked.elapsed() >= FILE_LASTS)
                    }
                    Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => return stalls,
                }
            }
        });
        Stalls { stop, counting }
    }

    fn stop(self) -> u64 {
        drop(self.stop);
        self.counting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Waits until the file at `path` was another one so many times. A new file that gets
/// the old one's inode is known by being shorter.
fn wait_for_rotations(path: &Path, rotations: u32) -> Result<()> {
    let identity = || std::fs::metadata(path).ok().map(|file| (file.ino(), file.len()));
    let (mut seen, mut last) = (0, identity());
    wait_for("rotations", LIMIT, || {
        let now = identity();
        if let (Some((inode, bytes)), Some((last_inode, last_bytes))) = (now, last)
            && (inode != last_inode || bytes < last_bytes)
        {
            seen += 1;
        }
        last = now.or(last);
        (seen >= rotations).then_some(())
    })
}
