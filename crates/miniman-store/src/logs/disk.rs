//! The disk below the store: what is free on it, and the ballast.
//!
//! The ballast is a file of no content that only takes space. On a full disk SQLite cannot even delete, because a deletion
//! is written to its write-ahead log first; giving the ballast up makes room for that.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::ErrorCode;
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

const BALLAST_NAME: &str = "logs.ballast";
/// After a ballast that could not be made, the next try waits this long.
const BALLAST_RETRY: Duration = Duration::from_secs(60);
/// With less free than this, SQLite's I/O errors come from the lack of space: its shared memory grows by 32 KiB.
const LITTLE_BYTES: u64 = 1 << 20;

/// Bytes that this user may still write on the file system of `dir`; `None` when it does not say.
pub(super) fn free_bytes(dir: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(dir).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Bytes of the whole file system of `dir`; `None` when it does not say.
pub(super) fn total_bytes(dir: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(dir).ok()?;
    Some(stat.f_blocks.saturating_mul(stat.f_frsize))
}

/// Whether `error` comes from the lack of space in `dir`.
pub(super) fn is_full(error: &rusqlite::Error, dir: &Path) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            free_bytes(dir).is_some_and(|free| free < LITTLE_BYTES)
        }
        _ => false,
    }
}

#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
    held: bool,
    failed_at: Option<Instant>,
}

impl Ballast {
    /// The ballast of `dir`, as far as it is there; one of another size is given up.
    pub(super) fn find(dir: &Path, bytes: u64) -> Self {
        let path = dir.join(BALLAST_NAME);
        let found = std::fs::metadata(&path).map(|file| file.len()).ok();
        let mut ballast = Self { path, bytes, held: found.is_some(), failed_at: None };
        if found.is_some_and(|found| found != bytes || bytes == 0) {
            ballast.release();
        }
        ballast
    }

    /// Bytes that it takes now.
    pub(super) fn held_bytes(&self) -> u64 {
        if self.held { self.bytes } else { 0 }
    }

    /// Bytes that it would take and does not.
    pub(super) fn missing_bytes(&self) -> u64 {
        self.bytes - self.held_bytes()
    }

    /// Makes room; whether there is more than before.
    pub(super) fn release(&mut self) -> bool {
        if !std::mem::replace(&mut self.held, false) {
            return false;
        }
        match std::fs::remove_file(&self.path) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "the ballast cannot be removed");
                false
            }
        }
    }

    /// Takes its space, unless that did not work a moment ago.
    pub(super) fn make(&mut self) {
        if self.held || self.failed_at.is_some_and(|at| at.elapsed() < BALLAST_RETRY) {
            return;
        }
        match self.allocate() {
            Ok(()) => (self.held, self.failed_at) = (true, None),
            Err(error) => {
                tracing::warn!(%error, "the ballast cannot be made; a full disk will stop retention");
                self.failed_at = Some(Instant::now());
                // What is there of it, if anything.
                drop(std::fs::remove_file(&self.path));
            }
        }
    }

    fn allocate(&self) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, self.bytes) {
            Ok(()) => Ok(()),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros(&mut file, self.bytes),
            Err(errno) => Err(errno.into()),
        }
    }
}

fn write_zeros(file: &mut File, bytes: u64) -> std::io::Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let part = left.min(zeros.len() as u64);
        file.write_all(&zeros[..part as usize])?;
        left -= part;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ballast_takes_its_space_and_gives_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let blocks = || {
            let file = std::fs::metadata(dir.path().join(BALLAST_NAME)).ok()?;
            Some(std::os::unix::fs::MetadataExt::blocks(&file) * 512)
        };
        let mut ballast = Ballast::find(dir.path(), 3 << 20);
        assert_eq!((ballast.held_bytes(), ballast.missing_bytes()), (0, 3 << 20));
        ballast.make();
        assert_eq!((ballast.held_bytes(), ballast.missing_bytes()), (3 << 20, 0));
        assert!(blocks().unwrap() >= 3 << 20);
        assert!(Ballast::find(dir.path(), 3 << 20).release());
        assert!(!Ballast::find(dir.path(), 3 << 20).release());
        ballast.held = false;
        ballast.make();
        assert_eq!(Ballast::find(dir.path(), 1 << 20).held_bytes(), 0, "another size is made anew");
        assert_eq!(blocks(), None);
    }

    #[test]
    fn zeros_are_written_where_space_cannot_be_allocated() {
        let mut file = tempfile::tempfile().unwrap();
        write_zeros(&mut file, (2 << 20) + 5).unwrap();
        assert_eq!(file.metadata().unwrap().len(), (2 << 20) + 5);
    }
}
