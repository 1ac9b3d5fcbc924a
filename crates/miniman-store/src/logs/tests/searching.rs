//! Searching against a plain scan of the same lines.

use miniman_log::query::Query;
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};

use super::scanning::Scan;
use super::{identity, open};
use crate::logs::{Due, Found, GapReason, Log, LogStore, Search, Searched};

const BLOCKS: i64 = 20;
const LINES_A_BLOCK: i64 = 12;
const QUERIES: usize = 10_000;

/// Numbers that look random and are the same each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const WORDS: [&str; 14] = [
    "timeout",
    "Timeout",
    "connection",
    "refused",
    "GET",
    "/api/items",
    "user",
    "42",
    "ä",
    "ok",
    "OOM",
    "cache",
    "ERR",
    "q",
];

/// What stands in traces, and what begins or ends them.
const TRACE: [&str; 12] = [
    "\tat a.b(C.java:1)",
    "  indented timeout",
    "java.lang.OOMException: refused",
    "Caused by: x.Y: connection",
    "Traceback (most recent call last):",
    "  File \"x.py\", line 42, in user",
    "ValueError: timeout",
    "panic: OOM",
    "goroutine 1 [running]:",
    "main.main()",
    "ERROR refused",
    "}",
];

fn line(dice: &mut Dice) -> String {
    if dice.roll(2) == 0 {
        return dice.pick(&TRACE).to_owned();
    }
    match dice.roll(4) {
        0 => format!(
            "{{\"level\":\"{}\",\"status\":{},\"msg\":\"{} {}\"}}",
            dice.pick(&["info", "warn", "error"]),
            200 + dice.roll(4) * 101,
            dice.pick(&WORDS),
            dice.pick(&WORDS)
        ),
        1 => format!("status={} took={}ms {}", 200 + dice.roll(400), dice.roll(3_000), dice.pick(&WORDS)),
        2 => format!(
            "\x1b[3m{}\x1b[0m\x1b[2m=\x1b[0m{} {}",
            dice.pick(&WORDS),
            dice.roll(9),
            dice.pick(&WORDS)
        ),
        _ => (0..dice.roll(6)).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" "),
    }
}

pub(super) fn query(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth == 0 { 8 } else { 11 }) {
        0..=2 => dice.pick(&WORDS).to_owned(),
        3 => format!("\"{} {}\"", dice.pick(&WORDS), dice.pick(&WORDS)),
        4 => dice.pick(&["/time(d )?out/i", "/^GET/", "/[0-9]{3}ms/", "/refused$/", "/a|b/"]).to_owned(),
        5 => dice
            .pick(&[
                "status:>=500",
                "took:>1s",
                "msg:*refused*",
                "level:>=warn",
                "level:error",
                "level:info",
                "level:fatal",
            ])
            .to_owned(),
        6 => dice
            .pick(&["stream:stderr", "level:none", "container:a", "container:b", "service:web"])
            .to_owned(),
        7 => format!("-{}", dice.pick(&WORDS)),
        8 => format!("{} {}", query(dice, depth - 1), query(dice, depth - 1)),
        9 => format!("({} OR {})", query(dice, depth - 1), query(dice, depth - 1)),
        _ => format!("-({})", query(dice, depth - 1)),
    }
}

pub(super) fn lines(dice: &mut Dice, from: Timestamp, count: i64, padding: usize) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for n in 0..count {
        let stream = if dice.roll(3) == 0 { IoStream::Stderr } else { IoStream::Stdout };
        let pause = if dice.roll(20) == 0 { 2_000_000_000 } else { 0 };
        let mut body = line(dice);
        body.extend(std::iter::repeat_n(' ', padding));
        let severity = miniman_log::severity_of(&body);
        batch.push(Timestamp(from.0 + n + pause), stream, severity, body.as_bytes(), 0);
    }
    batch
}

