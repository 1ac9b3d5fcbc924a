use miniman_store::app::{Role, SessionId};

use super::*;
use crate::access::scope::{Scope, Sight};
use crate::principal::{Credential, Permissions};
use crate::testing::TestServer;

fn principal(role: Role) -> Principal {
    Principal {
        user_id: 1,
        username: "ada".into(),
        permissions: role.built_in_permissions().unwrap(),
        role,
        sight: Sight::everything(),
        credential: Credential::Session(SessionId(1)),
        expires_at: None,
        confirmed_at: miniman_log::Timestamp(0),
        peer: None,
        generation: 1,
        read_only: false,
    }
}

fn denied(role: Role, permission: Permission, entry: &Arc<Entry>) -> Option<Denied> {
    authorize(&principal(role), permission, entry).err()
}

/// A viewer, operator or the like whose sight is limited.
fn scoped(role: Role, patterns: &[&str]) -> Principal {
    Principal { sight: Sight::within([Scope::parse(patterns).unwrap()]), ..principal(role) }
}

fn needs(permission: Permission) -> Option<Denied> {
    Some(Denied::Permission { needs: permission })
}

#[tokio::test]
async fn roles_get_what_they_are_for_and_no_more() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let table = [
        (Permission::SeeLogs, [true, true, true]),
        (Permission::SeeDetails, [true, true, true]),
        (Permission::SeeEnvironment, [false, false, true]),
        (Permission::Act, [false, true, true]),
        (Permission::Kill, [false, true, true]),
        (Permission::Remove, [false, false, true]),
        (Permission::Export, [true, true, true]),
        (Permission::Manage, [false, false, true]),
    ];
    assert_eq!(table.len(), Permission::ALL.len());
    for (permission, allowed) in table {
        for (role, allowed) in Role::BUILT_IN.into_iter().zip(allowed) {
            let expected = if allowed { None } else { needs(permission) };
            assert_eq!(denied(role.clone(), permission, &entry), expected, "{role:?} {permission:?}");
        }
    }
}

#[tokio::test]
async fn an_own_role_allows_what_is_in_it_alone() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    for permission in Permission::ALL {
        let permissions: Permissions = [Permission::SeeLogs, permission].into_iter().collect();
        let asker = Principal { permissions, ..principal(Role::Viewer) };
        for asked in Permission::ALL {
            let allowed = authorize(&asker, asked, &entry).is_ok();
            assert_eq!(allowed, permissions.contains(asked), "{permission:?} {asked:?}");
        }
        // What can't be seen is not there, whatever else is allowed.
        let blind = Principal { permissions: permissions.without(Permission::SeeLogs), ..asker };
        assert_eq!(authorize(&blind, permission, &entry).err(), Some(Denied::NotFound));
    }
}

#[tokio::test]
async fn what_is_out_of_scope_is_not_there_for_any_permission() {
    let server = TestServer::fresh();
    let (web, other) = (server.entry("web", |_| {}), server.entry("other", |_| {}));
    let asker = scoped(Role::Admin, &["local/name:web"]);
    for permission in Permission::ALL {
        assert!(authorize(&asker, permission, &web).is_ok(), "{permission:?}");
        assert_eq!(authorize(&asker, permission, &other).err(), Some(Denied::NotFound), "{permission:?}");
    }
}

#[tokio::test]
async fn several_are_acted_on_together_or_not_at_all() {
    let server = TestServer::fresh();
    let entries = [server.entry("web", |_| {}), server.entry("other", |_| {})];
    let all =
        |asker: &Principal| authorize_all(asker, Permission::Act, &entries).map(|granted| granted.len());
    assert_eq!(all(&principal(Role::Operator)), Ok(2));
    assert_eq!(all(&scoped(Role::Operator, &["local/name:web"])), Err(Denied::Partial));
    assert_eq!(all(&scoped(Role::Operator, &["local/name:db"])), Err(Denied::NotFound));
    assert_eq!(all(&principal(Role::Viewer)), Err(Denied::Permission { needs: Permission::Act }));
}

#[test]
fn only_an_admin_manages_what_is_about_no_container() {
    for (role, allowed) in [(Role::Viewer, false), (Role::Operator, false), (Role::Admin, true)] {
        let asked = manage(&principal(role.clone())).map(|managing| managing.who().to_owned());
        let refused = Err(Denied::Permission { needs: Permission::Manage });
        let expected = if allowed { Ok("ada".to_owned()) } else { refused };
        assert_eq!(asked, expected, "{role:?}");
    }
}

#[tokio::test]
async fn nobody_acts_on_the_container_miniman_runs_in_but_its_log_is_seen() {
    let server = TestServer::fresh();
    let own = server.entry("miniman", |container| container.is_self = true);
    for action in Action::ALL {
        assert_eq!(denied(Role::Admin, permission_for(action), &own), Some(Denied::OwnContainer));
    }
    assert_eq!(denied(Role::Viewer, Permission::SeeLogs, &own), None);
}

#[tokio::test]
async fn read_only_refuses_every_action_of_everyone() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let admin = Principal { read_only: true, ..principal(Role::Admin) };
    for action in Action::ALL {
        assert_eq!(authorize(&admin, permission_for(action), &entry).err(), Some(Denied::ReadOnly));
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
    assert_eq!(denied(Role::Admin, Permission::Act, &gone), Some(Denied::Gone));
}

#[tokio::test]
async fn a_container_is_found_by_name_id_and_prefix_and_an_absent_one_is_not() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    let roster = Roster::new(vec![entry.clone()], Vec::new(), 0);
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
