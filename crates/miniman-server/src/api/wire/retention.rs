//! What is kept of all logs, why, and what is held now.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /settings/retention`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Retention {
    pub limits: RetentionLimits,
    pub disk: Disk,
    pub held: Held,
    /// What went for being too old or too much, since MiniMan was started.
    pub taken: Taken,
    /// What of it went before its time because the disk is full.
    pub taken_early: Taken,
    /// Those that take most first; 1,000 at most.
    pub logs: Vec<HeldLog>,
    /// How many logs are left out of `logs`.
    pub logs_omitted: u64,
}

/// The limits that hold for all logs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionLimits {
    /// Both in the words of `--retention`: `30d,2GB`.
    pub limit: String,
    pub age: AgeLimit,
    pub size: SizeLimit,
    /// What `--retention`, its variable or the configuration file says, which holds when nothing is set here; `null`
    /// when they say nothing.
    #[schema(required)]
    pub configured: Option<String>,
    /// What was set here last; `null` when nothing ever was.
    #[schema(required)]
    pub setting: Option<RetentionSetting>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgeLimit {
    /// In words: `30d`; `null` for any age.
    #[schema(required)]
    pub limit: Option<String>,
    #[schema(required)]
    pub seconds: Option<u64>,
    #[schema(inline)]
    pub source: LimitSource,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SizeLimit {
    /// In words: `2GB`.
    pub limit: String,
    /// Compressed, as in `held.limited_bytes`.
    pub bytes: u64,
    #[schema(inline)]
    pub source: LimitSource,
}

/// MiniMan's own default, the configuration (option, variable or file), or set here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LimitSource {
    Default,
    Configuration,
    Setting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionSetting {
    /// `null`: back to the configuration's.
    #[schema(required)]
    pub limit: Option<String>,
    pub who: String,
    #[schema(format = DateTime)]
    pub at: String,
}

/// The data directory's disk, and what is wrong with what is on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Disk {
    /// What is to stay free; set by `--disk-reserve` only.
    pub reserve_bytes: u64,
    /// `null` when the disk does not say.
    #[schema(required)]
    pub free_bytes: Option<u64>,
    /// `null` while enough is free.
    #[schema(required)]
    pub low: Option<LowDisk>,
    /// Stored blocks of lines that cannot be read, and their lines.
    pub damaged_blocks: u64,
    pub damaged_records: u64,
    /// Sentences about what is wrong; empty when all is well.
    pub notices: Vec<String>,
}

/// Less than the reserve is free: for each new block of lines an old one goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LowDisk {
    #[schema(format = DateTime)]
    pub since: String,
    /// Free pages of the store's own file included.
    pub free_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Held {
    pub logs: u64,
    pub records: u64,
    /// Of all bodies.
    pub bytes: u64,
    /// What is stored of them, compressed; the newest lines are not in it yet.
    pub stored_bytes: u64,
    /// What the limit on size looks at: `stored_bytes` and the journal of the newest lines.
    pub limited_bytes: u64,
    /// The store's files.
    pub file_bytes: u64,
    #[schema(required, format = DateTime)]
    pub oldest: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Taken {
    pub records: u64,
    pub bytes: u64,
    pub stored_bytes: u64,
}

/// What is held of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldLog {
    pub container_id: String,
    pub name: String,
    pub engine: String,
    #[schema(required)]
    pub stack: Option<String>,
    #[schema(required)]
    pub service: Option<String>,
    /// `false` when the engine no longer has the container.
    pub present: bool,
    /// By its label `miniman.retention`; `null` without.
    #[schema(required)]
    pub own: Option<OwnLimits>,
    pub records: u64,
    pub bytes: u64,
    pub stored_bytes: u64,
    #[schema(required, format = DateTime)]
    pub first_timestamp: Option<String>,
    #[schema(required, format = DateTime)]
    pub last_timestamp: Option<String>,
}

/// The age counts instead of that of all logs, the size beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnLimits {
    /// In the words of `--retention`.
    pub limit: String,
    #[schema(required)]
    pub seconds: Option<u64>,
    #[schema(required)]
    pub bytes: Option<u64>,
}

/// What `PUT /settings/retention` takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionBody {
    /// An age, a size or both, as `--retention` has them: `30d`, `2GB`, `30d,2GB`. What is left out is as by default.
    /// `null` goes back to the configuration's.
    // With the function of its own it may be null, but not absent: `{}` changes nothing by mistake.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub limit: Option<String>,
}

/// What a change does, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionChange {
    /// `false` with `dry_run`.
    pub applied: bool,
    /// As they are then.
    pub limits: RetentionLimits,
    /// What goes of what is stored now, in the seconds after the change.
    pub takes: WouldTake,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct WouldTake {
    /// How many logs it is taken of.
    pub logs: u64,
    pub records: u64,
    pub bytes: u64,
    pub stored_bytes: u64,
}