/// A log of many small blocks, a gap in the middle, its last lines in memory, and history there too, in blocks that groups
/// cross.
pub(super) fn filled(store: &LogStore, dice: &mut Dice) -> Log {
    let log = store.log(&identity("a")).unwrap();
    for block in 0..BLOCKS / 2 {
        // Each block lies two minutes before the one before it, and so is one of its own.
        let time = Timestamp((BLOCKS - block) * 120_000_000_000);
        log.append(&lines(dice, time, LINES_A_BLOCK, 0), None).unwrap();
        if block == BLOCKS / 4 {
            log.append_gap(Some(7), None, None, GapReason::RotatedAway, None).unwrap();
        }
        if block % 5 == 2 {
            store.commit().unwrap();
        }
    }
    for _ in 0..BLOCKS / 2 {
        log.prepend(lines(dice, Timestamp(BLOCKS * 120_000_000_000), LINES_A_BLOCK, 0), None).unwrap();
    }
    log
}

/// Numbers of what a search finds, rising, and how many gaps it met.
fn found(
    log: &Log,
    mut search: Search,
    mut step: impl FnMut(&mut Search, std::ops::Range<i64>) -> (Option<Searched>, bool),
) -> (Vec<i64>, usize, u64) {
    let bounds = log.bounds();
    let mut left = bounds.first..bounds.next;
    let (mut numbers, mut gaps, mut records) = (Vec::new(), 0, 0);
    while let (Some(searched), forward) = step(&mut search, left.clone()) {
        assert!(
            !searched.covered.is_empty()
                && searched.covered.start >= left.start
                && searched.covered.end <= left.end
        );
        if forward {
            assert_eq!(searched.covered.start, left.start);
            left.start = searched.covered.end;
        } else {
            assert_eq!(searched.covered.end, left.end);
            left.end = searched.covered.start;
        }
        records += searched.records;
        match searched.found {
            Found::Nothing => {}
            Found::Gap(_) => gaps += 1,
            Found::Records { first, matches, .. } => {
                numbers.extend(matches.into_iter().map(|index| first + i64::from(index)));
            }
        }
    }
    numbers.sort_unstable();
    (numbers, gaps, records)
}

/// Compares searching in both directions with scanning, query by query; gives how many records were found in all.
fn compare(log: &Log, dice: &mut Dice, queries: usize) -> usize {
    let scan = Scan::of(log);
    let mut hits = 0;
    for _ in 0..queries {
        let text = query(dice, 2);
        let query = Query::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let scanned = scan.found(log, &query);
        hits += scanned.len();
        let (forward, ..) =
            found(log, log.search(&query), |search, left| (search.forward(left).unwrap(), true));
        assert_eq!(forward, scanned, "{text}");
        let (backward, ..) =
            found(log, log.search(&query), |search, left| (search.backward(left).unwrap(), false));
        assert_eq!(backward, scanned, "{text}");
        let firsts = scan.firsts(log, &query);
        let (forward, ..) =
            found(log, log.search(&query).firsts(), |search, left| (search.forward(left).unwrap(), true));
        assert_eq!(forward, firsts, "firsts of {text}");
        let (backward, ..) =
            found(log, log.search(&query).firsts(), |search, left| (search.backward(left).unwrap(), false));
        assert_eq!(backward, firsts, "firsts of {text}");
        // A part is that part of the whole: pages fit together.
        if hits % 8 != 0 {
            continue;
        }
        let bounds = log.bounds();
        let cut = bounds.first + dice.roll((bounds.next - bounds.first) as usize) as i64;
        for part in [bounds.first..cut, cut..bounds.next] {
            let expected: Vec<_> = scanned.iter().copied().filter(|seq| part.contains(seq)).collect();
            assert_eq!(found_in(log, &query, part.clone()), expected, "{text} in {part:?}");
        }
    }
    hits
}

fn found_in(log: &Log, query: &Query, mut numbers: std::ops::Range<i64>) -> Vec<i64> {
    let (mut search, mut found) = (log.search(query), Vec::new());
    while let Some(searched) = search.forward(numbers.clone()).unwrap() {
        numbers.start = searched.covered.end;
        if let Found::Records { first, matches, .. } = searched.found {
            found.extend(matches.into_iter().map(|index| first + i64::from(index)));
        }
    }
    found
}

