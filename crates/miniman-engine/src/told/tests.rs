use std::collections::BTreeMap;

use super::*;
use crate::ContainerId;

/// A container that was created at 1 and never ran.
fn container() -> Container {
    Container {
        id: ContainerId::parse(&"ab".repeat(32)).unwrap(),
        name: "web".into(),
        image: "busybox".into(),
        image_id: String::new(),
        state: ContainerState::Created,
        health: Health::None,
        exit_code: None,
        oom_killed: false,
        restart_count: 0,
        created: Timestamp(1),
        started_at: None,
        finished_at: None,
        tty: false,
        log_driver: "json-file".into(),
        log_options: BTreeMap::new(),
        stack: None,
        service: None,
        number: None,
        retention: None,
        redact: None,
        multiline: None,
        own_labels: Default::default(),
        hide: None,
        message: None,
        ports: Vec::new(),
        is_self: false,
    }
}

fn running(started: i64) -> Container {
    Container { state: ContainerState::Running, started_at: Some(Timestamp(started)), ..container() }
}

fn exited(started: i64, finished: i64, code: i64) -> Container {
    Container {
        state: ContainerState::Exited,
        finished_at: Some(Timestamp(finished)),
        exit_code: Some(code),
        ..running(started)
    }
}

fn restarted(started: i64, finished: i64, count: u64) -> Container {
    Container { finished_at: Some(Timestamp(finished)), restart_count: count, ..running(started) }
}

fn event(told: &mut Told, at: i64, action: DockerAction) -> Option<MarkKind> {
    told.event(&DockerEvent { at: Timestamp(at), id: container().id, action, attributes: Default::default() })
}

fn see(told: &mut Told, container: Container) {
    told.container = Arc::new(container);
}

fn die(code: i64) -> DockerAction {
    DockerAction::Die { exit_code: Some(code) }
}

fn exit(code: i64) -> MarkKind {
    MarkKind::Exited { exit_code: Some(code), oom_killed: false }
}

const NOW: Timestamp = Timestamp(1_000);

#[test]
fn what_was_so_before_we_looked_is_no_news() {
    for container in [container(), running(10), exited(10, 20, 1), restarted(30, 20, 3)] {
        assert_eq!(Told::all_of(&Arc::new(container)).untold(NOW), []);
    }
}

#[test]
fn what_events_told_is_not_told_again() {
    let mut told = Told::all_of(&Arc::new(container()));
    see(&mut told, running(10));
    assert_eq!(event(&mut told, 11, DockerAction::Start), Some(MarkKind::Started));
    assert_eq!(told.untold(NOW), []);
    see(&mut told, exited(10, 20, 3));
    assert_eq!(event(&mut told, 21, die(3)), Some(exit(3)));
    assert_eq!(told.untold(NOW), []);
}

#[test]
fn what_no_event_told_is_told_by_inspect_and_not_by_a_late_event() {
    let mut told = Told::all_of(&Arc::new(running(10)));
    see(&mut told, Container { exit_code: None, ..restarted(30, 20, 0) });
    let unseen = MarkKind::Exited { exit_code: None, oom_killed: false };
    assert_eq!(told.untold(NOW), [(Timestamp(20), unseen), (Timestamp(30), MarkKind::Started)]);
    assert_eq!(event(&mut told, 21, die(3)), None);
    assert_eq!(event(&mut told, 31, DockerAction::Start), None);
    // The next ones are news again.
    see(&mut told, exited(30, 40, 7));
    assert_eq!(event(&mut told, 41, die(7)), Some(exit(7)));
}

#[test]
fn an_event_that_never_comes_does_not_swallow_the_next() {
    let mut told = Told::all_of(&Arc::new(container()));
    see(&mut told, running(10));
    assert_eq!(told.untold(NOW), [(Timestamp(10), MarkKind::Started)]);
    see(&mut told, exited(10, 20, 0));
    assert_eq!(told.untold(NOW), [(Timestamp(20), exit(0))]);
    see(&mut told, restarted(30, 20, 0));
    assert_eq!(event(&mut told, 31, DockerAction::Start), Some(MarkKind::Started));
    see(&mut told, exited(30, 40, 5));
    assert_eq!(event(&mut told, 41, die(5)), Some(exit(5)));
}

