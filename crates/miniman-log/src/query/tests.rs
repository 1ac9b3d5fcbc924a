//! The language by examples: what a query finds, and what it does not.

use super::*;
use crate::{IoStream, Timestamp};

/// `matches` in which every line should, `differs` in which none should.
#[track_caller]
fn check(query: &str, matches: &[&str], differs: &[&str]) {
    let parsed = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(Query::parse(&parsed.to_string()).as_ref(), Ok(&parsed), "{query} shown as {parsed}");
    for (bodies, expected) in [(matches, true), (differs, false)] {
        for body in bodies {
            let record = record(body);
            assert_eq!(parsed.matches(&record, &FACTS), expected, "{query} on {body}");
            let (plain, necessary) = (crate::ansi::strip(body), parsed.necessary());
            assert!(
                !expected || necessary.admits(&plain, record.iostream, record.severity),
                "{query} needs {necessary:?} of {body}"
            );
        }
    }
}

const FACTS: Facts<'_> = Facts { container: "shop-Web-1", stack: "shop", service: "web" };

fn record(body: &str) -> RecordRef<'_> {
    RecordRef {
        timestamp: Timestamp(0),
        iostream: IoStream::Stderr,
        severity: crate::severity_of(body),
        body,
        cut: 0,
    }
}

#[test]
fn words_stand_anywhere_and_all_of_them() {
    check("", &["", "anything"], &[]);
    check("timeout", &["timeout", "Timeouts", "a TIMEOUT!"], &["time out", ""]);
    check("timeout db", &["db: timeout", "timeout of the DB"], &["timeout", "db"]);
    check("timeout AND db", &["db: timeout"], &["timeout AND", "db"]);
}

#[test]
fn a_capital_makes_a_word_exact() {
    check("Timeout", &["Timeout", "aTimeouts"], &["timeout", "TIMEOUT"]);
    check("Timeout DB db", &["db DB Timeout"], &["db Timeout"]);
    check("straße", &["STRAßE"], &["STRASSE"]);
    check("Ärger", &["Ärger"], &["ärger"]);
    check("ärger", &["äRGER"], &["ÄRGER"]);
}

