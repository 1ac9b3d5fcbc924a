//! Which containers a view is about: names as asked for, resolved among what the asker may see.

use std::sync::Arc;

use miniman_hub::{Entry, Roster};

use super::parameters::{BadParameter, Parameters};
use crate::access::{find, visible, visible_engines};
use crate::principal::Principal;
use crate::problem::Problem;
use crate::stack_ids::StackIds;

/// Names as they were asked for. OR within a kind, AND between kinds; none at all is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selectors {
    pub containers: Vec<String>,
    pub stacks: Vec<String>,
    pub services: Vec<String>,
    pub engines: Vec<String>,
}

/// Selectors that each name something the asker may see. Also says whether a container that appears later belongs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    containers: Vec<ContainerWanted>,
    stacks: Vec<StackWanted>,
    services: Vec<String>,
    engines: Vec<String>,
}

#[derive(Debug, Clone)]
struct ContainerWanted {
    id: String,
    /// When it was asked for by name, the container that takes the name over belongs too.
    successor: Option<(String, String)>,
}

#[derive(Debug, Clone)]
struct StackWanted {
    name: String,
    /// Asked for by id, which stands for one engine's stack.
    engine: Option<String>,
}

impl Selectors {
    pub(crate) fn of(given: &Parameters) -> Result<Self, BadParameter> {
        Ok(Self {
            containers: given.many("container")?,
            stacks: given.many("stack")?,
            services: given.many("service")?,
            engines: given.many("engine")?,
        })
    }

    /// # Errors
    /// 404 when one of the names fits nothing that the asker may see, 409 when a container's fits several.
    pub(crate) fn resolve(
        &self,
        principal: &Principal,
        roster: &Roster,
        stack_ids: &StackIds,
    ) -> Result<Selected, Problem> {
        let visible = || visible(principal, roster);
        let mut selected = Selected::default();
        for asked in &self.containers {
            let entry = find(principal, roster, asked)?;
            let container = &entry.container;
            let by_name = container.name == asked.strip_prefix('/').unwrap_or(asked);
            let successor = by_name.then(|| (entry.engine.as_str().to_owned(), container.name.clone()));
            selected.containers.push(ContainerWanted { id: container.id.as_str().to_owned(), successor });
        }
        for asked in &self.stacks {
            let mut wanted = StackWanted { name: asked.clone(), engine: None };
            if !visible().any(|entry| wanted.includes(entry)) {
                let id = asked.parse().ok().and_then(|id| stack_ids.stack(id));
                let stack = id.ok_or_else(|| Problem::not_found("stack"))?;
                wanted = StackWanted { name: stack.name, engine: Some(stack.engine) };
            }
            if !visible().any(|entry| wanted.includes(entry)) {
                return Err(Problem::not_found("stack"));
            }
            selected.stacks.push(wanted);
        }
        for asked in &self.services {
            if !visible().any(|entry| entry.container.service.as_ref() == Some(asked)) {
                return Err(Problem::not_found("service"));
            }
        }
        for asked in &self.engines {
            let configured = visible_engines(principal, roster).any(|engine| engine.name.as_str() == asked);
            if !configured && !visible().any(|entry| entry.engine.as_str() == asked) {
                return Err(Problem::not_found("engine"));
            }
        }
        selected.services.clone_from(&self.services);
        selected.engines.clone_from(&self.engines);
        Ok(selected)
    }
}

impl Selected {
    /// The entries that belong and that the asker may see.
    pub(crate) fn entries(&self, principal: &Principal, roster: &Roster) -> Vec<Arc<Entry>> {
        visible(principal, roster).filter(|entry| self.includes(entry)).cloned().collect()
    }

    fn includes(&self, entry: &Entry) -> bool {
        let is_one =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
        (self.containers.is_empty() || self.containers.iter().any(|wanted| wanted.includes(entry)))
            && (self.stacks.is_empty() || self.stacks.iter().any(|wanted| wanted.includes(entry)))
            && is_one(&self.services, entry.container.service.as_deref().unwrap_or_default())
            && is_one(&self.engines, entry.engine.as_str())
    }
}

impl ContainerWanted {
    fn includes(&self, entry: &Entry) -> bool {
        let takes_over = |(engine, name): &(String, String)| {
            entry.present && entry.engine.as_str() == engine && entry.container.name == *name
        };
        entry.container.id.as_str() == self.id || self.successor.as_ref().is_some_and(takes_over)
    }
}

impl StackWanted {
    fn includes(&self, entry: &Entry) -> bool {
        entry.container.stack.as_ref() == Some(&self.name)
            && self.engine.as_deref().is_none_or(|engine| engine == entry.engine.as_str())
    }
}
