//! The data directory's file system fails: every read, write and fsync is EIO until it is mounted again.
//!
//! An ext4 on a loop device that is told to shut down (`EXT4_IOC_SHUTDOWN` without flushing its journal), which is what
//! a disk that is pulled looks like to programs: what was not synced is lost too. It takes no device-mapper, which
//! not every kernel has. Errors of single writes are made in the store's own tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::Account;
use super::disk::mount;
use super::follower::Follower;
use super::ledger::Written;
use super::stage::{LIMIT, Source, Stage, known, metric, reach};
use crate::{MiniMan, PrivateDocker, RunSpec, ServerOptions, wait_for};

const NAME: &str = "web";
const IMAGE_BYTES: u64 = 512 << 20;
const RATE: u64 = 5_000;

/// By python3, which the suite needs anyway: an ioctl can't be called without unsafe code.
const SHUT_DOWN: &str = "
import fcntl, os, struct, sys
EXT4_IOC_SHUTDOWN, NOLOGFLUSH = 0x8004587d, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack('I', NOLOGFLUSH))
";

pub(super) fn run(stage: &mut Stage) -> Result<Account> {
    let (failures, lines) = stage.of((1, 50_000), (5, 600_000));
    let docker = PrivateDocker::start()?;
    let mut disk = Disk::make(docker.dir())?;
    let options = ServerOptions { data_dir: Some(disk.target.join("data")), ..ServerOptions::default() };
    let mut miniman = MiniMan::start_with(stage.binary, &docker.host(), options)?;
    miniman.wait_for_engine()?;
    let id = docker.create(&RunSpec::numbered(NAME, lines, RATE, 120))?;
    known(&miniman, NAME)?;
    let follower = Follower::start(&miniman, &json!({"container": NAME}))?;
    docker.docker(&["start", NAME])?;
    // The account, the token and where the log begins were synced; what is written from now on may be lost with the disk,
    // and is read again.
    let mut wrong = Vec::new();
    for failure in 1..=failures {
        let step = lines / (failures + 2);
        reach(&miniman, NAME, failure * step + stage.dice.below(step / 4))?;
        disk.shut_down()?;
        let told = wait_for("commits to fail", LIMIT, || {
            (metric(&miniman, "miniman_store_failing") == Some(1.0)).then_some(())
        });
        told.with_context(|| format!("miniman said: {}", miniman.diagnostics()))?;
        stage.say(&format!("the disk fails: {failure} of {failures}"));
        let notices = miniman.get("/api/v1/containers")?.json()?["notices"].clone();
        if notices.as_array().is_none_or(Vec::is_empty) {
            wrong.push("the disk fails, and nobody is told".to_owned());
        }
        // Lines go on to whoever follows.
        reach(&miniman, NAME, failure * step + step / 2)?;
        miniman.kill()?;
        disk.mount_again()?;
        miniman.start_again()?;
        miniman.wait_for_engine()?;
    }
    docker.wait(NAME)?;
    let source = Source { id, name: NAME.to_owned(), written: Written::up_to(lines) };
    let mut account = stage.account(&miniman, follower, &[source], &[])?;
    account.wrong.extend(wrong);
    drop(miniman);
    disk.unmount()?;
    Ok(Account { note: format!("an ext4 shut down {failures} times"), ..account })
}

/// An ext4 in a file.
struct Disk {
    image: PathBuf,
    /// After which it was mounted again.
    failures: u32,
    target: PathBuf,
}

impl Disk {
    fn make(dir: &Path) -> Result<Disk> {
        let disk = Disk { image: dir.join("disk.img"), failures: 0, target: dir.join("disk") };
        let file = std::fs::File::create(&disk.image).context("make an image")?;
        file.set_len(IMAGE_BYTES).context("make an image")?;
        let mut mkfs = Command::new("mkfs.ext4");
        mkfs.args(["-q", "-F"]).arg(&disk.image);
        run_program(mkfs)?;
        disk.mount()?;
        Ok(disk)
    }

    fn mount(&self) -> Result<()> {
        let image = self.image.to_string_lossy();
        mount(&["-o", "loop", &image], &self.target)
    }

    fn unmount(&self) -> Result<()> {
        let mut umount = Command::new("umount");
        umount.arg(&self.target);
        run_program(umount)
    }

    /// As a disk that is back: a copy of the image. The image itself would be the dead file system again wherever a
    /// container that is just starting still holds the mount.
    fn mount_again(&mut self) -> Result<()> {
        self.unmount()?;
        let back = self.image.with_extension(format!("{}.img", self.failures));
        let dead = std::mem::replace(&mut self.image, back);
        self.failures += 1;
        let mut copy = Command::new("cp");
        copy.arg("--sparse=always").args([&dead, &self.image]);
        run_program(copy)?;
        std::fs::remove_file(dead).context("remove the dead image")?;
        self.mount()
    }

    fn shut_down(&self) -> Result<()> {
        let mut python = Command::new("python3");
        python.args(["-c", SHUT_DOWN]).arg(&self.target);
        run_program(python)
    }
}

fn run_program(mut command: Command) -> Result<()> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
