//! Tails: the one reader a container has, which appends each of its lines to its log.
//!
//! A file tail ([`file`]) reads the engine's own log files. Three kinds of threads share the work: one *watcher*
//! ([`watch`]) that never waits for anything but inotify, so that a file which is rotated in is opened before it can be
//! rotated away, and that reads the few bytes of a fresh line itself; a few *readers* ([`pool`]) that read what the
//! watcher marked, and history ([`history`]) when nothing is live; and nobody else. An API tail ([`api`]) follows the engine's log stream where files cannot be read.
//!
//! Where a tail stands is its [`resume::Resume`], kept by the store in the same commit as the lines themselves.

pub(crate) mod api;
pub(crate) mod chain;
pub(crate) mod file;
pub(crate) mod history;
pub(crate) mod lines;
pub(crate) mod open;
pub(crate) mod overlap;
pub(crate) mod pool;
pub(crate) mod resume;
pub(crate) mod status;
pub(crate) mod watch;

pub(crate) use file::FileTail;
pub(crate) use pool::Pool;
pub(crate) use status::TailStatus;
pub(crate) use watch::Watcher;