#[test]
fn two_threads_find_what_one_finds() {
    const BLOCKS: i64 = 150;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    for block in 0..BLOCKS {
        let mut batch = RecordBatch::new();
        for n in 0..30 {
            let body = match n {
                0 => format!("ERROR block {block}"),
                n if n % 7 == 0 => format!("{} filler {}", n + block, "x".repeat(60_000)),
                n => format!("  at line {n} of {block}"),
            };
            batch.push_str(Timestamp(block * 100 + n), IoStream::Stdout, Severity::UNSPECIFIED, &body, 0);
        }
        log.append(&batch, None).unwrap();
        if block == 70 {
            log.append_gap(Some(9), None, None, GapReason::RotatedAway, None).unwrap();
        }
        store.commit().unwrap();
    }
    let query: Query = "/li[nm]e|fil.er 5?x/".parse().unwrap();
    let numbers = log.bounds().first..log.bounds().next;
    let forward = |limit: i64| {
        let (mut found, mut search, mut from) = (Vec::new(), log.search(&query), numbers.start);
        while let Some(searched) = search.forward(from..from.saturating_add(limit)).unwrap() {
            assert_eq!(searched.covered.start, from);
            from = searched.covered.end;
            found.extend(found_numbers(&searched));
        }
        assert_eq!(from, numbers.end);
        found
    };
    let backward = || {
        let (mut found, mut search, mut to) = (Vec::new(), log.search(&query), i64::MAX);
        while let Some(searched) = search.backward(i64::MIN..to).unwrap() {
            to = searched.covered.start;
            found.splice(0..0, found_numbers(&searched));
        }
        found
    };
    // Asked for so little at a time nothing is looked at ahead.
    let by_one = forward(100);
    assert!(by_one.len() > 3_000, "{}", by_one.len());
    assert!(by_one == forward(i64::MAX) && by_one == backward());
}

fn found_numbers(searched: &Searched) -> Vec<i64> {
    match &searched.found {
        Found::Records { first, matches, .. } => matches.iter().map(|at| first + i64::from(*at)).collect(),
        Found::Nothing | Found::Gap(_) => Vec::new(),
    }
}

#[test]
fn a_search_finds_what_a_scan_finds() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(7);
    let log = filled(&store, &mut dice);
    assert_eq!(Scan::of(&log).len() as i64, BLOCKS * LINES_A_BLOCK);
    let hits = compare(&log, &mut dice, QUERIES);
    assert!(hits > QUERIES, "{hits} matches say little");
}

#[test]
fn an_own_pattern_tells_groups() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(13);
    let log = filled(&store, &mut dice);
    log.set_head_pattern(Some(miniman_log::HeadPattern::new("^(ERROR|GET|user)").unwrap())).unwrap();
    let hits = compare(&log, &mut dice, 500);
    assert!(hits > 500, "{hits} matches say little");
}

#[test]
fn what_labels_say_of_lines_is_kept_for_when_nobody_is_there_to_say_it() {
    let dir = tempfile::tempdir().unwrap();
    let pattern = Some(miniman_log::HeadPattern::new("^(ERROR|GET|user)").unwrap());
    for (pattern, field) in [(pattern, Some("event.text".to_owned())), (None, None)] {
        let store = open(dir.path());
        let log = store.log(&identity("a")).unwrap();
        log.set_head_pattern(pattern.clone()).unwrap();
        log.set_message_field(field.clone()).unwrap();
        store.close().unwrap();
        let store = open(dir.path());
        let log = store.log(&identity("a")).unwrap();
        assert_eq!((log.head_pattern(), log.message_field()), (pattern, field));
        store.close().unwrap();
    }
}

#[test]
fn groups_cross_the_borders_of_blocks_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(3);
    let log = store.log(&identity("a")).unwrap();
    for _ in 0..12 {
        // Large enough not to be merged with what follows.
        log.append(&lines(&mut dice, Timestamp(0), 6, 44 << 10), None).unwrap();
        store.commit().unwrap();
    }
    let hits = compare(&log, &mut dice, 40);
    assert!(hits > 40, "{hits} matches say little");
}

