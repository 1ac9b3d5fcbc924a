//! `logs.db`: every container's log as a numbered sequence on disk, appended once and read by position.
//!
//! Owns the file, its one writer thread and all readers. A record has a sequence number (`i64`) in its [`Log`]: live
//! records count up from 0, history counts down from -1, and a [`Gap`] is numbers that hold no record. Numbers never
//! change and never move, so a position stays valid for good.
//!
//! The invariant that all else rests on: **a commit is one transaction** that holds records and the resume state they
//! came with, so whatever a crash leaves is a prefix of what was appended and a position to go on from.
//!
//! Not here: which container is followed and which was removed (the hub tells), and how many logs become one view.
//! `docs/adr/0001-log-store-format.md` fixes the format.

mod cache;
mod check;
mod chunk;
mod codec;
mod damage;
mod database;
mod disk;
mod error;
mod figures;
mod gap;
mod health;
mod histogram;
mod identity;
mod load;
mod log;
mod mark;
mod migrate;
mod options;
mod read;
mod readers;
mod registry;
mod retention;
mod search;
mod shared;
mod state;
mod stats;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use check::{CheckError, CheckProgress, CheckReport, Finding};
pub use chunk::{Chunk, ReadMax};
pub use error::{OpenError, StoreError};
pub use figures::{LogFigures, StoreFigures};
pub use gap::{Gap, GapReason, UNKNOWN_GAP_NUMBERS};
pub use health::{Failing, Health, LowDisk};
pub use histogram::Histogram;
pub use identity::{LogId, LogIdentity};
pub use log::{Bounds, Log};
pub use mark::Mark;
pub use options::LogStoreOptions;
pub use retention::{
    Forecast, LogRetention, LogRetentionError, RETENTION_BYTES_DEFAULT, RetentionPolicy, Taken,
};
pub use search::{Due, Followed, Found, Hide, HideRule, Pick, Search, Searched, ServiceName, facts};
pub use stats::{StoreStats, Stored};
pub use store::LogStore;

use shared::lock;
