//! What holds for every query and every line. The evaluator here is naive on purpose, and shares nothing with the real
//! one: whole values, whole copies, `serde_json` for JSON, a regex for logfmt.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{IoStream, RecordBatch, Severity, Timestamp, ansi};

#[derive(Debug, Clone)]
enum Ask {
    Word(String),
    Phrase(String),
    Regex(&'static str, bool),
    Field(&'static str, Test),
    Level(&'static str, &'static [u8]),
    Stream(IoStream),
    Container(&'static str),
    Not(Box<Ask>),
    And(Vec<Ask>),
    Or(Vec<Ask>),
}

#[derive(Debug, Clone)]
enum Test {
    Exists,
    Bare(&'static str),
    Quoted(&'static str),
    /// `*middle*`, without the asterisks.
    Middle(&'static str),
    Start(&'static str),
    Regex(&'static str),
    AtLeast(u32),
}

const TEXTS: [&str; 16] = [
    "error", "Error", "time", "timeout", "db", "500", "50", "ä", "Ä", "a.b", "x_y", "on", "k", "K", "a,b",
    "b-c",
];
const VALUES: [&str; 14] = [
    "error",
    "Error",
    "500",
    "50",
    "7",
    "a/b",
    "ä",
    "true",
    "null",
    "two words",
    "say \"hi\"",
    "<b>",
    "back\\slash",
    "",
];
const BARE: [&str; 8] = ["error", "Error", "500", "50", "a/b", "ä", "true", "<b>x"];
const KEYS: [&str; 8] = ["status", "Status", "msg", "a", "b", "a.b", "a.b.c", "ä"];
const REGEXES: [&str; 18] = [
    "err",
    "t.*o",
    "^e",
    "b$",
    "[0-9]{2,}",
    "(time|db) ?(out|x)",
    r"\bdb\b",
    "[^a]b",
    r"\d+",
    "a|Error",
    "(ab)?c",
    r"x\S+",
    "k",
    "",
    "e{2}",
    r"\s",
    "(?s).b",
    "error+ (Time)?",
];
const LEVELS: [(&str, &[u8]); 6] = [
    ("error", &[17, 18, 19, 20]),
    (">=error", &[17, 18, 19, 20, 21, 22, 23, 24]),
    ("<debug", &[1, 2, 3, 4]),
    ("none", &[0]),
    ("notice", &[10]),
    ("<=info", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
];

fn asks() -> impl Strategy<Value = Ask> {
    let test = prop_oneof![
        Just(Test::Exists),
        prop::sample::select(&BARE[..]).prop_map(Test::Bare),
        prop::sample::select(&VALUES[..]).prop_map(Test::Quoted),
        prop::sample::select(&BARE[..]).prop_map(Test::Middle),
        prop::sample::select(&BARE[..]).prop_map(Test::Start),
        prop::sample::select(&REGEXES[..])
            .prop_filter("slashes", |regex| !regex.is_empty())
            .prop_map(Test::Regex),
        (0..600_u32).prop_map(Test::AtLeast),
    ];
    let term = prop_oneof![
        3 => prop::sample::select(&TEXTS[..]).prop_map(|text| Ask::Word(text.to_owned())),
        2 => (prop::sample::select(&TEXTS[..]), prop::sample::select(&VALUES[..]))
            .prop_map(|(a, b)| Ask::Phrase(format!("{a} {b}"))),
        2 => (prop::sample::select(&REGEXES[..]), any::<bool>())
            .prop_filter("slashes", |(regex, _)| !regex.is_empty())
            .prop_map(|(regex, fold)| Ask::Regex(regex, fold)),
        4 => (prop::sample::select(&KEYS[..]), test).prop_map(|(key, test)| Ask::Field(key, test)),
        1 => prop::sample::select(&LEVELS[..]).prop_map(|(text, numbers)| Ask::Level(text, numbers)),
        1 => prop::sample::select(&IoStream::ALL[..]).prop_map(Ask::Stream),
        1 => prop::sample::select(&["web-1", "db-1"][..]).prop_map(Ask::Container),
    ];
    term.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|ask| Ask::Not(Box::new(ask))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Ask::And),
            prop::collection::vec(inner, 1..4).prop_map(Ask::Or),
        ]
    })
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn written(ask: &Ask) -> String {
    let all = |asks: &[Ask], between: &str| asks.iter().map(written).collect::<Vec<_>>().join(between);
    match ask {
        Ask::Word(word) => word.clone(),
        Ask::Phrase(phrase) => quote(phrase),
        Ask::Regex(regex, fold) => format!("/{regex}/{}", if *fold { "i" } else { "" }),
        Ask::Field(key, Test::Exists) => format!("{key}:*"),
        Ask::Field(key, Test::Bare(value)) => format!("{key}:{value}").replace(":<", ":\\<"),
        Ask::Field(key, Test::Quoted(value)) => format!("{key}:{}", quote(value)),
        Ask::Field(key, Test::Middle(value)) => format!("{key}:*{value}*"),
        Ask::Field(key, Test::Start(value)) => format!("{key}:{value}*").replace(":<", ":*<"),
        Ask::Field(key, Test::Regex(regex)) => format!("{key}:/{regex}/"),
        Ask::Field(key, Test::AtLeast(bound)) => format!("{key}:>={bound}"),
        Ask::Level(text, _) => format!("level:{text}"),
        Ask::Stream(stream) => format!("stream:{}", stream.as_str()),
        Ask::Container(name) => format!("container:{name}"),
        Ask::Not(ask) => format!("-({})", written(ask)),
        Ask::And(asks) => format!("({})", all(asks, " ")),
        Ask::Or(asks) => format!("({})", all(asks, " OR ")),
    }
}

fn folded_like(asked: &str, text: &str) -> String {
    if asked.chars().any(char::is_uppercase) { text.to_owned() } else { text.to_ascii_lowercase() }
}

fn holds(line: &str, asked: &str) -> bool {
    folded_like(asked, line).contains(asked)
}

fn naive(ask: &Ask, record: &RecordRef<'_>, facts: &Facts<'_>) -> bool {
    let line = &*ansi::strip(record.body);
    match ask {
        Ask::Word(text) | Ask::Phrase(text) => holds(line, text),
        Ask::Regex(regex, fold) => {
            regex::RegexBuilder::new(regex).case_insensitive(*fold).build().unwrap().is_match(line)
        }
        // Written with a backslash, it is a word.
        Ask::Field(key, Test::Bare(value)) if value.starts_with('<') => {
            holds(line, &format!("{key}:\\{value}"))
        }
        Ask::Field(key, test) => {
            let by_text = match test {
                Test::Bare(value) => holds(line, &format!("{key}:{value}")),
                _ => false,
            };
            by_text || values(line, key).iter().any(|value| naive_test(test, value.as_deref()))
        }
        Ask::Level(_, numbers) => numbers.contains(&record.severity.number()),
        Ask::Stream(stream) => record.iostream == *stream,
        Ask::Container(name) => facts.container == *name,
        Ask::Not(ask) => !naive(ask, record, facts),
        Ask::And(asks) => asks.iter().all(|ask| naive(ask, record, facts)),
        Ask::Or(asks) => asks.iter().any(|ask| naive(ask, record, facts)),
    }
}

/// `None`: an object or array.
fn naive_test(test: &Test, value: Option<&str>) -> bool {
    let Some(value) = value else { return matches!(test, Test::Exists) };
    match test {
        Test::Exists => true,
        Test::Bare(asked) | Test::Quoted(asked) => folded_like(asked, value) == *asked,
        Test::Middle(asked) => holds(value, asked),
        Test::Start(asked) if asked.starts_with('<') => holds(value, asked),
        Test::Start(asked) => folded_like(asked, value).starts_with(asked),
        Test::Regex(regex) => regex::Regex::new(regex).unwrap().is_match(value),
        Test::AtLeast(bound) => value.parse::<f64>().is_ok_and(|value| value >= f64::from(*bound)),
    }
}

fn values(line: &str, path: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    match serde_json::from_str::<Value>(line) {
        Ok(object @ Value::Object(_)) => walk(&object, path, &mut found),
        _ => {
            let pairs = regex::Regex::new(r#"([\w.ä]+)=("([^"]*)"|\S*)"#).unwrap();
            for pair in pairs.captures_iter(line).filter(|pair| pair[1].is_ascii()) {
                if folded_like(path, &pair[1]) == path {
                    found.push(Some(pair.get(3).unwrap_or(pair.get(2).unwrap()).as_str().to_owned()));
                }
            }
        }
    }
    found
}

fn walk(value: &Value, path: &str, found: &mut Vec<Option<String>>) {
    match value {
        Value::Object(fields) if !path.is_empty() => {
            for (key, value) in fields {
                if folded_like(path, key) == path {
                    walk(value, "", found);
                } else if let Some(rest) = path.strip_prefix(&format!("{}.", folded_like(path, key))) {
                    walk(value, rest, found);
                }
            }
        }
        Value::Array(values) => {
            if path.is_empty() {
                found.push(None);
            }
            values.iter().for_each(|value| walk(value, path, found));
        }
        Value::Object(_) => found.push(None),
        _ if !path.is_empty() => {}
        Value::String(text) => found.push(Some(text.clone())),
        other => found.push(Some(other.to_string())),
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0..600_u32).prop_map(Value::from),
        prop::sample::select(&VALUES[..]).prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(prop::sample::select(&KEYS[..]), inner, 0..3)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    });
    let fields = prop::collection::btree_map(prop::sample::select(&KEYS[..]), value, 0..4);
    (fields, any::<bool>(), any::<bool>()).prop_map(|(fields, escaped, spaced)| {
        let object: Value = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let text = if spaced { format!("  {object:#}").replace('\n', " ") } else { object.to_string() };
        if !escaped {
            return text;
        }
        text.replace('/', "\\/").replace('ä', "\\u00e4").replace('<', "\\u003c").replace('>', "\\u003E")
    })
}

fn bodies() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        3 => prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        2 => (prop::sample::select(&KEYS[..]), prop::sample::select(&BARE[..])).prop_map(|(key, value)| format!("{key}={value}")),
        1 => (prop::sample::select(&KEYS[..]), prop::sample::select(&TEXTS[..])).prop_map(|(key, value)| format!("{key}=\"{value} x\"")),
        1 => (prop::sample::select(&KEYS[..]), prop::sample::select(&BARE[..])).prop_map(|(key, value)| format!("{key}:{value}")),
    ];
    let text = prop::collection::vec(token, 0..6).prop_map(|tokens| tokens.join(" "));
    (
        prop_oneof![2 => text, 1 => json()],
        prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    )
        .prop_map(|(text, colours)| {
            let Some((from, to)) = colours else { return text };
            let (from, to) = (from.index(text.len() + 1), to.index(text.len() + 1));
            let from = text.floor_char_boundary(from.min(to));
            let to = text.floor_char_boundary(from.max(to));
            format!("{}\u{1b}[1;31m{}\u{1b}[0m{}", &text[..from], &text[from..to], &text[to..])
        })
}

prop_compose! {
    fn batches()(records in prop::collection::vec((bodies(), any::<bool>(), 0..25_u8), 1..12)) -> RecordBatch {
        let mut batch = RecordBatch::new();
        for (body, stderr, severity) in records {
            let stream = if stderr { IoStream::Stderr } else { IoStream::Stdout };
            let severity = Severity::from_number(severity).unwrap();
            batch.push_str(Timestamp(0), stream, severity, &body, 0);
        }
        batch
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_query_means_what_a_naive_reading_of_it_means(ask in asks(), batch in batches()) {
        let source = written(&ask);
        let query = Query::parse(&source).unwrap();
        let facts = Facts { container: "web-1", stack: "", service: "" };
        let (mut matcher, necessary, here) = (query.matcher(), query.necessary(), query.necessary_in(&facts));
        for record in batch.iter() {
            let expected = naive(&ask, &record, &facts);
            prop_assert_eq!(matcher.matches(&record, &facts), expected, "{} on {:?}", source, record);
            let visible = ansi::strip(record.body);
            for necessary in [&necessary, &here] {
                let admits = necessary.admits(&visible, record.iostream, record.severity);
                prop_assert!(admits || !expected, "{} needs {:?} of {:?}", source, necessary, record);
            }
        }
    }

    #[test]
    fn a_finder_finds_every_line_that_matches(ask in asks(), batch in batches()) {
        let query = Query::parse(&written(&ask)).unwrap();
        let Some(finder) = query.finder() else { return Ok(()) };
        let facts = Facts { container: "web-1", stack: "", service: "" };
        let (mut haystack, mut found) = (Haystack::new(), vec![false; batch.len()]);
        let mut last = None;
        for line in finder.lines(&batch, &mut haystack) {
            prop_assert!(last < Some(line));
            last = Some(line);
            found[line] = true;
        }
        for (index, record) in batch.iter().enumerate() {
            let matches = query.matches(&record, &facts);
            prop_assert!(found[index] || !matches, "{:?} overlooks {:?}", query, record);
            prop_assert!(!found[index] || matches || !finder.is_exact(), "{:?} takes {:?}", query, record);
        }
    }

    #[test]
    fn a_query_shown_reads_back_as_itself(ask in asks()) {
        let query = Query::parse(&written(&ask)).unwrap();
        let shown = query.to_string();
        prop_assert_eq!(Query::parse(&shown), Ok(query), "{}", shown);
        prop_assert_eq!(Query::parse(&shown).unwrap().to_string(), shown);
    }

    #[test]
    fn highlights_are_ranges_of_the_visible_text(ask in asks(), body in bodies()) {
        let (query, visible) = (Query::parse(&written(&ask)).unwrap(), ansi::strip(&body));
        let mut last = None;
        for range in query.highlights(&body) {
            prop_assert!(!range.is_empty() && visible.get(range.clone()).is_some());
            prop_assert!(last < Some(range.start));
            last = Some(range.end);
        }
        if let Ask::Word(word) = &ask {
            prop_assert_eq!(last.is_some(), holds(&visible, word));
        }
    }

    #[test]
    fn no_text_panics(source in "\\PC{0,40}", body in "\\PC{0,40}") {
        any_text(&source, &body)?;
    }

    #[test]
    fn no_text_of_a_querys_pieces_panics(pieces in prop::collection::vec(prop::sample::select(vec![
        "a", "B", "OR", "AND", "NOT", "-", "(", ")", "\"", "/", "\\", "/i", ":", "*", ">=", "<", "level", "stream", "container",
        "status", ".", "5", "ms", " ", " ", " ", "ä", "[", "]", "{", "}", "+", "|", "^", "$", "\t", "\n", "stderr", "warn",
    ]), 0..24)) {
        any_text(&pieces.concat(), "a B status=5 {\"a\":[1,{\"b\":\"\\u00e4\"}]}")?;
    }
}

fn any_text(source: &str, body: &str) -> Result<(), TestCaseError> {
    match Query::parse(source) {
        Ok(query) => {
            let shown = query.to_string();
            prop_assert_eq!(&Query::parse(&shown), &Ok(query.clone()), "{} shown as {}", source, shown);
            let mut batch = RecordBatch::new();
            batch.push_str(Timestamp(0), IoStream::Stdout, Severity::INFO, body, 0);
            query.matches(&batch.get(0), &Facts::default());
            query.highlights(body);
            if let Some(finder) = query.finder() {
                finder.lines(&batch, &mut Haystack::new()).count();
            }
        }
        Err(error) => {
            prop_assert!(source.is_char_boundary(error.position));
            prop_assert_eq!(source[..error.position].chars().count(), error.position_chars);
            prop_assert!(error.position_chars + error.length <= source.chars().count());
            prop_assert!(!error.message.is_empty() && !error.hint.is_empty());
        }
    }
    Ok(())
}