#[test]
fn restarts_by_policy_are_counted_also_when_several_come_at_once() {
    let mut told = Told::all_of(&Arc::new(running(10)));
    // Two crashes came in one batch, after which inspect shows the third run.
    see(&mut told, restarted(30, 25, 2));
    assert_eq!(event(&mut told, 16, die(1)), Some(exit(1)));
    assert_eq!(event(&mut told, 21, DockerAction::Start), Some(MarkKind::RestartedByPolicy { count: 1 }));
    assert_eq!(event(&mut told, 26, die(1)), Some(exit(1)));
    assert_eq!(event(&mut told, 31, DockerAction::Start), Some(MarkKind::RestartedByPolicy { count: 2 }));
    assert_eq!(told.untold(NOW), []);
    // A start by hand counts anew.
    see(&mut told, restarted(50, 40, 0));
    assert_eq!(event(&mut told, 51, DockerAction::Start), Some(MarkKind::Started));
}

#[test]
fn a_container_that_waits_to_be_restarted_has_not_been_yet() {
    let waiting = Container { state: ContainerState::Restarting, ..restarted(10, 20, 1) };
    let mut told = Told::all_of(&Arc::new(waiting));
    see(&mut told, restarted(30, 20, 1));
    assert_eq!(event(&mut told, 31, DockerAction::Start), Some(MarkKind::RestartedByPolicy { count: 1 }));
}

#[test]
fn a_want_of_memory_shows_in_the_exit() {
    let mut told = Told::all_of(&Arc::new(running(10)));
    see(&mut told, restarted(30, 20, 1));
    assert_eq!(event(&mut told, 19, DockerAction::Oom), Some(MarkKind::Oom));
    assert_eq!(
        event(&mut told, 21, die(137)),
        Some(MarkKind::Exited { exit_code: Some(137), oom_killed: true })
    );
    assert_eq!(event(&mut told, 31, DockerAction::Start), Some(MarkKind::RestartedByPolicy { count: 1 }));
    see(&mut told, Container { restart_count: 1, ..exited(30, 40, 0) });
    assert_eq!(event(&mut told, 41, die(0)), Some(exit(0)));
}

#[test]
fn composes_temporary_name_is_seen_as_a_rename() {
    let mut told = Told::nothing_of(&Arc::new(container()));
    let create = DockerAction::Create { name: "0123456789ab_web".into() };
    assert_eq!(event(&mut told, 2, create.clone()), Some(MarkKind::Created));
    assert_eq!(event(&mut told, 2, create), None);
    let rename = || DockerAction::Rename { from: "0123456789ab_web".into(), to: "web".into() };
    let renamed = MarkKind::Renamed { from: "0123456789ab_web".into(), to: "web".into() };
    assert_eq!(event(&mut told, 3, rename()), Some(renamed));
    assert_eq!(event(&mut told, 3, rename()), None);
    assert_eq!(told.untold(NOW), []);
}

#[test]
fn conditions_are_told_when_they_change() {
    let mut told = Told::all_of(&Arc::new(Container { health: Health::Starting, ..running(10) }));
    assert_eq!(
        event(&mut told, 11, DockerAction::Health(Health::Healthy)),
        Some(MarkKind::Health(Health::Healthy))
    );
    see(
        &mut told,
        Container {
            health: Health::Unhealthy,
            state: ContainerState::Paused,
            name: "db".into(),
            ..running(10)
        },
    );
    let kinds: Vec<_> = told.untold(NOW).into_iter().map(|mark| mark.1).collect();
    let renamed = MarkKind::Renamed { from: "web".into(), to: "db".into() };
    assert_eq!(kinds, [renamed, MarkKind::Paused, MarkKind::Health(Health::Unhealthy)]);
    assert_eq!(event(&mut told, 12, DockerAction::Pause), None);
    assert_eq!(event(&mut told, 12, DockerAction::Unpause), Some(MarkKind::Unpaused));
}

#[test]
fn a_container_that_came_and_went_unseen_is_told_in_order() {
    let mut told = Told::nothing_of(&Arc::new(exited(10, 20, 4)));
    let expected =
        [(Timestamp(1), MarkKind::Created), (Timestamp(10), MarkKind::Started), (Timestamp(20), exit(4))];
    assert_eq!(told.untold(NOW), expected);
}
