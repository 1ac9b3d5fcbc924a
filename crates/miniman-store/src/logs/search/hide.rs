//! What a search leaves out although its query finds it: groups whose first line a rule finds.
//!
//! A rule looks at the first line alone, with the level that this line names itself: so it is settled when a group begins,
//! and what a view was given as it came is what it is given of what is stored.

use std::sync::Arc;

use miniman_log::query::{Matcher, Query};

use super::super::LogIdentity;

/// Rules of many services; each log takes its own service's.
#[derive(Debug, Clone, Default)]
pub struct Hide(Arc<[HideRule]>);

/// Groups of one service that are left out.
#[derive(Debug, Clone)]
pub struct HideRule {
    pub service: ServiceName,
    /// Finds their first lines.
    pub query: Query,
}

/// A service, whichever of its containers is meant, also of those that are gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName {
    pub stack: Option<String>,
    /// A container's own name where it is of no service.
    pub service: String,
}

impl ServiceName {
    /// The service that a container of this name counts as.
    pub fn of(stack: Option<&str>, service: Option<&str>, name: &str) -> Self {
        Self { stack: stack.map(str::to_owned), service: service.unwrap_or(name).to_owned() }
    }
}

impl Hide {
    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What finds the first lines of groups that this log leaves out.
    pub(super) fn matchers(&self, log: &LogIdentity) -> Vec<Matcher> {
        let own = ServiceName::of(log.stack.as_deref(), log.service.as_deref(), &log.name);
        self.0.iter().filter(|rule| rule.service == own).map(|rule| rule.query.matcher()).collect()
    }
}

impl FromIterator<HideRule> for Hide {
    fn from_iter<I: IntoIterator<Item = HideRule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}
