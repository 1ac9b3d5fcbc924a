//! Hide rules: what views of a service leave out when they are asked to.
//!
//! Kept in `miniman.db`, held here compiled, so that a view asks without waiting. A container's label `miniman.hide` is a
//! rule for everyone's views of its service, as long as the container is there.
//!
//! A rule takes no line away: it is stored, searched and given to whoever does not ask to have it left out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use miniman_hub::Entry;
use miniman_log::Timestamp;
use miniman_log::query::Query;
use miniman_store::app::{AppError, AppStore, HideRuleRow, NewHideRule, UserId};
use miniman_store::logs::{Hide, HideRule, ServiceName};

use crate::principal::Principal;

/// Bytes of a rule's query: 200 of them a view (a user's own and everyone's), each matched against every line.
pub(crate) const RULE_BYTES_MAX: usize = 1_024;

/// Handle to all rules; clones share them.
#[derive(Clone)]
pub struct HideRules {
    inner: Arc<Inner>,
}

struct Inner {
    store: AppStore,
    /// What `miniman.db` has, by rising id. Held while that is written, so that the two change together.
    rules: Mutex<Vec<(HideRuleRow, HideRule)>>,
}

impl HideRules {
    /// Blocking.
    pub(crate) fn load(store: AppStore) -> Result<Self, AppError> {
        let rules = store.hide_rules()?.into_iter().filter_map(compiled).collect();
        Ok(Self { inner: Arc::new(Inner { store, rules: Mutex::new(rules) }) })
    }

    /// The rules for the asker's views of these containers.
    pub(crate) fn of(&self, principal: &Principal, entries: &[Arc<Entry>]) -> Hide {
        let mut services: Vec<_> = entries.iter().map(|entry| service_of(entry)).collect();
        services.sort_unstable();
        services.dedup();
        let rules = self.lock();
        let kept = rules.iter().filter(|(row, _)| is_for(row, principal)).map(|(_, rule)| rule.clone());
        let labels = entries.iter().filter_map(|entry| of_label(entry)).map(|(_, rule)| rule);
        kept.chain(labels).filter(|rule| services.binary_search(&rule.service).is_ok()).collect()
    }

    /// The asker's own rules and everyone's.
    pub(crate) fn rows(&self, principal: &Principal) -> Vec<HideRuleRow> {
        let rules = self.lock();
        rules.iter().filter(|(row, _)| is_for(row, principal)).map(|(row, _)| row.clone()).collect()
    }

    /// Adds a rule whose query was parsed before. Blocking.
    ///
    /// # Errors
    /// [`AppError::TooMany`]; when `miniman.db` can't be written: nothing has changed then.
    pub(crate) fn add(&self, rule: NewHideRule<'_>, now: Timestamp) -> Result<HideRuleRow, AppError> {
        let mut rules = self.lock();
        let id = self.inner.store.add_hide_rule(rule, now)?;
        let row = HideRuleRow {
            id,
            user_id: rule.user_id,
            stack: rule.stack.map(str::to_owned),
            service: rule.service.to_owned(),
            query: rule.query.to_owned(),
            who: rule.who.to_owned(),
            created: now,
        };
        rules.extend(compiled(row.clone()));
        Ok(row)
    }

    /// Removes a rule. Blocking.
    ///
    /// # Errors
    /// When `miniman.db` can't be written: nothing has changed then.
    pub(crate) fn remove(&self, id: i64) -> Result<(), AppError> {
        let mut rules = self.lock();
        self.inner.store.remove_hide_rule(id)?;
        rules.retain(|(row, _)| row.id != id);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(HideRuleRow, HideRule)>> {
        self.inner.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The service whose rules are for this container's lines.
pub(crate) fn service_of(entry: &Entry) -> ServiceName {
    let container = &entry.container;
    ServiceName::of(container.stack.as_deref(), container.service.as_deref(), &container.name)
}

/// The rule of a container's label, with its text; `None` without one and for one that is no query.
pub(crate) fn of_label(entry: &Entry) -> Option<(&str, HideRule)> {
    let text = entry.container.hide.as_deref().filter(|text| text.len() <= RULE_BYTES_MAX)?;
    let query = Query::parse(text).ok().filter(|query| !query.is_empty())?;
    Some((text, HideRule { service: service_of(entry), query }))
}

fn is_for(row: &HideRuleRow, principal: &Principal) -> bool {
    row.user_id.is_none_or(|owner| owner == UserId(principal.user_id))
}

/// `None` for a query that this version does not understand: the lines are shown then.
fn compiled(row: HideRuleRow) -> Option<(HideRuleRow, HideRule)> {
    match Query::parse(&row.query) {
        Ok(query) => {
            let service = ServiceName { stack: row.stack.clone(), service: row.service.clone() };
            Some((row, HideRule { service, query }))
        }
        Err(error) => {
            tracing::warn!(id = row.id, %error, "a hide rule is left out");
            None
        }
    }
}