#[test]
fn following_gives_each_line_when_its_group_is_known_to_match() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(11);
    let log = store.log(&identity("a")).unwrap();
    let mut written = RecordBatch::new();
    for _ in 0..20 {
        written.extend_from(&lines(&mut dice, Timestamp(0), 6, 0), 0..6);
    }
    for _ in 0..300 {
        let log = store.log(&identity(&format!("{}", dice.roll(1 << 30)))).unwrap();
        let text = query(&mut dice, 1);
        let query = Query::parse(&text).unwrap();
        let mut search = log.search(&query);
        let (mut at, mut appended, mut given) = (0, 0, Vec::new());
        while appended < written.len() {
            let more = (1 + dice.roll(9)).min(written.len() - appended);
            let mut batch = RecordBatch::new();
            batch.extend_from(&written, appended..appended + more);
            appended += more;
            log.append(&batch, None).unwrap();
            if dice.roll(4) == 0 {
                // As after a lost connection.
                search = log.search(&query);
            }
            while let Some(followed) = search.follow(at).unwrap() {
                assert_eq!(followed.covered.start, at);
                if let Due::Records(picks) = followed.due {
                    assert!(picks.iter().all(|pick| followed.covered.contains(&pick.due)), "{text}");
                    given.extend(picks.iter().map(|pick| (pick.due, pick.seq)));
                }
                at = followed.covered.end;
            }
        }
        assert_eq!(given, Scan::of(&log).due(&log, &query), "{text}");
    }
    drop(log);
}

#[test]
fn a_level_that_is_asked_for_tells_how_many_lines_name_none() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = filled(&store, &mut Dice(5));
    let scan = Scan::of(&log);
    for text in ["level:error", "level:fatal", "level:>=warn timeout", "level:none", "timeout"] {
        let query = Query::parse(text).unwrap();
        let found = scan.found(&log, &query);
        let expected = if query.asks_level() { scan.without_level_but(&found) } else { 0 };
        for cut in [log.bounds().first, -30, 50, log.bounds().next] {
            let mut search = log.search(&query);
            let mut told = 0;
            for mut part in [log.bounds().first..cut, cut..log.bounds().next] {
                while let Some(searched) = search.forward(part.clone()).unwrap() {
                    part.start = searched.covered.end;
                    told += searched.unspecified;
                }
            }
            assert_eq!(told, expected, "{text} cut at {cut}");
        }
    }
}

#[test]
fn a_search_counts_all_records_and_tells_gaps() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = filled(&store, &mut Dice(1));
    store.commit().unwrap();
    for text in ["nowhere-to-be-found", "/./", "level:fatal"] {
        let query = Query::parse(text).unwrap();
        let (_, gaps, records) =
            found(&log, log.search(&query), |search, left| (search.forward(left).unwrap(), true));
        assert_eq!((gaps, records as i64), (1, BLOCKS * LINES_A_BLOCK), "{text}");
    }
    let elsewhere = Query::parse("container:other").unwrap();
    let searched = log.search(&elsewhere).forward(0..i64::MAX).unwrap().unwrap();
    assert_eq!(searched.covered, 0..log.bounds().next, "the name alone rules the log out");
}

#[test]
fn blocks_that_cannot_match_are_not_expanded() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    for block in 0..3_i64 {
        let mut batch = RecordBatch::new();
        let (severity, body) =
            if block == 1 { (Severity::ERROR, "needle") } else { (Severity::INFO, "straw") };
        batch.push(Timestamp(-block * 120_000_000_000), IoStream::Stdout, severity, body.as_bytes(), 0);
        log.append(&batch, None).unwrap();
    }
    store.close().unwrap();
    drop((store, log));
    // Without payloads, what is found can only be what was not ruled out.
    let path = dir.path().join(crate::logs::database::FILE_NAME);
    rusqlite::Connection::open(path).unwrap().execute("DELETE FROM payloads", []).unwrap();
    let store = open(dir.path());
    let log = store.log(&identity("a")).unwrap();
    for text in ["needle", "level:error", "/needle|straws/"] {
        let query = Query::parse(text).unwrap();
        let (_, gaps, records) =
            found(&log, log.search(&query), |search, left| (search.forward(left).unwrap(), true));
        assert_eq!((gaps, records), (1, 2), "{text}");
    }
}
