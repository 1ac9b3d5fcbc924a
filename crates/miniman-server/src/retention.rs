//! Which limits hold for all logs together: those set here, else the configuration's, else the default.
//!
//! A limit that is set here stands in place of the whole configured one, and stays over a restart: what it leaves out is
//! the default's, as with `--retention`. It wins over the configuration because a limit decides what is erased: an admin
//! who made room for more must not lose lines to a restart with the old command line.
//!
//! Invariant: what `miniman.db` has and what the log store keeps change together, under one lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use miniman_log::Timestamp;
use miniman_store::app::{AppError, AppStore};
use miniman_store::logs::{LogRetention, LogStore, RetentionPolicy};
use serde::{Deserialize, Serialize};

use crate::access::Managing;

/// In the table of settings.
const KEY: &str = "retention";

/// Handle to the limits; clones share them.
#[derive(Clone)]
pub struct Retention {
    inner: Arc<Inner>,
}

struct Inner {
    configured: Option<LogRetention>,
    app: AppStore,
    logs: LogStore,
    changed: Mutex<Option<Change>>,
}

/// What somebody set, last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `None`: the configuration's again.
    pub limit: Option<LogRetention>,
    pub who: String,
    pub at: Timestamp,
}

/// Where a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Default,
    /// Option, variable or file.
    Configuration,
    /// Set here.
    Setting,
}

/// The limits that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub policy: RetentionPolicy,
    pub age_source: Source,
    pub size_source: Source,
    /// What holds when nothing is set here.
    pub configured: Option<LogRetention>,
    pub changed: Option<Change>,
}

/// A [`Change`] as text in `miniman.db`.
#[derive(Serialize, Deserialize)]
struct Kept {
    limit: Option<String>,
    who: String,
    at: String,
}

/// What the log store is to be opened with: with less, lines would go at the start that are to stay.
///
/// # Errors
/// When `miniman.db` can't be read, or holds a limit that this version doesn't understand.
pub fn in_force(app: &AppStore, configured: Option<LogRetention>) -> Result<RetentionPolicy, AppError> {
    let set = read(app)?.and_then(|change| change.limit);
    Ok(set.or(configured).map(RetentionPolicy::from).unwrap_or_default())
}

impl Retention {
    /// Puts in force what `miniman.db` and the configuration say. Blocking.
    pub(crate) fn load(
        app: AppStore,
        logs: LogStore,
        configured: Option<LogRetention>,
    ) -> Result<Self, AppError> {
        let changed = read(&app)?;
        let inner = Inner { configured, app, logs, changed: Mutex::new(changed) };
        let limits = inner.limits(inner.lock().clone());
        let set = limits.changed.as_ref().and_then(|change| change.limit);
        if let (Some(set), Some(configured)) = (set, configured)
            && set != configured
        {
            // Whoever changed the configuration since would wonder why nothing happens.
            tracing::warn!(%set, %configured, "the retention set on the page holds, not the configured one");
        }
        inner.logs.set_retention(limits.policy);
        Ok(Self { inner: Arc::new(inner) })
    }

    pub fn limits(&self) -> Limits {
        let changed = self.inner.lock().clone();
        self.inner.limits(changed)
    }

    /// The limits as they would be with `limit` set here.
    pub fn with(&self, limit: Option<LogRetention>, by: &Managing, at: Timestamp) -> Limits {
        self.inner.limits(Some(Change { limit, who: by.who().to_owned(), at }))
    }

    /// Sets the limits, at once and for good; `None` goes back to the configuration's. Blocking.
    ///
    /// # Errors
    /// When `miniman.db` can't be written: nothing has changed then.
    pub fn set(&self, limit: Option<LogRetention>, by: &Managing, at: Timestamp) -> Result<Limits, AppError> {
        let inner = &self.inner;
        let change = Change { limit, who: by.who().to_owned(), at };
        let mut changed = inner.lock();
        inner.app.set_setting(KEY, &change.to_text())?;
        let limits = inner.limits(Some(change.clone()));
        tracing::info!(who = change.who, limit = %limits.policy.limits(), "retention is set");
        *changed = Some(change);
        inner.logs.set_retention(limits.policy);
        Ok(limits)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Option<Change>> {
        // Replaced as a whole, so a panic leaves either value.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limits(&self, changed: Option<Change>) -> Limits {
        let set = changed.as_ref().and_then(|change| change.limit);
        let (given, source) = match (set, self.configured) {
            (Some(set), _) => (set, Source::Setting),
            (None, Some(configured)) => (configured, Source::Configuration),
            (None, None) => (LogRetention::default(), Source::Default),
        };
        Limits {
            policy: given.into(),
            age_source: if given.age.is_some() { source } else { Source::Default },
            size_source: if given.bytes.is_some() { source } else { Source::Default },
            configured: self.configured,
            changed,
        }
    }
}

impl Change {
    fn to_text(&self) -> String {
        let kept = Kept {
            limit: self.limit.map(|limit| limit.to_string()),
            who: self.who.clone(),
            at: self.at.to_string(),
        };
        serde_json::to_string(&kept).expect("it has text only")
    }

