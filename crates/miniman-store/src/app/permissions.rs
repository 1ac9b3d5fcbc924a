//! What there is to be allowed.

/// One thing that a role may allow. What it is about is decided where it is asked for, by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See that a container exists, its state and its log.
    SeeLogs,
    /// See mounts, networks, limits and the like.
    SeeDetails,
    /// See environment, labels and health output, secrets masked.
    SeeEnvironment,
    /// Start, stop, restart, pause and unpause.
    Act,
    Kill,
    Remove,
    /// Take whole views away as files.
    Export,
    /// Change MiniMan's own settings, users and roles.
    Manage,
}

/// A set of [`Permission`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u16);

impl Permission {
    pub const ALL: [Self; 8] = [
        Self::SeeLogs,
        Self::SeeDetails,
        Self::SeeEnvironment,
        Self::Act,
        Self::Kill,
        Self::Remove,
        Self::Export,
        Self::Manage,
    ];

    /// As it is stored and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeeLogs => "see_logs",
            Self::SeeDetails => "see_details",
            Self::SeeEnvironment => "see_environment",
            Self::Act => "act",
            Self::Kill => "kill",
            Self::Remove => "remove",
            Self::Export => "export",
            Self::Manage => "manage",
        }
    }

    /// What it is for, behind "the permission to".
    pub fn words(self) -> &'static str {
        match self {
            Self::SeeLogs => "see logs",
            Self::SeeDetails => "see details of containers",
            Self::SeeEnvironment => "see the environment of containers",
            Self::Act => "start, stop and restart",
            Self::Kill => "kill",
            Self::Remove => "remove containers",
            Self::Export => "download logs",
            Self::Manage => "manage MiniMan",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == word)
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Permissions {
    pub const NONE: Self = Self(0);

    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    pub fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether there is nothing in it that `other` lacks.
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// What both have.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }

    pub(super) fn stored(self) -> String {
        self.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
    }

    /// A word that this version does not know allows nothing.
    pub(super) fn of_stored(text: &str) -> Self {
        text.split(' ').filter_map(Permission::parse).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl std::fmt::Debug for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
