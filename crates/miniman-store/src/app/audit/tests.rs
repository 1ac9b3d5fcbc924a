//! The chain: what was written holds, and nothing that was done to it afterwards goes unseen.

use tempfile::TempDir;

use super::*;

fn store_with(rows: i64) -> (TempDir, AppStore) {
    let dir = TempDir::new().unwrap();
    let store = AppStore::open(dir.path()).unwrap();
    for row in 1..=rows {
        add(&store, "login", &format!("user {row}"), row * 10);
    }
    (dir, store)
}

fn add(store: &AppStore, action: &str, target: &str, at: i64) {
    let row = NewAuditRow {
        who: "ada",
        address: "192.0.2.7",
        action,
        target,
        outcome: AuditOutcome::Succeeded,
        detail: "",
    };
    store.add_audit(&row, Timestamp(at)).unwrap();
}

/// What an attacker does who may write the file: the triggers are no hindrance.
fn tamper(store: &AppStore, sql: &str) {
    let connection = store.lock();
    connection.execute_batch("DROP TRIGGER audit_unchanged; DROP TRIGGER audit_kept;").unwrap();
    connection.execute_batch(sql).unwrap();
}

fn ids(rows: &[AuditRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

#[test]
fn an_untouched_chain_holds_over_a_restart_and_a_second_process() {
    let (dir, store) = store_with(3);
    let other = AppStore::open(dir.path()).unwrap();
    add(&other, "user.add", "grace", 40);
    add(&store, "user.remove", "grace", 50);
    drop(store);
    let check = AppStore::open(dir.path()).unwrap().check_audit().unwrap();
    assert_eq!((check.rows, check.last, check.broken), (5, 5, None));
}

#[test]
fn every_edit_is_found_where_it_was_made() {
    for (sql, row) in [
        ("UPDATE audit SET who = 'eve' WHERE id = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE id = 3", 3),
        ("UPDATE audit SET outcome = 'refused' WHERE id = 1", 1),
        ("UPDATE audit SET outcome = 'nonsense' WHERE id = 2", 2),
        ("UPDATE audit SET hash = x'00' WHERE id = 3", 3),
        // What moves from one field to the next.
        ("UPDATE audit SET who = 'ad', address = 'a192.0.2.7' WHERE id = 4", 4),
        ("UPDATE audit SET hash = zeroblob(32) WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id >= 4", 4),
        ("DELETE FROM audit", 1),
        ("UPDATE audit_anchor SET row = 2; DELETE FROM audit WHERE id <= 2", 3),
        ("UPDATE audit SET id = 9 WHERE id = 5", 5),
    ] {
        let (_dir, store) = store_with(5);
        tamper(&store, sql);
        let broken = store.check_audit().unwrap().broken.map(|(row, _)| row);
        assert_eq!(broken, Some(row), "{sql}");
    }
}

#[test]
fn rows_are_neither_changed_nor_taken_from_the_middle_by_a_statement_of_ours() {
    let (_dir, store) = store_with(3);
    for sql in ["UPDATE audit SET who = 'eve'", "DELETE FROM audit WHERE id = 2", "DELETE FROM audit"] {
        assert!(store.lock().execute_batch(sql).is_err(), "{sql}");
    }
    assert_eq!(store.check_audit().unwrap().rows, 3);
}

#[test]
fn retention_takes_the_oldest_by_age_and_by_number_and_the_rest_holds() {
    let (_dir, store) = store_with(10);
    assert_eq!(store.take_audit(Timestamp(0), 100).unwrap(), 0);
    assert_eq!(store.take_audit(Timestamp(35), 100).unwrap(), 3);
    let check = store.check_audit().unwrap();
    assert_eq!((check.rows, check.last, check.broken), (7, 10, None));
    assert_eq!(store.take_audit(Timestamp(35), 2).unwrap(), 5);
    assert_eq!(ids(&store.audit(&AuditFilter::default(), 10).unwrap()), [10, 9]);
    assert_eq!(store.take_audit(Timestamp(1_000), 2).unwrap(), 2);
    add(&store, "login", "ada", 2_000);
    let check = store.check_audit().unwrap();
    assert_eq!((check.rows, check.last, check.broken), (1, 11, None), "it goes on from what was taken");
}

#[test]
fn more_than_goes_at_once_goes_in_turns() {
    let (_dir, store) = store_with(0);
    {
        let mut connection = store.lock();
        let transaction = connection.transaction().unwrap();
        let rows = TAKEN_AT_ONCE_MAX * 2 + 10;
        for id in 1..=rows {
            transaction
                .execute("INSERT INTO audit VALUES (?1, 5, '', '', '', '', 'asked', '', zeroblob(32))", [id])
                .unwrap();
        }
        transaction.commit().unwrap();
    }
    assert_eq!(store.take_audit(Timestamp(0), 7).unwrap(), TAKEN_AT_ONCE_MAX as u64 * 2 + 3);
}

#[test]
fn rows_are_found_by_each_filter_newest_first() {
    let (_dir, store) = store_with(2);
    add(&store, "user.add", "Grace", 30);
    add(&store, "user.remove", "grace", 40);
    add(&store, "users", "%", 50);
    let found = |change: fn(&mut AuditFilter)| {
        let mut filter = AuditFilter::default();
        change(&mut filter);
        ids(&store.audit(&filter, 10).unwrap())
    };
    assert_eq!(found(|_| {}), [5, 4, 3, 2, 1]);
    assert_eq!(found(|filter| filter.action = Some("user".to_owned())), [4, 3]);
    assert_eq!(found(|filter| filter.action = Some("user.add".to_owned())), [3]);
    assert_eq!(found(|filter| filter.text = Some("GRACE".to_owned())), [4, 3]);
    assert_eq!(found(|filter| filter.text = Some("%".to_owned())), [5]);
    assert_eq!(found(|filter| filter.text = Some("192.0.2".to_owned())), [5, 4, 3, 2, 1]);
    assert_eq!(found(|filter| filter.outcome = Some(AuditOutcome::Refused)), [0_i64; 0]);
    assert_eq!(
        found(|filter| (filter.since, filter.until) = (Some(Timestamp(20)), Some(Timestamp(40)))),
        [3, 2]
    );
    assert_eq!(found(|filter| filter.before = Some(3)), [2, 1]);
    assert_eq!(ids(&store.audit_after(2, Timestamp(40), 10).unwrap()), [4, 5]);
}
