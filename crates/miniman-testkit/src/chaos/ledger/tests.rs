use serde_json::json;

use super::*;

/// A ledger of pieces: `3-5` is a run, `?` a gap without a count, `!2` a gap of two.
fn ledger(pieces: &str) -> Ledger {
    let mut ledger = Ledger::new("stored web");
    let mut seq = 0;
    for piece in pieces.split_whitespace() {
        if let Some(missed) = piece.strip_prefix('!') {
            let missed: u64 = missed.parse().unwrap();
            let to = seq + i64::try_from(missed).unwrap() - 1;
            let gap = json!({"from": format!("1:{seq}"), "to": format!("1:{to}"), "missed": missed,
                "reason": "damaged"});
            ledger.gap(&gap);
            seq = to + 1;
        } else if piece == "?" {
            ledger.gap(&json!({"from": format!("1:{seq}"), "to": format!("1:{}", seq + 99), "missed": null,
                "reason": "rotated-away"}));
            seq += 100;
        } else {
            let (first, last) = piece.split_once('-').unwrap();
            for number in first.parse::<u64>().unwrap()..=last.parse().unwrap() {
                ledger.record(&json!({"cursor": format!("1:{seq}"), "body": format!("{number} 17 xxx")}));
                seq += 1;
            }
        }
    }
    ledger
}

fn judged(pieces: &str, written: u64) -> (u64, u64, u64, Vec<String>) {
    let verdict = ledger(pieces).judge(&Written::up_to(written), &["rotated-away"]);
    (verdict.lines, verdict.reported, verdict.unknown, verdict.wrong)
}

#[test]
fn what_is_there_and_what_gaps_say_make_what_was_written() {
    assert_eq!(judged("0-9", 10), (10, 0, 0, vec![]));
    assert_eq!(judged("0-3 !2 6-9", 10), (8, 2, 0, vec![]));
    assert_eq!(judged("0-3 ? 8-9", 10), (6, 4, 1, vec![]));
    assert_eq!(judged("0-3 !1 ? 8-9", 10), (6, 4, 1, vec![]));
    assert_eq!(judged("!3 3-9", 10), (7, 3, 0, vec![]));
    assert_eq!(judged("0-7 !2", 10), (8, 2, 0, vec![]));
    assert_eq!(judged("", 0), (0, 0, 0, vec![]));
}

#[test]
fn what_is_wrong_is_told_with_numbers_and_cursor() {
    let wrong = |pieces: &str, written| judged(pieces, written).3.join("; ");
    let cases = [
        (wrong("0-3 6-9", 10), "2 lines (4 to 5) are missing before 1:4, and gaps report 0"),
        (wrong("0-3 !1 6-9", 10), "2 lines (4 to 5) are missing before 1:4, and gaps report 1"),
        (wrong("0-3 !1 4-9", 10), "0 lines (4 to 3) are missing before 1:4, and gaps report 1"),
        (wrong("0-5", 10), "4 lines (6 to 9) are missing before the end, and gaps report 0"),
        (wrong("0-5 4-9", 10), "lines 4 to 9 at 1:6 come behind line 5"),
        (wrong("0-9", 8), "2 of lines 0 to 9 at 1:0 were never written"),
    ];
    for (found, expected) in cases {
        assert_eq!(found, format!("stored web: {expected}"));
    }
    let verdict = ledger("0-3 ? 8-9").judge(&Written::up_to(10), &[]);
    assert_eq!(verdict.wrong, ["stored web: a gap without a count at 1:4 (rotated-away)"]);
}

#[test]
fn a_number_that_jumps_in_the_sequence_is_wrong() {
    let mut ledger = ledger("0-1");
    ledger.record(&json!({"cursor": "1:5", "body": "2 17"}));
    let verdict = ledger.judge(&Written::up_to(3), &[]);
    assert_eq!(verdict.wrong, ["stored web: line 2 at 1:5 follows the number 1 without a gap"]);
}

#[test]
fn written_lines_may_have_holes_of_their_own() {
    let written = Written::of_lines(["0 a", "1 b", "5 c\r", "6"]).unwrap();
    assert_eq!((written.count(), written.last()), (4, Some(6)));
    assert_eq!(ledger("0-1 5-6").judge(&written, &[]).wrong, Vec::<String>::new());
    assert_eq!(Written::of_lines(["2 a", "1 b"]).unwrap_err(), "1 is written behind 2");
}
