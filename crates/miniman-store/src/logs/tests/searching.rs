//! Searching against a plain scan of the same lines.

use miniman_log::query::Query;
use miniman_log::{IoStream, RecordBatch, Severity, Timestamp};

use super::{identity, open};
use crate::logs::search::facts;
use crate::logs::{Found, GapReason, Log, LogStore, Search, Searched};

const BLOCKS: i64 = 20;
const LINES_A_BLOCK: i64 = 12;
const QUERIES: usize = 10_000;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
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

fn line(dice: &mut Dice) -> String {
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

fn query(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth == 0 { 8 } else { 11 }) {
        0..=2 => dice.pick(&WORDS).to_owned(),
        3 => format!("\"{} {}\"", dice.pick(&WORDS), dice.pick(&WORDS)),
        4 => dice.pick(&["/time(d )?out/i", "/^GET/", "/[0-9]{3}ms/", "/refused$/", "/a|b/"]).to_owned(),
        5 => {
            dice.pick(&["status:>=500", "status:200", "took:>1s", "msg:*refused*", "level:>=warn"]).to_owned()
        }
        6 => dice
            .pick(&["stream:stderr", "level:none", "container:a", "container:b", "service:web"])
            .to_owned(),
        7 => format!("-{}", dice.pick(&WORDS)),
        8 => format!("{} {}", query(dice, depth - 1), query(dice, depth - 1)),
        9 => format!("({} OR {})", query(dice, depth - 1), query(dice, depth - 1)),
        _ => format!("-({})", query(dice, depth - 1)),
    }
}

/// A log of many small blocks, a gap in the middle, its last lines in memory.
fn filled(store: &LogStore, dice: &mut Dice) -> Log {
    let log = store.log(&identity("a")).unwrap();
    for block in 0..BLOCKS {
        let mut batch = RecordBatch::new();
        for n in 0..LINES_A_BLOCK {
            // Each block lies two minutes before the one before it, and so is one of its own.
            let time = Timestamp((BLOCKS - block) * 120_000_000_000 + n);
            let stream = if dice.roll(3) == 0 { IoStream::Stderr } else { IoStream::Stdout };
            let body = line(dice);
            batch.push(time, stream, miniman_log::severity_of(&body), body.as_bytes(), 0);
        }
        log.append(&batch, None).unwrap();
        if block == BLOCKS / 2 {
            log.append_gap(Some(7), None, None, GapReason::RotatedAway, None).unwrap();
        }
        if block % 5 == 4 {
            store.commit().unwrap();
        }
    }
    log
}

/// Numbers of what a search finds, rising, and how many gaps it met.
fn found(
    log: &Log,
    query: &Query,
    mut step: impl FnMut(&mut Search, std::ops::Range<i64>) -> (Option<Searched>, bool),
) -> (Vec<i64>, usize, u64) {
    let bounds = log.bounds();
    let mut left = bounds.first..bounds.next;
    let mut search = log.search(query);
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

#[test]
fn a_search_finds_what_a_scan_finds() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut dice = Dice(7);
    let log = filled(&store, &mut dice);
    let mut lines = Vec::new();
    let mut from = log.bounds().first;
    while let Some(chunk) = log.read(from, crate::logs::ReadMax::BLOCK).unwrap() {
        from = chunk.next();
        if let crate::logs::Chunk::Records { first, batch, range } = chunk {
            lines.extend((first..).zip(range.map(|index| (batch.clone(), index))));
        }
    }
    assert_eq!(lines.len() as i64, BLOCKS * LINES_A_BLOCK);
    let identity = log.identity();
    let mut hits = 0;
    for _ in 0..QUERIES {
        let text = query(&mut dice, 2);
        let query = Query::parse(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let mut matcher = query.matcher();
        let scanned: Vec<i64> = lines
            .iter()
            .filter(|(_, (batch, index))| matcher.matches(&batch.get(*index), &facts(&identity)))
            .map(|(seq, _)| *seq)
            .collect();
        hits += scanned.len();
        let (forward, ..) = found(&log, &query, |search, left| (search.forward(left).unwrap(), true));
        assert_eq!(forward, scanned, "{text}");
        let (backward, ..) = found(&log, &query, |search, left| (search.backward(left).unwrap(), false));
        assert_eq!(backward, scanned, "{text}");
    }
    assert!(hits > QUERIES, "{hits} matches say little");
}

#[test]
fn a_search_counts_all_records_and_tells_gaps() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let log = filled(&store, &mut Dice(1));
    store.commit().unwrap();
    for text in ["nowhere-to-be-found", "/./", "level:fatal"] {
        let query = Query::parse(text).unwrap();
        let (_, gaps, records) = found(&log, &query, |search, left| (search.forward(left).unwrap(), true));
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
        let (_, gaps, records) = found(&log, &query, |search, left| (search.forward(left).unwrap(), true));
        assert_eq!((gaps, records), (1, 2), "{text}");
    }
}