    fn of_text(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let limit = match kept.limit {
            Some(limit) => Some(limit.parse().ok()?),
            None => None,
        };
        Some(Self { limit, who: kept.who, at: Timestamp::parse(kept.at.as_bytes())? })
    }
}

/// Text that can't be read is an error and not "nothing set": falling back to the default could erase what is to stay.
fn read(app: &AppStore) -> Result<Option<Change>, AppError> {
    let Some(text) = app.setting(KEY)? else { return Ok(None) };
    let change = Change::of_text(&text).ok_or(AppError::Unreadable { what: "limit of retention" })?;
    Ok(Some(change))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp(1_795_269_727_000_000_000);

    fn limit(text: &str) -> Option<LogRetention> {
        Some(text.parse().unwrap())
    }

    fn shown(limits: &Limits) -> (String, Source, Source) {
        (limits.policy.limits().to_string(), limits.age_source, limits.size_source)
    }

    fn set(retention: &Retention, to: Option<LogRetention>) {
        retention.set(to, &Managing::of("ada"), AT).unwrap();
    }

    fn stores() -> (tempfile::TempDir, AppStore, LogStore) {
        let dir = tempfile::tempdir().unwrap();
        let app = AppStore::open(dir.path()).unwrap();
        let logs = LogStore::open(dir.path(), miniman_store::logs::LogStoreOptions::default()).unwrap();
        (dir, app, logs)
    }

    #[test]
    fn what_is_set_here_wins_over_the_configuration_and_that_over_the_default() {
        use Source::{Configuration, Default, Setting};
        let (_dir, app, logs) = stores();
        for (configured, set_here, expected) in [
            (None, None, ("2GiB", Default, Default)),
            (limit("30d"), None, ("30d,2GiB", Configuration, Default)),
            (limit("30d,5GB"), None, ("30d,5GB", Configuration, Configuration)),
            (limit("30d,5GB"), limit("9GB"), ("9GB", Default, Setting)),
            (limit("5GB"), limit("9d"), ("9d,2GiB", Setting, Default)),
            (limit("5GB"), None, ("5GB", Default, Configuration)),
        ] {
            let retention = Retention::load(app.clone(), logs.clone(), configured).unwrap();
            set(&retention, set_here);
            let (text, age, size) = expected;
            assert_eq!(shown(&retention.limits()), (text.to_owned(), age, size));
            assert_eq!(logs.retention(), retention.limits().policy);
        }
    }

    #[test]
    fn a_limit_stays_over_a_restart_and_so_does_who_set_it() {
        let (_dir, app, logs) = stores();
        let retention = Retention::load(app.clone(), logs.clone(), None).unwrap();
        assert_eq!((in_force(&app, None).unwrap(), retention.limits().changed), (<_>::default(), None));
        set(&retention, limit("7d,3GB"));
        let before = retention.limits();
        let policy = RetentionPolicy::from("1w,3GB".parse::<LogRetention>().unwrap());
        assert_eq!(in_force(&app, limit("1d")).unwrap(), policy);
        logs.set_retention(RetentionPolicy::default());
        let again = Retention::load(app.clone(), logs.clone(), None).unwrap();
        assert_eq!((again.limits(), logs.retention()), (before, policy));
        set(&again, None);
        assert_eq!(in_force(&app, limit("1d")).unwrap().limits(), "1d,2GiB".parse().unwrap());
        assert_eq!(again.limits().changed.unwrap().who, "ada");
    }

    #[test]
    fn a_limit_that_is_not_understood_is_no_default() {
        let (_dir, app, logs) = stores();
        for text in ["", "30d", r#"{"limit":"3 moons","who":"ada","at":"2026-11-21T14:02:07Z"}"#] {
            app.set_setting(KEY, text).unwrap();
            assert!(matches!(in_force(&app, None), Err(AppError::Unreadable { .. })), "{text}");
            assert!(Retention::load(app.clone(), logs.clone(), None).is_err());
        }
    }
}
