//! What rules hide, against a plain scan: the same of what is stored and of what comes.

use miniman_log::RecordBatch;
use miniman_log::Timestamp;
use miniman_log::query::Query;

use super::scanning::Scan;
use super::searching::{Dice, filled, lines, query};
use super::{identity, open};
use crate::logs::{Due, Found, Hide, HideRule, ServiceName};

fn hide(service: &str, rule: &Query) -> Hide {
    let service = ServiceName { stack: None, service: service.to_owned() };
    [HideRule { service, query: rule.clone() }].into_iter().collect()
}

#[test]
fn groups_are_left_out_by_their_first_line() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(17);
    let log = filled(&store, &mut dice);
    let scan = Scan::of(&log);
    let mut hidden_in_all = 0;
    for round in 0..400 {
        let (text, rule) = (query(&mut dice, 1), query(&mut dice, 1));
        let asked = if round % 2 == 0 { Query::all() } else { Query::parse(&text).unwrap() };
        let rule = Query::parse(&rule).unwrap();
        let hidden = scan.hidden(&log, &rule);
        let expected: Vec<_> =
            scan.found(&log, &asked).into_iter().filter(|seq| !hidden.contains(seq)).collect();
        hidden_in_all += hidden.len();
        let (mut forward, mut search) = (Vec::new(), log.search_hiding(&asked, &hide("web", &rule)));
        let mut left = log.bounds().first..log.bounds().next;
        while let Some(searched) = search.forward(left.clone()).unwrap() {
            left.start = searched.covered.end;
            if let Found::Records { first, matches, .. } = searched.found {
                forward.extend(matches.into_iter().map(|index| first + i64::from(index)));
            }
        }
        assert_eq!(forward, expected, "{asked:?} without {rule:?}");
    }
    assert!(hidden_in_all > 1_000, "{hidden_in_all} hidden lines say little");
    let other = log.search_hiding(&Query::all(), &hide("elsewhere", &Query::all())).forward(0..i64::MAX);
    assert!(matches!(other.unwrap().unwrap().found, Found::Records { .. }), "another service's rule");
}

#[test]
fn what_comes_is_hidden_as_what_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(19);
    let mut written = RecordBatch::new();
    for _ in 0..20 {
        written.extend_from(&lines(&mut dice, Timestamp(0), 6, 0), 0..6);
    }
    for round in 0..200 {
        let log = store.log(&identity(&format!("{round}"))).unwrap();
        let (text, rule) = (query(&mut dice, 1), query(&mut dice, 1));
        let asked = if round % 2 == 0 { Query::all() } else { Query::parse(&text).unwrap() };
        let rule = Query::parse(&rule).unwrap();
        let hide = hide("web", &rule);
        let mut search = log.search_hiding(&asked, &hide);
        let (mut at, mut appended, mut given) = (0, 0, Vec::new());
        while appended < written.len() {
            let more = (1 + dice.roll(9)).min(written.len() - appended);
            let mut batch = RecordBatch::new();
            batch.extend_from(&written, appended..appended + more);
            appended += more;
            log.append(&batch, None).unwrap();
            if dice.roll(4) == 0 {
                // As after a lost connection.
                search = log.search_hiding(&asked, &hide);
            }
            while let Some(followed) = search.follow(at).unwrap() {
                if let Due::Records(picks) = followed.due {
                    given.extend(picks.iter().map(|pick| (pick.due, pick.seq)));
                }
                at = followed.covered.end;
            }
        }
        let scan = Scan::of(&log);
        let hidden = scan.hidden(&log, &rule);
        let due = scan.due(&log, &asked);
        let expected: Vec<_> = due.into_iter().filter(|(_, seq)| !hidden.contains(seq)).collect();
        assert_eq!(given, expected, "{asked:?} without {rule:?}");
    }
}
