use miniman_store::app::SessionId;

use super::*;
use crate::principal::Credential;
use crate::testing::TestServer;

fn principal(role: Role) -> Principal {
    Principal {
        user_id: 1,
        username: "ada".into(),
        role,
        credential: Credential::Session(SessionId(1)),
        expires_at: None,
        generation: 1,
        read_only: false,
    }
}

fn denied(role: Role, permission: Permission, entry: &Arc<Entry>) -> Option<Denied> {
    authorize(&principal(role), permission, entry).err()
}

#[tokio::test]
async fn roles_get_what_they_are_for_and_no_more() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let needs_operator = Some(Denied::Role { needs: Role::Operator });
    let needs_admin = Some(Denied::Role { needs: Role::Admin });
    let restart = Permission::Act(Action::Restart);
    let remove = Permission::Act(Action::Remove);
    for (role, permission, expected) in [
        (Role::Viewer, Permission::SeeLogs, None),
        (Role::Viewer, Permission::SeeDetails, None),
        (Role::Viewer, Permission::SeeEnvironment, needs_admin),
        (Role::Viewer, restart, needs_operator),
        (Role::Viewer, remove, needs_admin),
        (Role::Viewer, Permission::Manage, needs_admin),
        (Role::Operator, Permission::SeeLogs, None),
        (Role::Operator, restart, None),
        (Role::Operator, remove, needs_admin),
        (Role::Operator, Permission::Manage, needs_admin),
        (Role::Operator, Permission::SeeEnvironment, needs_admin),
        (Role::Admin, Permission::SeeEnvironment, None),
        (Role::Admin, restart, None),
        (Role::Admin, remove, None),
        (Role::Admin, Permission::Manage, None),
    ] {
        assert_eq!(denied(role, permission, &entry), expected, "{role:?} {permission:?}");
    }
}

#[test]
fn only_an_admin_manages_what_is_about_no_container() {
    for (role, allowed) in [(Role::Viewer, false), (Role::Operator, false), (Role::Admin, true)] {
        let asked = manage(&principal(role)).map(|managing| managing.who().to_owned());
        let expected = if allowed { Ok("ada".to_owned()) } else { Err(Denied::Role { needs: Role::Admin }) };
        assert_eq!(asked, expected, "{role:?}");
    }
}

#[tokio::test]
async fn every_action_but_remove_is_an_operators() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    for action in Action::ALL {
        let allowed = denied(Role::Operator, Permission::Act(action), &entry).is_none();
        assert_eq!(allowed, action != Action::Remove, "{action}");
        assert!(denied(Role::Viewer, Permission::Act(action), &entry).is_some(), "{action}");
    }
}

#[tokio::test]
async fn nobody_acts_on_the_container_miniman_runs_in_but_its_log_is_seen() {
    let server = TestServer::fresh();
    let own = server.entry("miniman", |container| container.is_self = true);
    for action in Action::ALL {
        assert_eq!(denied(Role::Admin, Permission::Act(action), &own), Some(Denied::OwnContainer));
    }
    assert_eq!(denied(Role::Viewer, Permission::SeeLogs, &own), None);
}

#[tokio::test]
async fn read_only_refuses_every_action_of_everyone() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let admin = Principal { read_only: true, ..principal(Role::Admin) };
    for action in Action::ALL {
        assert_eq!(authorize(&admin, Permission::Act(action), &entry).err(), Some(Denied::ReadOnly));
    }
    assert!(authorize(&admin, Permission::SeeLogs, &entry).is_ok());
}

#[tokio::test]
async fn what_is_gone_is_read_but_not_acted_on() {
    let server = TestServer::fresh();
    let mut gone = (*server.entry("web", |_| {})).clone();
    gone.present = false;
    let gone = Arc::new(gone);
    assert_eq!(denied(Role::Viewer, Permission::SeeLogs, &gone), None);
    assert_eq!(denied(Role::Admin, Permission::Act(Action::Start), &gone), Some(Denied::Gone));
}

#[tokio::test]
async fn a_container_is_found_by_name_id_and_prefix_and_an_absent_one_is_not() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let roster = Roster { entries: vec![entry.clone()], ..Roster::default() };
    let viewer = principal(Role::Viewer);
    for asked in ["web", "/web", entry.container.id.as_str(), &entry.container.id.as_str()[..12]] {
        assert_eq!(find(&viewer, &roster, asked).unwrap().container.id, entry.container.id, "{asked}");
    }
    for asked in ["", "we", "db", "ffff"] {
        assert_eq!(find(&viewer, &roster, asked).err(), Some(Denied::NotFound), "{asked}");
    }
}

#[test]
fn foreign_and_absent_answer_the_same_404() {
    // A denial to see is the same value as an absence, so its answer is built from nothing else.
    let problem = Problem::from(Denied::NotFound);
    assert_eq!((problem.code(), problem.detail()), (Code::NotFound, "no such container"));
}
