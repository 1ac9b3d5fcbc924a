//! `miniman.db` against its contract, on real files.

use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;

use miniman_log::Timestamp;
use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

fn store() -> (TempDir, AppStore) {
    let dir = TempDir::new().unwrap();
    let store = AppStore::open(dir.path()).unwrap();
    (dir, store)
}

fn user(store: &AppStore, name: &str, role: Role) -> User {
    store.add_user(&NewUser { name, password_hash: "$argon2id$x", role, scope: None }, NOW).unwrap()
}

fn token(user_id: UserId, role: Role, hash: &SecretHash) -> NewToken<'_> {
    NewToken { user_id, name: "ci", role, scope: None, expires: None, hash }
}

fn session(user_id: UserId, hash: &SecretHash) -> NewSession<'_> {
    NewSession { user_id, hash, expires: LATER, address: "192.0.2.7", browser: "Firefox" }
}

fn target(name: &str) -> NewTarget {
    NewTarget { engine: "local".to_owned(), container_id: "c".repeat(64), name: name.to_owned() }
}

#[test]
fn the_directory_is_0700_and_every_file_0600() {
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("new/data");
    let store = AppStore::open(&dir).unwrap();
    user(&store, "ada", Role::Admin);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let mut names = Vec::new();
    for file in std::fs::read_dir(&dir).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{:?}", file.file_name());
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["miniman.db", "miniman.db-shm", "miniman.db-wal"]);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (dir, store) = store();
    store.lock().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let refused = AppStore::open(dir.path()).err().unwrap();
    assert!(matches!(refused, AppOpenError::Newer { found: 99, known: 1..99 }), "{refused}");
}

