//! Everything that is put on record.

use miniman_engine::Action;

/// What was done, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// The first admin was made.
    Setup,
    SetupLink,
    Login,
    Logout,
    /// The password was asked again.
    Confirm,
    /// One's own.
    PasswordChange,
    SessionEnd,
    UserAdd,
    UserChange,
    /// Somebody else's.
    UserPassword,
    UserRemove,
    TokenCreate,
    TokenRevoke,
    RoleAdd,
    RoleChange,
    RoleRemove,
    SettingChange,
    /// A request that the asker has no right to.
    Request,
    Container(Action),
}

impl AuditAction {
    /// Stable; what stands before the dot is what it is about.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::SetupLink => "setup.link",
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Confirm => "confirm",
            Self::PasswordChange => "password.change",
            Self::SessionEnd => "session.end",
            Self::UserAdd => "user.add",
            Self::UserChange => "user.change",
            Self::UserPassword => "user.password",
            Self::UserRemove => "user.remove",
            Self::TokenCreate => "token.create",
            Self::TokenRevoke => "token.revoke",
            Self::RoleAdd => "role.add",
            Self::RoleChange => "role.change",
            Self::RoleRemove => "role.remove",
            Self::SettingChange => "setting.change",
            Self::Request => "request",
            Self::Container(Action::Start) => "container.start",
            Self::Container(Action::Stop) => "container.stop",
            Self::Container(Action::Restart) => "container.restart",
            Self::Container(Action::Kill) => "container.kill",
            Self::Container(Action::Pause) => "container.pause",
            Self::Container(Action::Unpause) => "container.unpause",
            Self::Container(Action::Remove) => "container.remove",
        }
    }
}
