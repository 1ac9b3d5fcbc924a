//! Groups of lines as programs write them. In the samples `>` stands before a head, `|` before what continues it.

use proptest::prelude::*;

use super::*;
use crate::{IoStream, severity_of};

fn batch_of<'a>(lines: impl IntoIterator<Item = &'a str>) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for (index, line) in lines.into_iter().enumerate() {
        batch.push_str(Timestamp(index as i64 * 1_000), IoStream::Stderr, severity_of(line), line, 0);
    }
    batch
}

/// Every line of `sample` after its mark; the severity that all lines of a group end with stands before its first.
#[track_caller]
fn check(sample: &str) {
    let lines: Vec<&str> = sample.trim_matches('\n').lines().collect();
    let bodies = lines.iter().map(|line| line.split_once(['>', '|']).map_or("", |(_, body)| body));
    let mut out = Vec::new();
    Grouper::new().push_batch(&batch_of(bodies.clone()), &mut out);
    let (mut head, mut shown) = (Severity::UNSPECIFIED, Vec::new());
    for (grouped, body) in out.iter().zip(bodies) {
        match grouped.place {
            Place::Head => {
                head = grouped.severity;
                shown.push(format!("{}>{body}", head.name()));
            }
            Place::Continuation { .. } if grouped.severity == head => shown.push(format!("|{body}")),
            Place::Continuation { .. } => shown.push(format!("{}|{body}", grouped.severity.name())),
        }
    }
    assert_eq!(shown.join("\n"), lines.join("\n"));
}