#[test]
fn quotes_make_a_phrase() {
    check(r#""connection refused""#, &["Connection refused by peer"], &["connection was refused"]);
    check(r#""say \"hi\" \\ C:\temp""#, &[r#"say "hi" \ C:\temp"#], &[r#"say \"hi\""#]);
    check(r#""-x" "OR" ":""#, &["-x OR :"], &["x OR :"]);
    check(r#""a"b"#, &["b a"], &["a"]);
}

#[test]
fn what_people_paste_is_text() {
    check("http://x/y", &["GET http://x/y"], &["http x/y"]);
    check("12:30:05", &["at 12:30:05"], &["12:30:06"]);
    check("localhost:8080", &["dial localhost:8080", r#"{"localhost":8080}"#], &["8080 localhost"]);
    check("error: refused", &["error: refused"], &["error refused"]);
    check("std::vec", &["std::vec::Vec"], &["std:vec"]);
    check(r"C:\temp", &[r"in C:\temp"], &[r"C:/temp"]);
    check("/var/log /healthz", &["GET /healthz /var/log"], &["GET /healthz"]);
    check("main() foo(bar)", &["foo(bar) in main()"], &["foo bar main"]);
    check("a - b", &["a - b"], &["a b"]);
    check("--force", &["rm --force"], &["rm force"]);
    check("say\"hi\"", &["say\"hi\""], &["say hi"]);
    check("// x", &["// x"], &["x"]);
    check("and or not", &["not and or"], &["and or"]);
}

#[test]
fn a_dash_negates() {
    check("-timeout", &["fine", ""], &["timeout"]);
    check("db -timeout", &["db is up"], &["db timeout", "up"]);
    check("db NOT timeout", &["db is up"], &["db timeout", "up"]);
    check(r#"-"a b" -/x+/ -(c OR d)"#, &["b a"], &["a b", "x", "c", "d"]);
    check("-(-a)", &["a"], &["b"]);
}

#[test]
fn or_binds_less_than_words() {
    check("a1 OR b1 c1", &["a1", "b1 c1"], &["b1", "c1"]);
    check("(a1 OR b1) c1", &["a1 c1", "b1 c1"], &["a1", "c1"]);
    check("(a1 OR b1 OR -c1) (d1)", &["d1", "d1 c1 b1"], &["d1 c1"]);
}

#[test]
fn slashes_make_a_regex() {
    check(r"/time(d )?out/", &["timeout", "it timed out"], &["Timeout"]);
    check(r"/^GET .* 5\d\d$/i", &["get /x 500"], &["get /x 500 "]);
    check(r"/a\/b/", &["a/b"], &["ab"]);
    check(r"/kiss/i", &["KISS"], &["\u{212a}iss"]);
    check("/a b/ c", &["c a b"], &["a b"]);
    check(r"/[^a]b/", &["xb"], &["b", "ab"]);
    check("/x$/", &["x"], &["xy"]);
}

#[test]
fn fields_of_json() {
    let line = r#"{"status":503,"ok":true,"none":null,"msg":"Connection \"lost\"","http":{"path":"/api/v1","Method":"GET"},
        "a.b":{"c":"deep"},"tags":["prod","eu"],"items":[{"id":7},{"id":8}],"x":1,"x":2,"empty":"","umlaut":"\u00e4","slash":"a\/b"}"#;
    for query in [
        "status:503",
        "ok:true",
        "none:null",
        r#"msg:"connection \"lost\"""#,
        "http.path:/api/v1",
        "http.path:/api/*",
        "http.method:get",
        "http.Method:GET",
        "a.b.c:deep",
        "tags:eu",
        "items.id:8",
        "x:1",
        "x:2",
        r#"empty:"""#,
        "http:*",
        "tags:*",
        "msg:con*lost*",
        "msg:/^Conn/",
        "umlaut:ä",
        "slash:a/b",
        "status:>=500",
        "status:<504",
        "-status:>503",
        "-nothing:*",
        "-http.method:POST",
        ".status:503",
    ] {
        let others = ["status 503 none"];
        check(query, &[line], if query.starts_with('-') { &[] } else { &others });
    }
    for query in [
        "status:50",
        "status:>503",
        "http.Method:Get",
        "http:GET",
        "path:/api/v1",
        "a.c:deep",
        "tags:Eu",
        "http.path:*v2",
    ] {
        check(query, &[], &[line]);
    }
}

#[test]
fn fields_of_logfmt() {
    let line = r#"INFO done method=GET path=/api/v1 status=200, took=1.5s size=12MiB msg="all \"good\" now" req.id=7"#;
    for query in [
        "method:get",
        "method:GET",
        "path:/api/*",
        "status:200",
        "took:>1s",
        "took:<=1500ms",
        "size:>10MB",
        "size:<1GiB",
        r#"msg:"all \"good\" now""#,
        "req.id:7",
        "req.id:*",
    ] {
        check(query, &[line], &["method path status took size msg"]);
    }
    for query in ["status:20", "took:>2s", "took:>1", "method:Get", "id:7", "good:*"] {
        check(query, &[], &[line]);
    }
    check(
        "user:bob",
        &[r#"2026-11-21 INFO logged in {"user": "bob", "n": 1}"#],
        &[r#"in {"user": "alice"} bob"#],
    );
}

#[test]
fn levels_streams_and_facts() {
    check("level:error", &["ERROR x", r#"{"level":"error"}"#], &["WARN x", "error-free", "FATAL: x"]);
    check("level:>=warn", &["WARN x", "FATAL: x"], &["INFO x", "x"]);
    check("level:<warn", &["INFO x"], &["WARN x", "x"]);
    check("level:none", &["x"], &["INFO x"]);
    check("-level:none", &["INFO x"], &["x"]);
    check("level:*", &["INFO x"], &["x"]);
    check("stream:stderr", &["x"], &[]);
    check("stream:stdout", &[], &["x"]);
    check("container:shop-web-1 service:web stack:sh*", &["x"], &[]);
    check("container:shop-Web-*", &["x"], &[]);
    check("container:web", &[], &["x"]);
    check("-stack:*", &[], &["x"]);
}

#[test]
fn coloured_lines_are_found_by_their_visible_text() {
    let line = "\u{1b}[2m2026\u{1b}[0m \u{1b}[32mINFO\u{1b}[0m \u{1b}[3mstatus\u{1b}[0m\u{1b}[2m=\u{1b}[0m500 d\u{1b}[1mone";
    check("2026", &[line], &[]);
    check("\"info status=500\"", &[line], &[]);
    check("done status:500 /=5\\d+ done$/", &[line], &[]);
    check("32m", &[], &[line]);
}

/// The errors as a user sees them: the query, what is marked, and the sentence.
#[track_caller]
fn check_errors(sources: &[&str], expected: expect_test::Expect) {
    let mut shown = String::new();
    for source in sources {
        let error = Query::parse(source).expect_err(source);
        let marks = format!("{}{}", " ".repeat(error.position_chars), "^".repeat(error.length.max(1)));
        shown.push_str(&format!("{source}\n{marks}\n{error}\n"));
    }
    expected.assert_eq(&shown);
}

#[test]
fn errors_of_groups_say_where_and_what_to_do() {
    check_errors(
        &["(a (b)", "a) b", "a ( )", "a OR", "OR a", "a OR OR b", "(a AND)", "NOT"],
        expect_test::expect![[r#"
            (a (b)
            ^
            this parenthesis is not closed (at character 1); add ")" where the group ends, or put it in quotes to search for it: "("
            a) b
             ^
            this parenthesis closes nothing (at character 2); take it away, or put it in quotes to search for it: ")"
            a ( )
              ^^^
            nothing stands in these parentheses (at character 3); write what belongs together in them, or put them in quotes to search for them: "()"
            a OR
              ^^
            something is missing after OR (at character 3); write a word after it, or "OR" in quotes to search for it
            OR a
            ^^
            something is missing before OR (at character 1); write a word before it, or "OR" in quotes to search for it
            a OR OR b
              ^^
            something is missing after OR (at character 3); write a word after it, or "OR" in quotes to search for it
            (a AND)
               ^^^
            something is missing after AND (at character 4); write a word after it, or "AND" in quotes to search for it
            NOT
            ^^^
            something is missing after NOT (at character 1); write a word after it, or "NOT" in quotes to search for it
        "#]],
    );
}

#[test]
fn errors_of_terms_say_where_and_what_to_do() {
    check_errors(
        &[
            "ä \"open",
            "\"\"",
            "ä /a(b/",
            r"/(\w{100}){100}/",
            "level:",
            "level:wran",
            "level:>none",
            "stream:both",
            "container:",
            "took:>soon",
        ],
        expect_test::expect![[r#"
            ä "open
              ^
            this quote is not closed (at character 3); add " where the text ends, or write "\"" to search for a quote
            ""
            ^^
            nothing stands between these quotes (at character 1); write the text to search for between them
            ä /a(b/
                ^
            this regex is not valid: unclosed group (at character 5); mend it, or use quotes to search for it as text
            /(\w{100}){100}/
            ^^^^^^^^^^^^^^^^
            this regex is too large (at character 1); repeat less or use narrower classes: compiled it may have 1048576 bytes
            level:
            ^^^^^^
            level: needs a value (at character 1); levels are trace, debug, info, warn, error, fatal and none: level:error, level:>=warn
            level:wran
            ^^^^^^^^^^
            wran is no level (at character 1); levels are trace, debug, info, warn, error, fatal and none: level:error, level:>=warn
            level:>none
            ^^^^^^^^^^^
            >none is no level (at character 1); levels are trace, debug, info, warn, error, fatal and none: level:error, level:>=warn
            stream:both
            ^^^^^^^^^^^
            this is no stream (at character 1); streams are stdout and stderr: stream:stderr
            container:
            ^^^^^^^^^^
            container: needs a value (at character 1); write container:web, container:web-* or container:*
            took:>soon
            ^^^^^^^^^^
            only numbers, durations and sizes can be compared (at character 1); write status:>=500, took:>1.5s or size:<10MB; put it in quotes to search for it as text
        "#]],
    );
}

#[test]
fn bounds_are_told() {
    let check = |source: String, message: &str| {
        assert_eq!(Query::parse(&source).expect_err(message).message, message);
    };
    check("a".repeat(QUERY_BYTES_MAX + 1), "the query is too long");
    check("(".repeat(1000), "too many groups in each other");
    check("NOT ".repeat(1000), "too many groups in each other");
    check("-(".repeat(100), "too many groups in each other");
    check("a ".repeat(QUERY_TERMS_MAX + 1), "the query has too many terms");
    check("/a/ ".repeat(QUERY_REGEXES_MAX + 1), "the query has too many regexes");
    check(
        format!("/{}{}/", "(".repeat(200), ")".repeat(200)),
        "this regex is not valid: exceed the maximum number of nested parentheses/brackets (64)",
    );
    assert!(Query::parse(&format!("{}a{}", "(".repeat(64), ")".repeat(64))).is_ok());
}

#[test]
fn a_query_is_shown_in_its_shortest_form() {
    let check =
        |source: &str, shown: &str| assert_eq!(Query::parse(source).expect(source).to_string(), shown);
    check("  a   (b)  ((c d)) ", "a b c d");
    check("(a OR (b OR c)) AND NOT d", "(a OR b OR c) -d");
    check("(a b) OR -(c OR d)", "(a b) OR -(c OR d)");
    check("\"word\" \"two words\" http://x -\"-\"", "word \"two words\" \"http://x\" -\"-\"");
    check("level:>=WARN stream:STDERR container:web-*", "level:>=WARN stream:stderr container:web-*");
    check(".level:30 .status:>=500 a:\"b\" a:* a:/x/i", ".level:30 status:>=500 a:\"b\" a:* a:/x/i");
    check("", "");
}

#[test]
fn necessary_conditions_prune() {
    let check = |source: &str, expected: &str| {
        let necessary = Query::parse(source).expect(source).necessary();
        assert_eq!(shown(&necessary), expected, "{source}");
    };
    check("", "any");
    check("time Out", "time~ Out");
    check("a OR (b c)", "(a~ | b~ c~)");
    check("a OR -b", "any");
    check("-(a OR level:error)", "0-16,21-24");
    check("-(level:error OR stream:stdout)", "0-16,21-24 stderr");
    check("level:>=warn a", "13-24 a~");
    check("level:error OR level:none", "(17-20 | 0)");
    check("-level:* level:<trace", "nothing");
    check("status:500 -x", "500~ status~");
    check("http.path:/api/v1/items", "items~ api~ v1~ http~ path~");
    check("host:10.0.0.1", "10.0.0.1~ host~");
    check("Status:>=500", "Status");
    check("msg:*time*out", "time~ out~ msg~");
    check("msg:\"größer\"", "gr~ er~ msg~");
    check("/time(d )?out/", "time out");
    check("/timeout/i", "timeout~");
    check("/kiss|Bliss/i", "(kiss~ | bliss~)");
    check(r"/^GET \/api\/\d+ (200|304)$/", "GET /api/   (200 | 304)");
    check("/(ab)+c*/", "ab");
    check(r"/\d+/", "any");
    check(r"/\n/", "nothing");
    check("container:web a", "a~");
}

#[test]
fn facts_leave_logs_out() {
    let query = Query::parse("(container:web-* OR stack:shop timeout) -service:db").expect("a query");
    let check = |container, stack, service, expected: &str| {
        assert_eq!(shown(&query.necessary_in(&Facts { container, stack, service })), expected);
    };
    check("web-1", "", "", "any");
    check("db-1", "shop", "", "timeout~");
    check("db-1", "", "", "nothing");
    check("web-1", "shop", "db", "nothing");
}

fn shown(necessary: &Necessary) -> String {
    let all = |all: &[Necessary], between: &str| all.iter().map(shown).collect::<Vec<_>>().join(between);
    match necessary {
        Necessary::Any => "any".to_owned(),
        Necessary::Nothing => "nothing".to_owned(),
        Necessary::Literal { bytes, folded } => {
            format!("{}{}", String::from_utf8_lossy(bytes), if *folded { "~" } else { "" })
        }
        Necessary::Severity(set) => {
            let numbers: Vec<u8> = set.iter().map(crate::Severity::number).collect();
            let runs = numbers.chunk_by(|a, b| a + 1 == *b);
            let run = |run: &[u8]| match run {
                [one] => one.to_string(),
                run => format!("{}-{}", run[0], run[run.len() - 1]),
            };
            runs.map(run).collect::<Vec<_>>().join(",")
        }
        Necessary::Stream(stream) => stream.as_str().to_owned(),
        Necessary::And(conditions) => all(conditions, " "),
        Necessary::Or(conditions) => format!("({})", all(conditions, " | ")),
    }
}

#[test]
fn highlights_are_what_was_found() {
    let check = |source: &str, body: &str, expected: &[&str]| {
        let visible = crate::ansi::strip(body);
        let ranges = Query::parse(source).expect(source).highlights(body);
        let found: Vec<&str> = ranges.into_iter().map(|range| &visible[range]).collect();
        assert_eq!(found, expected, "{source} in {body}");
    };
    check("time -out", "Time out time", &["Time", "time"]);
    check("aa b a", "aaab", &["aaab"]);
    check(r"/\d+/ OR x", "12 x 3", &["12", "x", "3"]);
    check("status:>=500", r#"{"status":503,"x":503}"#, &["503"]);
    check("tags:e*", r#"{"tags":["eu","us","east"]}"#, &["eu", "east"]);
    check("localhost:80", "dial localhost:80", &["localhost:80"]);
    check("level:error", "ERROR x", &[]);
    check("red", "a \u{1b}[31mr\u{1b}[0med", &["red"]);
    check("--a", "--a", &["--a"]);
}

#[test]
fn a_finder_looks_at_all_lines_at_once_and_never_across_two() {
    let mut batch = crate::RecordBatch::new();
    for body in ["a time", "out", "", "TimeOut \u{1b}[1mnow\u{1b}[0m", "timed out", "status=500"] {
        batch.push_str(Timestamp(0), IoStream::Stdout, crate::Severity::INFO, body, 0);
    }
    let check = |source: &str, expected: &[usize], exact: bool| {
        let finder = Query::parse(source).expect(source).finder().expect(source);
        let mut haystack = Haystack::new();
        // Plain lines are searched where they are, the others where they were laid out.
        for (count, bodies) in [(batch.len(), &batch), (3, &plain_part(&batch))] {
            let found: Vec<usize> = finder.lines(bodies, &mut haystack).collect();
            let expected: Vec<usize> = expected.iter().copied().filter(|index| *index < count).collect();
            assert_eq!(found, expected, "{source}");
        }
        assert_eq!(finder.is_exact(), exact, "{source}");
    };
    check("timeout", &[3], true);
    check("time", &[0, 3, 4], true);
    check("Time", &[3], true);
    check("\"out now\"", &[3], true);
    check("/^/", &[0, 1, 2, 3, 4, 5], true);
    check(r"/^\w+$/", &[1], true);
    check("/^out|now$/", &[1, 3], true);
    check("/time(d )?out/", &[0, 4], false);
    check("timed -x", &[4], false);
    check("timed OR \"timeout now\"", &[3, 4], false);
    check("status:500", &[5], false);
    assert!(Query::parse("-a").expect("a query").finder().is_none());
    assert!(Query::parse("level:error OR a").expect("a query").finder().is_none());
}

fn plain_part(batch: &crate::RecordBatch) -> crate::RecordBatch {
    let mut part = crate::RecordBatch::new();
    part.extend_from(batch, 0..3);
    part
}
