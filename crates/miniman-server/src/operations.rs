//! Acting on containers: every action is an Operation whose row is written before Docker is asked.
//!
//! The work runs on the server's task tracker, so an asker who leaves does not leave it half done.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use miniman_engine::Action;
use miniman_hub::Entry;
use miniman_store::app::{AppError, NewTarget, Operation, OperationOutcome};
use tokio::sync::oneshot;

use crate::access::{Granted, authorize_all, permission_for};
use crate::audit::{Actor, AuditAction, AuditEvent, AuditOutcome};
use crate::principal::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Containers of one operation that are acted on at once: a stack of hundreds must not flood the engine.
pub const TARGETS_AT_ONCE_MAX: usize = 8;

/// Containers one operation may have; a row each, ~200 B, so at most ~200 KB an operation.
pub const TARGETS_MAX: usize = 1_000;

/// Containers of an operation that the audit names; the operation itself has them all.
const NAMES_ON_RECORD_MAX: usize = 10;

/// An operation that has been recorded and is being carried out.
#[derive(Debug)]
pub struct Running {
    operation: Operation,
    done: oneshot::Receiver<Result<Operation, Problem>>,
}

impl Running {
    /// As recorded: all targets pending.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Waits for the end; dropping it instead cancels nothing.
    ///
    /// # Errors
    /// When the outcome could not be recorded, or the server stops first.
    pub async fn finished(self) -> Result<Operation, Problem> {
        self.done.await.unwrap_or_else(|_| {
            Err(Problem::new(Code::Unavailable, "MiniMan is stopping; the operation's outcome is not known"))
        })
    }
}

/// Authorizes, records and starts one action on one or many containers: all or none.
///
/// # Errors
/// Denied when any of the containers is (a stack is not done half), too many, or the row can't be written: then
/// Docker is not asked.
pub async fn begin(
    state: &AppState,
    principal: &Principal,
    action: Action,
    entries: &[Arc<Entry>],
) -> Result<Running, Problem> {
    let granted = authorize_all(principal, permission_for(action), entries)?;
    begin_granted(state, principal, action, &granted).await
}

/// Does one action on one container and waits for its end.
///
/// # Errors
/// As [`begin`]. That Docker refused is no error here: the operation's target says so.
pub async fn perform(
    state: &AppState,
    principal: &Principal,
    entry: &Arc<Entry>,
    action: Action,
) -> Result<Operation, Problem> {
    begin(state, principal, action, std::slice::from_ref(entry)).await?.finished().await
}

async fn begin_granted(
    state: &AppState,
    principal: &Principal,
    action: Action,
    granted: &[Granted<'_>],
) -> Result<Running, Problem> {
    if granted.len() > TARGETS_MAX {
        return Err(Problem::bad_request(format!("more than {TARGETS_MAX} containers at once")));
    }
    let entries: Vec<Arc<Entry>> = granted.iter().map(|granted| granted.entry().clone()).collect();
    let operation = record(state, principal, action, &entries).await?;
    let (done, finished) = oneshot::channel();
    let id = operation.id;
    let carried_out = carry_out(state.clone(), id, action, principal.clone(), entries);
    state.tasks.spawn(async move {
        // Nobody waits for it any more: the row has the outcome.
        drop(done.send(carried_out.await));
    });
    Ok(Running { operation, done: finished })
}

async fn record(
    state: &AppState,
    principal: &Principal,
    action: Action,
    entries: &[Arc<Entry>],
) -> Result<Operation, Problem> {
    let targets: Vec<_> = entries
        .iter()
        .map(|entry| NewTarget {
            engine: entry.engine.as_str().to_owned(),
            container_id: entry.container.id.as_str().to_owned(),
            name: entry.container.name.clone(),
        })
        .collect();
    let (store, who, now) = (state.store.clone(), principal.who(), state.clock.now());
    let operation = blocking(move || store.begin_operation(&who, action.as_str(), &targets, now)).await?;
    let asked = event(principal.into(), action, &operation).outcome(AuditOutcome::Asked);
    state.audit.record(asked).await?;
    Ok(operation)
}

async fn carry_out(
    state: AppState,
    id: i64,
    action: Action,
    principal: Principal,
    entries: Vec<Arc<Entry>>,
) -> Result<Operation, Problem> {
    stream::iter(entries.into_iter().enumerate())
        .for_each_concurrent(TARGETS_AT_ONCE_MAX, |(position, entry)| {
            let (state, who) = (&state, principal.who());
            async move {
                // The hub tells every socket that follows the container, also of a failure.
                let error = state.hub.act(&entry, action, &who).await.err().map(|error| error.text);
                let (store, now) = (state.store.clone(), state.clock.now());
                let noted = blocking(move || store.finish_target(id, position, error.as_deref(), now)).await;
                if noted.is_err() {
                    tracing::error!(operation = id, position, "the outcome of a target is not recorded");
                }
            }
        })
        .await;
    let (store, now) = (state.store.clone(), state.clock.now());
    let operation = blocking(move || store.finish_operation(id, now)).await?;
    let outcome = match operation.outcome {
        OperationOutcome::Succeeded => AuditOutcome::Succeeded,
        OperationOutcome::Pending | OperationOutcome::Failed | OperationOutcome::Unknown => {
            AuditOutcome::Failed
        }
    };
    state.audit.record(event((&principal).into(), action, &operation).outcome(outcome)).await?;
    Ok(operation)
}

/// The operation as it is put on record, twice: before an engine is asked, and with what became of it.
fn event(by: Actor, action: Action, operation: &Operation) -> AuditEvent {
    let mut names = operation.targets.iter().map(|target| target.name.as_str());
    let mut on = names.by_ref().take(NAMES_ON_RECORD_MAX).collect::<Vec<_>>().join(", ");
    let more = names.count();
    if more > 0 {
        on += &format!(" and {more} more");
    }
    AuditEvent::new(by, AuditAction::Container(action)).on(on).detail(format!("operation {}", operation.id))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| Problem::internal(&error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}
