use proptest::prelude::*;

use super::*;

/// `LEVEL> line`, one a line; `-` for none. `\e` stands for ESC, `\t` for a tab.
fn check(table: &str) {
    let mut wrong = Vec::new();
    for row in table.lines().filter(|row| !row.trim().is_empty()) {
        let (level, line) = row.trim_start().split_once("> ").unwrap();
        let line = line.replace("\\e", "\u{1b}").replace("\\t", "\t");
        let severity = severity_of(&line);
        let shown = match severity {
            Severity::UNSPECIFIED => "-",
            Severity::INFO2 => "notice",
            Severity::ERROR2 => "critical",
            Severity::ERROR3 => "alert",
            other => other.name(),
        };
        if shown != level {
            wrong.push(format!("{shown} instead of {level}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_level_field_of_json_counts() {
    check(
        r#"
        info> {"level":"info","ts":1763733727.113,"caller":"main.go:10","msg":"started"}
        error> {"level":"ERROR","time":"2026-11-21T14:02:07Z","msg":"x"}
        warn> {"time":"2026-11-21T14:02:07Z","level":"WARN","msg":"x"}
        info> {"level":30,"time":1763733727113,"pid":1,"hostname":"a","msg":"pino"}
        trace> {"level":10,"msg":"x"}
        debug> {"name":"app","hostname":"a","pid":1,"level":20,"msg":"bunyan","v":0}
        fatal> {"level":60,"msg":"x"}
        error> { "msg" : "spaces" , "nested" : { "level" : "debug" , "a" : [ 1 , { } ] } , "level" : "error" }
        warn> {"@t":"2026-11-21T14:02:07Z","@mt":"x","@l":"Warning"}
        error> {"@level":"error","@message":"hclog","@module":"x"}
        critical> {"severity":"CRITICAL","message":"cloud"}
        notice> {"message":"cloud","severity":"NOTICE"}
        info> {"lvl":"info","msg":"x"}
        debug> {"log.level":"debug","@timestamp":"2026-11-21T14:02:07Z","message":"ecs"}
        warn> {"asctime":"x","levelname":"WARNING","message":"python"}
        error> {"message":"monolog","context":{},"level":400,"level_name":"ERROR","channel":"app"}
        info> {"Timestamp":"x","EventId":14,"LogLevel":"Information","Category":"x"}
        error> {"severityText":"ERROR","body":"x"}
        fatal> {"body":"x","severity_number":21}
        info> {"t":{"$date":"2026-11-21T14:02:07.113+00:00"},"s":"I","c":"NETWORK","id":1,"msg":"x"}
        debug> {"t":{"$date":"2026-11-21T14:02:07.113+00:00"},"s":"D2","c":"NETWORK","id":1,"msg":"x"}
        error> {"version":"1.1","host":"a","short_message":"gelf","level":3}
        error> {"msg":"a \"quoted\" level: \"debug\", and a long text behind it \\","level":"error"}
        error> {"MESSAGE":"journal","PRIORITY":"3"}
        debug> {"levelno":10,"msg":"x"}
        info> \e[32m{"level":"info"}\e[0m
        -> {"level":7,"player":"anna"}
        -> {"level":"high","water":"rising"}
        -> {"s":"E","grade":"bad"}
        -> {"msg":"error","nested":{"level":"error"}}
        -> {"errors":["level","error"],"error":"level"}
        -> {"status":"error","severity":3}
        -> {"level"
        -> {"a":{"level":"error"
        -> {}
        -> {error}
        "#,
    );
}

#[test]
fn a_level_among_logfmt_pairs_counts() {
    check(
        r#"
        info> time="2026-11-21T14:02:07.113Z" level=info msg="loading plugin" type=io.containerd
        warn> ts=2026-11-21T14:02:07.113Z caller=main.go:10 level=warn component=tsdb msg="slow \"x\" query"
        error> level=error msg="x"
        debug> t=2026-11-21T14:02:07Z lvl=dbug msg=x
        info> logger=context userId=0 t=2026-11-21T14:02:07Z level=info msg="Request Completed"
        warn> time=2026-11-21T14:02:07.113Z level=WARN msg=slog
        error> severity=ERROR msg=x
        error> 2026-11-21T14:02:07Z level=error msg=x
        info> [app] level=info msg=x
        critical> level="critical" msg=x
        -> errors=0 warnings=0
        -> msg="level=error" status=200
        -> level=5 player=anna
        -> error=none code=0
        -> the level=error was set
        -> a=b some words level=error
        "#,
    );
}

#[test]
fn a_level_word_before_the_message_counts() {
    check(
        r#"
        error> [error] connection refused
        error> [ERROR] connection refused
        warn> [warn] low
        error> ERROR connection refused
        error> ERROR: connection refused
        error> Error: Cannot find module 'x'
        info> INFO:     127.0.0.1:1234 - "GET / HTTP/1.1" 200 OK
        info> INFO:root:started
        warn> WARN - low on memory
        warn> WARNING  low on memory
        warn> Warning: low on memory
        warn> warning: unused variable: `x`
        fatal> panic: runtime error: index out of range
        fatal> fatal error: all goroutines are asleep - deadlock!
        info> info: Microsoft.Hosting.Lifetime[14]
        error> fail: Microsoft.AspNetCore.Server.Kestrel[13]
        critical> crit: Microsoft.AspNetCore.Server.Kestrel[0]
        debug> dbug: Microsoft.AspNetCore[1]
        error> SEVERE: x
        debug> FINE: x
        info> 2026-11-21 14:02:07 INFO started
        error> 2026-11-21 14:02:07,113 ERROR [main] c.e.App - failed
        info> 2026-11-21 14:02:07.113  INFO 1 --- [           main] c.e.App : Started App in 2 seconds
        info> 2026-11-21T14:02:07.113Z  INFO 1 --- [main] c.e.App : Started App
        debug> 14:02:07.113 [main] DEBUG c.e.App -- x
        info> INFO  [main] 2026-11-21 14:02:07,113 CassandraDaemon.java:500 - x
        warn> 2026-11-21 14:02:07,113 - app.main - WARNING - x
        info> 2026-11-21 14:02:07,113 - app - INFO - x
        info> 2026-11-21 14:02:07,113 app.main INFO x
        info> 2026-11-21 14:02:07.113 | INFO     | __main__:<module>:1 - x
        info> 2026-11-21T14:02:07.113456Z  INFO app::server: listening
        info> \e[2m2026-11-21T14:02:07.113456Z\e[0m \e[32m INFO\e[0m \e[2mapp\e[0m\e[2m:\e[0m listening
        warn> [2026-11-21T14:02:07Z WARN  app::server] x
        warn> [2026-11-21 14:02:07] [warn] x
        "#,
    );
}

#[test]
fn a_level_word_of_servers_and_services_counts() {
    check(
        r#"
        error> 2026/11/21 14:02:07 [error] 29#29: *1 open() "/x" failed (2: No such file or directory)
        notice> 2026/11/21 14:02:07 [notice] 1#1: start worker processes
        error> [Fri Nov 21 14:02:07.113456 2026] [core:error] [pid 1:tid 2] AH00126: Invalid URI
        notice> [Fri Nov 21 14:02:07.113456 2026] [mpm_event:notice] [pid 1:tid 2] AH00489: Apache configured
        error> 2026-11-21 14:02:07.113 UTC [33] ERROR:  relation "x" does not exist at character 15
        error> 2026-11-21 14:02:07.113 UTC [33] postgres@db ERROR:  relation "x" does not exist
        info> 2026-11-21 14:02:07.113 UTC [1] LOG:  database system is ready to accept connections
        fatal> 2026-11-21 14:02:07.113 UTC [34] FATAL:  password authentication failed for user "x"
        warn> 2026-11-21T14:02:07.113456Z 0 [Warning] [MY-010055] [Server] IP address could not be resolved
        info> 2026-11-21 14:02:07 0 [Note] InnoDB: Buffer pool(s) load completed
        info> 2026.11.21 14:02:07.113456 [ 1 ] {} <Information> Application: Ready for connections.
        info> 2026-11-21T14:02:07.113Z\tinfo\tmain.go:10\tstarted\t{"a": 1}
        error> 2026-11-21T14:02:07.113Z\t\e[31mERROR\e[0m\tmain.go:10\tx
        error> 1763733727.113\terror\tmain.go:10\tx
        info> 2026/11/21 14:02:07 INFO slog a=1
        error> 2026/11/21 14:02:07 main.go:10: ERROR: x
        info> INFO[0000] logrus
        info> \e[36mINFO\e[0m[0000] logrus
        info> \e[32minfo\e[39m: winston
        error> \e[31merror\e[0m something
        info> 2:02PM INF zerolog a=1
        warn> \e[90m2:02PM\e[0m \e[33mWRN\e[0m x
        info> [14:02:07 INF] serilog
        info> [14:02:07.113] INFO (1): pino-pretty
        info> 2026-11-21T14:02:07Z INF traefik
        info> 2026-11-21T14:02:07.113Z [INFO]  agent: hclog
        info> 2026-11-21 14:02:07.113456+00:00 [info] <0.1.0> rabbit
        info> [2026-11-21 14:02:07 +0000] [1] [INFO] Starting gunicorn
        warn> [2026-11-21 14:02:07,113: WARNING/MainProcess] celery
        info> [2026-11-21 14:02:07.113][1][info][main] [source/server/server.cc:1] envoy
        info> [2026-11-21T14:02:07,113][INFO ][o.e.n.Node               ] [node] started
        notice> [NOTICE]   (1) : haproxy
        notice> [21-Nov-2026 14:02:07] NOTICE: fpm is running, pid 1
        info> 21-Nov-2026 14:02:07.113 INFO [main] org.apache.catalina.startup.Catalina.start
        info> [Nest] 1  - 11/21/2026, 2:02:07 PM     LOG [NestFactory] Starting Nest application...
        error> [Nest] 1  - 11/21/2026, 2:02:07 PM   ERROR [ExceptionsHandler] x
        info> 2026-11-21 14:02:07,113 [myid:] - INFO  [main:QuorumPeerConfig@1] - x
        info> 2026-11-21 14:02:07.113 INFO (MainThread) [homeassistant.setup] x
        info> [I 2026-11-21 14:02:07.113 ServerApp] jupyter
        error> [2026-11-21T14:02:07.113456+00:00] app.ERROR: monolog {"a":1} []
        "#,
    );
}

#[test]
fn fixed_starts_count() {
    check(
        r#"
        error> E0412 14:02:07.113456       1 reflector.go:10] x
        info> I1121 14:02:07.113456       1 main.go:10] x
        warn> W20261121 14:02:07.113456  1234 glog.cc:10] x
        fatal> F1121 14:02:07.113456       1 main.go:10] x
        error> <3>kernel text
        debug> <7>text
        notice> <13>Nov 21 14:02:07 host app: x
        info> <30>1 2026-11-21T14:02:07Z host app - - - x
        info> I, [2026-11-21T14:02:07.113456 #1]  INFO -- : ruby
        error> E, [2026-11-21T14:02:07.113456 #1] ERROR -- : ruby
        warn> PHP Warning:  Undefined variable $x in /x.php on line 1
        fatal> PHP Fatal error:  Uncaught Error
        error> npm ERR! code ELIFECYCLE
        warn> npm warn deprecated x
        error> error[E0412]: cannot find type `X` in this scope
        -> <192>text
        -> <>text
        -> <12345>text
        -> E0412 is an error code of rustc
        -> E0412
        -> I1121
        "#,
    );
}

#[test]
fn words_of_a_message_are_no_level() {
    check(
        r#"
        -> no error found
        -> GET /error 200
        -> "GET /error HTTP/1.1" 200
        -> 172.17.0.1 - - [21/Nov/2026:14:02:07 +0000] "GET /error HTTP/1.1" 500 1234 "-" "curl/8"
        -> 172.17.0.1 - error [21/Nov/2026:14:02:07 +0000] "GET / HTTP/1.1" 200 12
        -> errors=0
        -> info about the product
        -> error connecting to the database
        -> warning signs were ignored
        -> debug mode is off
        -> Fatal attraction
        -> The ERROR was found
        -> Found 3 ERROR lines
        -> 5 ERROR lines in the file
        -> [app] 3 ERROR lines
        -> 2026-11-21 14:02:07 No ERROR found
        -> 2026-11-21 14:02:07 error connecting to the database
        -> 2026-11-21 14:02:07 200 GET /error
        -> 2026/11/21 14:02:07 http: TLS handshake error from 10.0.0.1:1: EOF
        -> TRACE /path HTTP/1.1
        -> ERROR_CODE=3
        -> DEBUG=1 npm start
        -> WARN_ON
        -> error: 0
        -> errors: 3
        -> debug: false
        -> trace: true
        -> error: null
        -> info:
        -> fine: as discussed
        -> FAIL tests/x.test.js
        -> <error>bad</error>
        -> <Error><Code>NoSuchKey</Code></Error>
        -> 1:M 21 Nov 2026 14:02:07.113 * Ready to accept connections
        -> Traceback (most recent call last):
        ->     at Object.<anonymous> (/app/error.js:10:5)
        ->   File "/app/info.py", line 10, in debug
        -> java.lang.IllegalStateException: ERROR: x
        -> (error) bad
        -> ["error","info"]
        -> 
        -> [
        -> [main] starting
        -> - error in the list
        -> | error | 3 |
        -> error
        -> ERRORS: 3
        -> informational text
        -> Nov 21 it was
        -> \e[31mred text\e[0m
        -> \e
        -> \e[
        -> \e[31
        -> Information is power
        -> 2026-11-21 14:02:07 Warning signs
        "#,
    );
}

#[test]
fn a_long_line_is_not_read_to_its_end() {
    let far = format!("{{\"message\":\"{}\",\"level\":\"error\"}}", "x".repeat(100_000));
    assert_eq!(severity_of(&far), Severity::UNSPECIFIED);
    assert_eq!(severity_of(&"[".repeat(100_000)), Severity::UNSPECIFIED);
    assert_eq!(severity_of(&format!("[{}] ERROR x", "a".repeat(1000))), Severity::UNSPECIFIED);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(text in "\\PC*") {
        severity_of(&text);
    }

    #[test]
    fn no_text_of_a_logs_pieces_panics(pieces in proptest::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", "\"level\"", ":", "\"", "error", "INFO", " ", "\u{1b}[", "31", "m", "2026-11-21", "14:02:07", "-", "|", "\t",
        "=", "level", "<", ">", "(", ")", ",", "\\", "ä", ".", "E0412", "LOG", "a.b", "\u{1b}",
    ]), 0..24)) {
        severity_of(&pieces.concat());
    }
}