#[test]
fn java() {
    check(
        r#"
info>2026-11-21 14:02:07.113  INFO 1 --- [main] c.e.App : started
error>2026-11-21 14:02:08.113 ERROR 1 --- [nio-1] o.a.c.c.C.[.[.[/] : Servlet.service() threw exception
|java.lang.IllegalStateException: boom
|	at com.example.App.run(App.java:10)
|	at java.base/java.lang.Thread.run(Thread.java:833)
|	Suppressed: java.io.IOException: close
|		at com.example.App.close(App.java:20)
|Caused by: java.sql.SQLException: gone
|	at com.example.Db.query(Db.java:30) ~[app.jar:1.0]
|	... 12 common frames omitted
|Caused by: java.net.SocketTimeoutException
|	... 20 more
info>2026-11-21 14:02:09.113  INFO 1 --- [main] c.e.App : next
error>Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()"
|	at App.main(App.java:3)
error>java.lang.OutOfMemoryError: Java heap space
|	at java.base/java.util.Arrays.copyOf(Arrays.java:3537)
>done
>java.lang.Foo is a class
"#,
    );
}

#[test]
fn python() {
    check(
        r#"
error>ERROR:root:request failed
|Traceback (most recent call last):
|  File "/app/main.py", line 10, in handle
|    run(request)
|    ^^^^^^^^^^^^
|  File "/app/main.py", line 4, in run
|    raise KeyError("a")
|KeyError: 'a'
|
|During handling of the above exception, another exception occurred:
|
|Traceback (most recent call last):
|  File "/app/main.py", line 12, in <module>
|    handle(None)
|app.errors.Failed: no a
info>INFO:root:next
error>Traceback (most recent call last):
|  File "<stdin>", line 1, in <module>
|ZeroDivisionError: division by zero
>plain line
error>  + Exception Group Traceback (most recent call last):
|  |   File "/app/x.py", line 3, in <module>
|  |     raise ExceptionGroup("many", errors)
|  | ExceptionGroup: many (2 sub-exceptions)
|  +-+---------------- 1 ----------------
|    | ValueError: 1
|    +------------------------------------
>plain line
"#,
    );
}

#[test]
fn go() {
    check(
        r#"
fatal>panic: runtime error: index out of range [5] with length 3
|
|goroutine 1 [running]:
|main.main()
|	/app/main.go:8 +0x1d
|exit status 2
info>2026/11/21 14:02:07 INFO next
fatal>panic: a [recovered]
|	panic: b
|[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45]
|
|goroutine 18 [running]:
|net/http.(*conn).serve.func1(0xc0000b4000)
|	/usr/local/go/src/net/http/server.go:1850 +0xbf
|panic({0x6d3ba0, 0xc00001c0f0})
|	/usr/local/go/src/runtime/panic.go:884 +0x213
|created by net/http.(*Server).Serve
|	/usr/local/go/src/net/http/server.go:3102 +0x4db
|
|goroutine 5 [chan receive, 3 minutes]:
|main.wait(...)
|	/app/main.go:20 +0x11
>done
fatal>fatal error: all goroutines are asleep - deadlock!
|
|goroutine 1 [chan receive]:
|main.main()
|	/app/main.go:5 +0x2d
"#,
    );
}

#[test]
fn rust() {
    check(
        r#"
error>thread 'main' panicked at src/main.rs:2:5:
|called `Result::unwrap()` on an `Err` value: Os { code: 2 }
|stack backtrace:
|   0: rust_begin_unwind
|             at /rustc/8d1e/library/std/src/panicking.rs:697:5
|   1: app::main
|note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
>plain
error>thread 'tokio-runtime-worker' panicked at 'old style', src/main.rs:2:5
|note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
error>Error: read config
|
|Caused by:
|    0: open file
|    1: No such file or directory (os error 2)
>next
"#,
    );
}

#[test]
fn node() {
    check(
        r#"
error>/app/index.js:3
|throw new Error("boom");
|^
|
|Error: boom
|    at Object.<anonymous> (/app/index.js:3:7)
|    at node:internal/main/run_main_module:23:47 {
|  code: 'E_BOOM'
|}
|
|Node.js v20.10.0
>plain
error>TypeError: Cannot read properties of undefined (reading 'x')
|    at /app/server.js:10:5
|    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
>Server listens
"#,
    );
}

#[test]
fn dotnet() {
    check(
        r#"
error>Unhandled exception. System.InvalidOperationException: outer
| ---> System.IO.FileNotFoundException: inner
|   at App.Read(String path) in /src/Program.cs:line 12
|   --- End of inner exception stack trace ---
|   at App.Main(String[] args) in /src/Program.cs:line 5
|--- End of stack trace from previous location ---
|   at App.<Main>$(String[] args)
error>fail: Microsoft.AspNetCore.Server.Kestrel[13]
|      Connection id "0HM" failed
|      System.NullReferenceException: Object reference not set
|         at App.Handle() in /src/Program.cs:line 3
info>info: Microsoft.Hosting.Lifetime[0]
|      Application started.
"#,
    );
}

#[test]
fn ruby_and_php() {
    check(
        r#"
error>app.rb:2:in `fail': boom (RuntimeError)
|	from app.rb:5:in `run'
|	from app.rb:8:in `<main>'
fatal>PHP Fatal error:  Uncaught Exception: boom in /app/x.php:3
|Stack trace:
|#0 /app/x.php(7): f()
|#1 {main}
|  thrown in /app/x.php on line 3
"#,
    );
}

#[test]
fn indented_lines_continue_and_others_do_not() {
    check(
        r#"
info>2026-11-21 14:02:07 INFO config:
|  a: 1
|  b:
|    c: 2
info>2026-11-21 14:02:07 INFO request {
|  "a": [
|    1
|  ]
|}
>plain
>
>  indented after a blank line
info>   INFO level of its own
warn>   WARN another
>}
"#,
    );
}

fn record(at_ms: i64, iostream: IoStream, body: &str) -> RecordRef<'_> {
    RecordRef { timestamp: Timestamp(at_ms * 1_000_000), iostream, severity: severity_of(body), body, cut: 0 }
}

#[test]
fn streams_are_kept_apart() {
    let mut grouper = Grouper::new();
    let mut push = |iostream, body| grouper.push(&record(0, iostream, body));
    assert_eq!(push(IoStream::Stderr, "ERROR x").place, Place::Head);
    assert_eq!(push(IoStream::Stdout, "GET / 200").place, Place::Head);
    assert_eq!(push(IoStream::Stderr, "\tat a.b(C.java:1)").place, Place::Continuation { head_offset: 2 });
    assert_eq!(push(IoStream::Stdout, "GET / 200").place, Place::Head);
    let last = push(IoStream::Stderr, "\tat a.b(C.java:2)");
    assert_eq!(last.place, Place::Continuation { head_offset: 4 });
    assert_eq!((last.severity, last.raised), (Severity::ERROR, false));
}

#[test]
fn a_pause_ends_a_group() {
    let place = |pause_ms| {
        let mut grouper = Grouper::new();
        grouper.push(&record(10_000, IoStream::Stdout, "x"));
        grouper.push(&record(10_000 + pause_ms, IoStream::Stdout, "  y")).place
    };
    assert_eq!(place(GROUP_PAUSE_MS_MAX), Place::Continuation { head_offset: 1 });
    assert_eq!(place(GROUP_PAUSE_MS_MAX + 1), Place::Head);
    // A clock that stepped back.
    assert_eq!(place(-GROUP_PAUSE_MS_MAX - 1), Place::Head);
}

#[test]
fn a_gap_ends_a_group() {
    let mut grouper = Grouper::new();
    grouper.push(&record(0, IoStream::Stdout, "x"));
    grouper.interrupt();
    assert_eq!(grouper.push(&record(0, IoStream::Stdout, "  y")).place, Place::Head);
}

#[test]
fn a_trace_without_a_level_raises_what_came_before() {
    let mut grouper = Grouper::new();
    let mut push = |body| grouper.push(&record(0, IoStream::Stdout, body));
    assert_eq!(push("com.acme.Oops: x").severity, Severity::UNSPECIFIED);
    let frame = push("\tat a.b(C.java:1)");
    assert_eq!((frame.severity, frame.raised), (Severity::ERROR, true));
    let frame = push("\tat a.b(C.java:2)");
    assert_eq!((frame.severity, frame.raised), (Severity::ERROR, false));
}

#[test]
fn an_own_pattern_tells_heads() {
    let pattern = HeadPattern::new(r"^\[\d+\]").expect("a regex");
    let mut grouper = Grouper::with_pattern(pattern);
    let mut push = |body| grouper.push(&record(0, IoStream::Stdout, body));
    assert_eq!(push("[1] ERROR a").place, Place::Head);
    let second = push("plain");
    assert_eq!((second.place, second.severity), (Place::Continuation { head_offset: 1 }, Severity::ERROR));
    assert_eq!(push("  [2] indented").place, Place::Continuation { head_offset: 2 });
    assert_eq!(push("\u{1b}[32m[2]\u{1b}[0m b").place, Place::Head);
    assert_eq!(HeadPattern::new("").unwrap_err(), HeadPatternError::Empty);
    assert_eq!(HeadPattern::new(&"a".repeat(1025)).unwrap_err(), HeadPatternError::TooLong);
    assert!(HeadPattern::new("(").is_err());
}

#[test]
fn a_group_is_cut_at_its_bounds_and_keeps_its_level() {
    let mut grouper = Grouper::new();
    let mut heads = Vec::new();
    for index in 0..2_500 {
        let body = if index == 0 { "ERROR x" } else { "\tat a.b(C.java:1)" };
        let grouped = grouper.push(&record(0, IoStream::Stdout, body));
        assert_eq!(grouped.severity, Severity::ERROR);
        if grouped.place == Place::Head {
            heads.push(index);
        }
    }
    assert_eq!(heads, [0, 1_000, 2_000]);
    let long = format!("\t{}", "x".repeat(100_000));
    let lines = [&long[..]; 4];
    let mut out = Vec::new();
    Grouper::new().push_batch(&batch_of(lines), &mut out);
    let heads: Vec<usize> = (0..4).filter(|index| out[*index].place == Place::Head).collect();
    assert_eq!(heads, [0, 2], "two lines of 100 kB fit");
}

fn lines() -> impl Strategy<Value = (String, bool, i64)> {
    let line = prop::sample::select(vec![
        "INFO x",
        "ERROR x",
        "plain",
        "",
        "  indented",
        "\tat a.b(C.java:1)",
        "Caused by: x.Y",
        "java.lang.FooException: x",
        "Traceback (most recent call last):",
        "  File \"x\", line 1, in y",
        "ValueError: x",
        "panic: x",
        "goroutine 1 [running]:",
        "main.main()",
        "thread 'main' panicked at x.rs:1:1:",
        "note: x",
        "/a/b.js:3",
        "^",
        "}",
        "Stack trace:",
        "#0 x",
        "\u{1b}[31m\tat x.y(Z)\u{1b}[0m",
        "ä",
        "During handling of the above exception, another exception occurred:",
    ]);
    (line.prop_map(str::to_owned), any::<bool>(), prop_oneof![5 => 0..500_i64, 1 => -2_000..2_000_i64])
}

fn batch_of_lines(lines: &[(String, bool, i64)]) -> RecordBatch {
    let (mut batch, mut now) = (RecordBatch::new(), 0);
    for (line, stderr, pause_ms) in lines {
        now += pause_ms * 1_000_000;
        let stream = if *stderr { IoStream::Stderr } else { IoStream::Stdout };
        batch.push_str(Timestamp(now), stream, severity_of(line), line, 0);
    }
    batch
}

proptest! {
    #[test]
    fn groups_do_not_depend_on_batches(lines in prop::collection::vec(lines(), 0..60), cut in any::<prop::sample::Index>()) {
        let batch = batch_of_lines(&lines);
        let mut one = Grouper::new();
        let whole: Vec<Grouped> = batch.iter().map(|record| one.push(&record)).collect();
        let cut = cut.index(batch.len() + 1);
        let (mut halves, mut grouper, mut out) = (Vec::new(), Grouper::new(), Vec::new());
        for range in [0..cut, cut..batch.len()] {
            let mut half = RecordBatch::new();
            half.extend_from(&batch, range);
            grouper.push_batch(&half, &mut out);
            halves.extend(out.iter().map(|grouped| grouped.place));
        }
        prop_assert_eq!(whole.iter().map(|grouped| grouped.place).collect::<Vec<_>>(), halves);
    }

    #[test]
    fn a_continuation_follows_its_head_on_its_stream(lines in prop::collection::vec(lines(), 0..60)) {
        let batch = batch_of_lines(&lines);
        let mut out = Vec::new();
        Grouper::new().push_batch(&batch, &mut out);
        let mut heads = [None, None];
        for (index, grouped) in out.iter().enumerate() {
            let record = batch.get(index);
            let head = &mut heads[record.iostream.index()];
            match grouped.place {
                Place::Head => *head = Some(index),
                Place::Continuation { head_offset } => {
                    prop_assert!(head_offset <= GROUP_RECORDS_MAX);
                    prop_assert_eq!(*head, Some(index - head_offset as usize));
                }
            }
            // What names a level keeps it, so that blocks can be pruned by what their lines name.
            prop_assert!(record.severity == Severity::UNSPECIFIED || grouped.severity == record.severity);
        }
    }

    #[test]
    fn grouping_from_where_a_look_back_ends_is_as_from_the_beginning(lines in prop::collection::vec(lines(), 1..80)) {
        let batch = batch_of_lines(&lines);
        let (mut whole, mut grouper) = (Vec::new(), Grouper::new());
        grouper.push_batch(&batch, &mut whole);
        let head_of = |grouped: &Grouped, at: usize| match grouped.place {
            Place::Head => at,
            Place::Continuation { head_offset } => at - head_offset as usize,
        };
        for (wanted, grouped) in whole.iter().enumerate() {
            let own: Vec<usize> =
                (0..=wanted).filter(|at| batch.iostreams()[*at] == batch.iostreams()[wanted]).collect();
            let mut lookback = Grouper::new().lookback();
            let before = own.iter().rev().find_map(|at| lookback.push(&batch.get(*at)));
            let start = own.len() - 1 - before.unwrap_or(own.len() - 1);
            let (mut grouper, mut passed, mut last) = (Grouper::new(), own[start], None);
            for at in &own[start..] {
                grouper.pass((at - passed) as u32);
                passed = at + 1;
                last = Some(head_of(&grouper.push(&batch.get(*at)), *at));
            }
            prop_assert_eq!(last, Some(head_of(grouped, wanted)), "{}", wanted);
        }
    }

    #[test]
    fn an_error_without_a_level_has_a_mark(lines in prop::collection::vec(lines(), 0..60)) {
        let batch = batch_of_lines(&lines);
        let mut out = Vec::new();
        Grouper::new().push_batch(&batch, &mut out);
        let named = batch.iter().any(|record| record.severity >= Severity::ERROR);
        let raised = out.iter().any(|grouped| grouped.severity == Severity::ERROR);
        let marked = batch.iter().any(|record| {
            let text = ansi::strip(record.body);
            TRACE_MARKS.iter().any(|mark| text.contains(mark))
        });
        prop_assert!(named || !raised || marked);
    }

    #[test]
    fn no_text_panics(bodies in prop::collection::vec("\\PC{0,30}|[ \\t]{0,2}[a-z.:(){}/#^]{0,12}", 0..20)) {
        let mut out = Vec::new();
        Grouper::new().push_batch(&batch_of(bodies.iter().map(String::as_str)), &mut out);
        prop_assert_eq!(out.len(), bodies.len());
    }
}
