//! Files of older formats brought up to date, one version after the other. The file as it was stays beside it.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::database::Refused;

/// What makes version `from + 1` out of version `from`.
pub(super) struct Migration {
    pub(super) from: i64,
    pub(super) sql: &'static str,
}

/// Every step there ever was, in order: the first version to the present one.
pub(super) const MIGRATIONS: &[Migration] = &[
    // A log's own limits.
    Migration { from: 1, sql: "ALTER TABLE logs ADD COLUMN retention TEXT;" },
    // What begins a record of several lines, and which field is the message.
    Migration {
        from: 2,
        sql: "ALTER TABLE logs ADD COLUMN multiline TEXT; ALTER TABLE logs ADD COLUMN message TEXT;",
    },
];

/// Brings `path`, whose version is `found`, to `target`; `false` when no step starts from that version. A step that does
/// not succeed leaves the version before it, and is done again at the next opening.
pub(super) fn migrate(
    connection: &Connection,
    path: &Path,
    found: i64,
    target: i64,
    migrations: &[Migration],
) -> Result<bool, Refused> {
    let steps: Vec<_> = migrations.iter().filter(|step| (found..target).contains(&step.from)).collect();
    if !steps.iter().map(|step| step.from).eq(found..target) {
        return Ok(false);
    }
    let kept = keep_copy(connection, path, found)?;
    for step in steps {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {} PRAGMA user_version = {}; COMMIT;",
            step.sql,
            step.from + 1
        ))?;
    }
    tracing::warn!(from = found, to = target, kept = %kept.display(), "the log store has a newer format now; its file as it was is kept until you remove it");
    Ok(true)
}

/// Copies the file to `logs.db.v<version>`: whole or not at all.
fn keep_copy(connection: &Connection, path: &Path, version: i64) -> Result<PathBuf, Refused> {
    // All that is committed moves into the one file that is copied; the directory's lock keeps other writers out.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let kept = with_suffix(path, &format!(".v{version}"));
    let partial = with_suffix(&kept, ".partial");
    let copy = || {
        std::fs::copy(path, &partial)?;
        File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, &kept)?;
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    match copy() {
        Ok(()) => Ok(kept),
        Err(source) => {
            // It may not exist; the error to tell is the one before.
            drop(std::fs::remove_file(&partial));
            Err(Refused::Copy { kept, source })
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