#[test]
fn an_older_schema_is_brought_up_to_date_and_its_file_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("miniman.db");
    let steps =
        ["CREATE TABLE first (a);", "CREATE TABLE second (a);", "INSERT INTO second SELECT a FROM first;"];
    let mut connection = Connection::open(&path).unwrap();
    schema::migrate(&mut connection, &path, &steps[..1]).unwrap();
    connection.execute_batch("INSERT INTO first VALUES (7);").unwrap();

    schema::migrate(&mut connection, &path, &steps).unwrap();
    assert_eq!(connection.query_row("SELECT a FROM second", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    let kept = path.with_extension("db.v1");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = Connection::open(&kept).unwrap();
    assert_eq!(kept.query_row("SELECT a FROM first", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    assert!(kept.prepare("SELECT a FROM second").is_err());

    // A step that fails leaves all as it was.
    let broken = [steps[0], steps[1], steps[2], "CREATE TABLE third (a);", "no SQL"];
    assert!(schema::migrate(&mut connection, &path, &broken).is_err());
    assert!(connection.prepare("SELECT a FROM third").is_err());
    schema::migrate(&mut connection, &path, &steps).unwrap();
}

#[test]
fn everything_is_there_after_a_restart() {
    let (dir, store) = store();
    let ada = user(&store, "ada", Role::Admin);
    store.add_session(&session(ada.id, &[1; 32]), NOW).unwrap();
    store.add_token(&token(ada.id, Role::Viewer, &[2; 32]), NOW).unwrap();
    store.set_setting("theme", "dark").unwrap();
    drop(store);
    let store = AppStore::open(dir.path()).unwrap();
    assert_eq!(store.user_by_name("ADA").unwrap().unwrap().id, ada.id);
    assert_eq!(store.sessions(NOW).unwrap()[0].hash, [1; 32]);
    assert_eq!(store.tokens().unwrap()[0].name, "ci");
    assert_eq!(store.setting("theme").unwrap().as_deref(), Some("dark"));
}

#[test]
fn two_users_may_not_share_a_name_whatever_its_case() {
    let (_dir, store) = store();
    user(&store, "ada", Role::Viewer);
    let again =
        store.add_user(&NewUser { name: "Ada", password_hash: "x", role: Role::Admin, scope: None }, NOW);
    assert!(matches!(again, Err(AppError::NameTaken)));
}

#[test]
fn a_new_role_or_password_raises_the_generation_and_ends_sessions() {
    let (_dir, store) = store();
    user(&store, "root", Role::Admin);
    let ada = user(&store, "ada", Role::Admin);
    store.add_session(&session(ada.id, &[1; 32]), NOW).unwrap();
    store.set_role(ada.id, &Role::Viewer, None).unwrap();
    assert!(store.sessions(NOW).unwrap().is_empty());
    store.set_password(ada.id, "other").unwrap();
    let now = store.user_by_name("ada").unwrap().unwrap();
    assert_eq!((now.role, now.generation), (Role::Viewer, ada.generation + 2));
    assert_eq!(now.password_hash, "other");
}

#[test]
fn removing_a_user_removes_sessions_and_tokens() {
    let (_dir, store) = store();
    user(&store, "root", Role::Admin);
    let ada = user(&store, "ada", Role::Admin);
    store.add_session(&session(ada.id, &[1; 32]), NOW).unwrap();
    store.add_token(&token(ada.id, Role::Viewer, &[2; 32]), NOW).unwrap();
    store.remove_user(ada.id).unwrap();
    assert!(store.sessions(NOW).unwrap().is_empty());
    assert!(store.tokens().unwrap().is_empty());
    assert!(matches!(store.remove_user(ada.id), Err(AppError::NoSuchUser)));
}

#[test]
fn a_session_ends_at_its_time_and_using_it_moves_nothing() {
    let (_dir, store) = store();
    let ada = user(&store, "ada", Role::Admin);
    let id = store.add_session(&session(ada.id, &[1; 32]), NOW).unwrap();
    store.touch(&[(id, Timestamp(1_500))], &[]).unwrap();
    let session = store.sessions(Timestamp(1_999)).unwrap().remove(0);
    assert_eq!((session.last_seen, session.expires), (Timestamp(1_500), LATER));
    assert!(store.sessions(LATER).unwrap().is_empty());
}

#[test]
fn a_user_has_a_bounded_number_of_sessions_and_the_oldest_go() {
    let (_dir, store) = store();
    let ada = user(&store, "ada", Role::Admin);
    for number in 0..103u8 {
        store.add_session(&session(ada.id, &[number; 32]), NOW).unwrap();
    }
    let mut first: Vec<u8> = store.sessions(NOW).unwrap().iter().map(|session| session.hash[0]).collect();
    first.sort_unstable();
    assert_eq!(first, (3..103).collect::<Vec<_>>());
}

#[test]
fn a_token_has_at_most_its_owners_role() {
    let (_dir, store) = store();
    let ada = user(&store, "ada", Role::Operator);
    assert!(matches!(
        store.add_token(&token(ada.id, Role::Admin, &[1; 32]), NOW),
        Err(AppError::RoleAboveOwner)
    ));
    store.add_token(&token(ada.id, Role::Operator, &[1; 32]), NOW).unwrap();
    assert!(matches!(
        store.add_token(&token(UserId(99), Role::Viewer, &[2; 32]), NOW),
        Err(AppError::NoSuchUser)
    ));
}

#[test]
fn stack_ids_count_from_one_and_stay() {
    let (dir, store) = store();
    assert_eq!(store.stack_id("local", "shop").unwrap(), 1);
    assert_eq!(store.stack_id("local", "shop").unwrap(), 1);
    assert_eq!(store.stack_id("other", "shop").unwrap(), 2);
    drop(store);
    let store = AppStore::open(dir.path()).unwrap();
    assert_eq!(store.stack_id("local", "blog").unwrap(), 3);
    assert_eq!(store.stack_id("local", "shop").unwrap(), 1);
    assert_eq!(store.stacks().unwrap().len(), 3);
}

#[test]
fn an_operation_is_pending_until_each_target_has_ended() {
    let (_dir, store) = store();
    let operation = store.begin_operation("ada", "restart", &[target("web"), target("db")], NOW).unwrap();
    assert_eq!(operation.outcome, OperationOutcome::Pending);
    assert_eq!(store.operation(operation.id).unwrap().as_ref(), Some(&operation));
    store.finish_target(operation.id, 0, None, LATER).unwrap();
    store.finish_target(operation.id, 1, Some("no such image"), LATER).unwrap();
    let ended = store.finish_operation(operation.id, LATER).unwrap();
    assert_eq!(ended.outcome, OperationOutcome::Failed);
    assert_eq!(ended.finished, Some(LATER));
    assert_eq!(ended.targets[0].outcome, TargetOutcome::Succeeded);
    assert_eq!(ended.targets[1].error.as_deref(), Some("no such image"));
}

#[test]
fn operations_a_crash_left_pending_become_unknown() {
    let (dir, store) = store();
    let begun = store.begin_operation("ada", "stop", &[target("web"), target("db")], NOW).unwrap();
    store.finish_target(begun.id, 0, None, NOW).unwrap();
    drop(store);
    let store = AppStore::open(dir.path()).unwrap();
    assert_eq!(store.interrupt_operations(LATER).unwrap(), 1);
    let operation = store.operation(begun.id).unwrap().unwrap();
    assert_eq!(operation.outcome, OperationOutcome::Unknown);
    assert_eq!(operation.targets[0].outcome, TargetOutcome::Succeeded);
    assert_eq!(operation.targets[1].outcome, TargetOutcome::Unknown);
    assert!(operation.targets[1].error.as_deref().unwrap().contains("MiniMan stopped"));
    assert_eq!(store.interrupt_operations(LATER).unwrap(), 0);
}

#[test]
fn operations_are_listed_newest_first_and_in_pages() {
    let (_dir, store) = store();
    for name in ["a", "b", "c"] {
        store.begin_operation("ada", "start", &[target(name)], NOW).unwrap();
    }
    let names = |before| -> Vec<String> {
        let operations = store.operations(before, 2).unwrap();
        operations.into_iter().map(|mut operation| operation.targets.remove(0).name).collect()
    };
    assert_eq!(names(None), ["c", "b"]);
    assert_eq!(names(Some(2)), ["a"]);
}

#[test]
fn the_setup_token_is_consumed_once_and_expires() {
    let (_dir, store) = store();
    store.set_setup_token(&[1; 32], LATER).unwrap();
    let consume = |hash: &SecretHash, now| store.consume_setup_token(hash, "ada", "x", now);
    assert!(matches!(consume(&[2; 32], NOW), Err(AppError::SetupTokenInvalid)));
    assert!(matches!(consume(&[1; 32], LATER), Err(AppError::SetupTokenInvalid)));
    store.set_setup_token(&[3; 32], LATER).unwrap();
    assert!(
        matches!(consume(&[1; 32], NOW), Err(AppError::SetupTokenInvalid)),
        "a new link ends the old one"
    );
    assert_eq!(consume(&[3; 32], NOW).unwrap().role, Role::Admin);
    assert!(matches!(consume(&[3; 32], NOW), Err(AppError::SetupDone)));
    assert!(matches!(store.set_setup_token(&[4; 32], LATER), Err(AppError::SetupDone)));
}

#[test]
fn two_setups_at_once_from_two_processes_make_one_admin() {
    for _ in 0..20 {
        let (dir, store) = store();
        store.set_setup_token(&[1; 32], LATER).unwrap();
        let barrier = Barrier::new(4);
        let made = std::thread::scope(|scope| {
            let setups: Vec<_> = (0..4)
                .map(|number| {
                    // A connection each, as processes have.
                    let store = AppStore::open(dir.path()).unwrap();
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        store.consume_setup_token(&[1; 32], &format!("admin{number}"), "x", NOW).is_ok()
                    })
                })
                .collect();
            setups.into_iter().map(|setup| setup.join().unwrap()).filter(|made| *made).count()
        });
        assert_eq!(made, 1);
        assert_eq!(store.users().unwrap().len(), 1);
    }
}

#[test]
fn a_token_that_another_process_adds_is_noticed_and_found() {
    let (dir, server) = store();
    let ada = user(&server, "ada", Role::Admin);
    let before = server.foreign_writes().unwrap();
    server.set_setting("own", "write").unwrap();
    assert_eq!(server.foreign_writes().unwrap(), before, "own writes are not foreign");
    let command_line = AppStore::open(dir.path()).unwrap();
    command_line.add_token(&token(ada.id, Role::Viewer, &[1; 32]), NOW).unwrap();
    assert_ne!(server.foreign_writes().unwrap(), before);
    assert_eq!(server.tokens().unwrap().len(), 1);
}

#[test]
fn the_first_admin_is_made_without_a_link_only_once() {
    let (_dir, store) = store();
    store.set_setup_token(&[1; 32], LATER).unwrap();
    assert!(store.add_first_admin("ada", "x", NOW).unwrap().is_some());
    assert!(store.add_first_admin("eve", "x", NOW).unwrap().is_none());
    assert!(!store.setup_token_valid(&[1; 32], NOW).unwrap());
}

fn own_role(name: &str, permissions: &[Permission]) -> OwnRole {
    OwnRole { name: name.into(), permissions: permissions.iter().copied().collect() }
}

#[test]
fn an_own_role_is_added_changed_and_removed_once_nobody_has_it() {
    let (_dir, store) = store();
    let reader = own_role("reader", &[Permission::SeeLogs]);
    store.add_role(&reader).unwrap();
    assert_eq!(store.roles().unwrap(), std::slice::from_ref(&reader));
    assert!(matches!(store.add_role(&reader), Err(AppError::NameTaken)));
    for name in ["admin", "viewer", "", "Reader", "two words", "a\nb"] {
        assert!(matches!(store.add_role(&own_role(name, &[])), Err(AppError::NameTaken)), "{name:?}");
    }
    let more = own_role("reader", &[Permission::SeeLogs, Permission::Kill]);
    store.change_role(&more).unwrap();
    assert_eq!(store.roles().unwrap(), [more]);
    let ada = user(&store, "ada", Role::parse("reader").unwrap());
    assert!(matches!(store.remove_role("reader"), Err(AppError::RoleInUse)));
    store.set_role(ada.id, &Role::Viewer, None).unwrap();
    store.remove_role("reader").unwrap();
    assert!(matches!(store.remove_role("reader"), Err(AppError::NoSuchRole)));
    assert!(matches!(store.change_role(&reader), Err(AppError::NoSuchRole)));
}

#[test]
fn own_roles_are_bounded() {
    let (_dir, store) = store();
    for number in 0..ROLES_MAX {
        store.add_role(&own_role(&format!("role-{number}"), &[])).unwrap();
    }
    assert!(matches!(store.add_role(&own_role("one-more", &[])), Err(AppError::TooManyRoles)));
}

#[test]
fn a_role_that_does_not_exist_is_given_to_nobody() {
    let (_dir, store) = store();
    let nobodys = Role::parse("reader").unwrap();
    let new = NewUser { name: "ada", password_hash: "x", role: nobodys.clone(), scope: None };
    assert!(matches!(store.add_user(&new, NOW), Err(AppError::NoSuchRole)));
    let ada = user(&store, "ada", Role::Viewer);
    assert!(matches!(store.set_role(ada.id, &nobodys, None), Err(AppError::NoSuchRole)));
    let added = store.add_token(&token(ada.id, nobodys, &[1; 32]), NOW);
    assert!(matches!(added, Err(AppError::NoSuchRole)));
}

#[test]
fn who_manages_has_no_scope() {
    let (_dir, store) = store();
    let scope = Some("local/stack:shop");
    let new = NewUser { name: "eve", password_hash: "x", role: Role::Admin, scope };
    assert!(matches!(store.add_user(&new, NOW), Err(AppError::ScopeOfManager)));
    let ada = user(&store, "ada", Role::Viewer);
    assert!(matches!(store.set_role(ada.id, &Role::Admin, scope), Err(AppError::ScopeOfManager)));
    let half = own_role("half", &[Permission::SeeLogs]);
    store.add_role(&half).unwrap();
    store.set_role(ada.id, &Role::Own("half".into()), scope).unwrap();
    let manages = own_role("half", &[Permission::SeeLogs, Permission::Manage]);
    assert!(matches!(store.change_role(&manages), Err(AppError::ScopeOfManager)));
    assert_eq!(store.user_by_name("ada").unwrap().unwrap().scope.as_deref(), scope);
}

#[test]
fn each_built_in_role_includes_the_one_before_it() {
    let of = |role: Role| role.built_in_permissions().unwrap();
    assert!(of(Role::Viewer).within(of(Role::Operator)));
    assert!(of(Role::Operator).within(of(Role::Admin)));
    assert_eq!(of(Role::Admin), Permissions::all());
    assert!(!of(Role::Viewer).contains(Permission::Act));
    assert!(!of(Role::Operator).contains(Permission::Remove));
    assert!(!of(Role::Operator).contains(Permission::SeeEnvironment));
}

#[test]
fn there_is_always_an_admin_who_may_log_in() {
    let (_dir, store) = store();
    let ada = user(&store, "ada", Role::Admin);
    let grace = user(&store, "grace", Role::Viewer);
    let disable = UserChange { disabled: Some(true), ..UserChange::default() };
    let refused = |result: Result<User, AppError>| matches!(result, Err(AppError::LastAdmin));
    assert!(refused(store.change_user(ada.id, &disable)));
    assert!(refused(store.remove_user(ada.id)));
    assert!(matches!(store.set_role(ada.id, &Role::Viewer, None), Err(AppError::LastAdmin)));
    let now = store.user(ada.id).unwrap().unwrap();
    assert_eq!((now.role, now.disabled, now.generation), (Role::Admin, false, ada.generation));
    store.set_role(grace.id, &Role::Admin, None).unwrap();
    assert!(store.change_user(ada.id, &disable).unwrap().disabled);
    assert!(refused(store.remove_user(grace.id)));
    assert_eq!(store.remove_user(ada.id).unwrap().name, "ada");
}
