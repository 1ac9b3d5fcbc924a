use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{LineJoiner, Part, Severity, Timestamp};

/// 1,219 bytes as an RSA key of 2,048 bits has, in lines of 64.
pub(super) fn key_lines() -> Vec<String> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(alphabet[(state >> 26) as usize])
    };
    let body: String = (0..1_624).map(|_| next()).collect();
    let body = format!("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{}", &body[32..]);
    body.as_bytes().chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect()
}

fn pem() -> Vec<String> {
    let mut lines = key_lines();
    lines.insert(0, "-----BEGIN PRIVATE KEY-----".to_owned());
    lines.push("-----END PRIVATE KEY-----".to_owned());
    lines
}

fn batch_of(lines: &[(IoStream, String)]) -> RecordBatch {
    let mut batch = RecordBatch::new();
    for (index, (stream, line)) in lines.iter().enumerate() {
        batch.push(Timestamp(index as i64), *stream, Severity::UNSPECIFIED, line.as_bytes(), 0);
    }
    batch
}

fn bodies(batch: &RecordBatch) -> Vec<String> {
    batch.iter().map(|record| record.body.to_owned()).collect()
}

fn redact(redactor: &Redactor, lines: &[impl AsRef<str>]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(|line| (IoStream::Stdout, line.as_ref().to_owned())).collect();
    bodies(&LogRedactor::new(redactor).batch(batch_of(&lines)))
}

fn one(line: &str) -> String {
    redact(&Redactor::default(), &[line]).remove(0)
}

fn check(lines: &[&str], expected: Expect) {
    let shown: String = lines.iter().map(|line| one(line) + "\n").collect();
    expected.assert_eq(&shown);
}

#[test]
fn bearer_tokens() {
    check(
        &[
            "GET /items Authorization: Bearer mF_9.B5f-4.1JqM",
            "curl -H 'authorization: bearer abcd' x",
            r#"{"headers":{"Authorization":["Bearer 0123456789abcdef"]},"n":1}"#,
            r#"{"msg":"{\"authorization\":\"Bearer 0123456789abcdef\"}"}"#,
            "bearer=c2VjcmV0LXRva2VuLTE= ok",
            "bearerToken: 'c2VjcmV0LXRva2VuLTE=' ok",
            "sent Bearer 5f4dcc3b5aa765d61d8327deb882cf99.",
        ],
        expect![[r#"
            GET /items Authorization: Bearer [redacted: bearer token]
            curl -H 'authorization: bearer [redacted: bearer token]' x
            {"headers":{"Authorization":["Bearer [redacted: bearer token]"]},"n":1}
            {"msg":"{\"authorization\":\"Bearer [redacted: bearer token]\"}"}
            bearer=[redacted: bearer token] ok
            bearerToken: '[redacted: bearer token]' ok
            sent Bearer [redacted: bearer token]
        "#]],
    );
}

#[test]
fn a_painted_bearer_token() {
    let line = |token: &str| format!("\u{1b}[36mAuthorization:\u{1b}[0m Bearer \u{1b}[32m{token}\u{1b}[0m");
    assert_eq!(one(&line("abcdef123456")), line("[redacted: bearer token]"));
}

#[test]
fn json_web_tokens() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    assert_eq!(one(&format!("id_token={token}&x=1")), "id_token=[redacted: JSON web token]&x=1");
    assert_eq!(
        one(&format!("Authorization: Bearer {token}")),
        "Authorization: Bearer [redacted: bearer token]"
    );
}

#[test]
fn aws_keys() {
    let session = "FwoGZXIvYXdzE".repeat(10);
    check(
        &[
            "key AKIAIOSFODNN7EXAMPLE used",
            "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            r#"{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}"#,
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY # x",
            "AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            &format!("X-Amz-Security-Token={session}&X-Amz-Date=20261121"),
        ],
        expect![[r#"
            key [redacted: AWS access key id] used
            AWS_ACCESS_KEY_ID=[redacted: AWS access key id]
            AWS_SECRET_ACCESS_KEY=[redacted: AWS secret access key]
            {"SecretAccessKey": "[redacted: AWS secret access key]"}
            aws_secret_access_key = [redacted: AWS secret access key] # x
            [redacted: AWS access key id],[redacted: AWS secret access key]
            X-Amz-Security-Token=[redacted: AWS session token]&X-Amz-Date=20261121
        "#]],
    );
}

#[test]
fn card_numbers() {
    check(
        &["paid with 4111 1111 1111 1111, ref 12", "pan=5555555555554444;378282246310005"],
        expect![[r#"
            paid with [redacted: card number], ref 12
            pan=[redacted: card number];[redacted: card number]
        "#]],
    );
}

#[test]
fn what_is_no_secret_stays() {
    for line in [
        "the bearer of this letter is authorization enough",
        "bearer authentication failed: token required",
        "WWW-Authenticate: Bearer realm=\"registry\",service=\"registry.docker.io\"",
        "Authorization: Bearer undefined",
        "secret checksum: da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "client secret rotated, secret_id=3f2a9c",
        "eyJ is how JSON begins in base64",
        "IMASIAAKIA 12 AKIATOOSHORT",
        "2026-11-21T14:02:07.113000000Z 1763733727113 1763733727113000000",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7",
        "550e8400-e29b-41d4-a716-446655440000 took 0.4111111111111111 s",
        "no start line: Expecting: ANY PRIVATE KEY",
        "expected -----BEGIN PRIVATE KEY----- at the start of key.pem",
        "-----BEGIN CERTIFICATE-----",
        "[redacted: private key, continued] [redacted: bearer token] [redacted: card number]",
        "",
    ] {
        assert_eq!(one(line), line);
    }
}

#[test]
fn a_private_key_over_lines() {
    let mut lines = vec!["starting".to_owned()];
    lines.extend(pem());
    lines.push("started".to_owned());
    let redacted = redact(&Redactor::default(), &lines);
    assert_eq!(redacted[..2], ["starting", pem::BEGUN]);
    assert_eq!(redacted.last().unwrap(), "started");
    assert_eq!(redacted.len(), lines.len());
    for line in &redacted[2..redacted.len() - 1] {
        assert_eq!(KeyText::of(line), Some(KeyText::Continued), "{line}");
    }
}

#[test]
fn a_private_key_in_one_line() {
    let escaped = format!(r#"{{"key":"{}\n","id":1}}"#, pem().join(r"\n"));
    assert_eq!(one(&escaped), r#"{"key":"[redacted: private key]\n","id":1}"#);
    // Cut off before its end.
    assert_eq!(one(&escaped[..900]), r#"{"key":"[redacted: private key]"#);
    let words = "see -----BEGIN RSA PRIVATE KEY----- in the manual";
    assert_eq!(one(words), words);
}

#[test]
fn a_private_key_behind_prefixes_and_among_other_lines() {
    let paint = "\u{1b}[32m";
    for prefix in ["2026-11-21T14:02:07Z INFO app: ", "  | ", paint, "{\"msg\":\""] {
        let mut lines = Vec::new();
        for (index, line) in pem().into_iter().enumerate() {
            lines.push(format!("{prefix}{line}"));
            if index % 5 == 2 {
                lines.push(format!("request {index} done"));
            }
        }
        lines.push("done with it".to_owned());
        let redacted = redact(&Redactor::default(), &lines).join("\n");
        for line in key_lines() {
            assert!(!redacted.contains(&line), "{prefix:?}: {line} in {redacted}");
        }
        assert!(redacted.ends_with("done with it"));
    }
}

#[test]
fn a_key_that_never_ends_takes_no_log_with_it() {
    let mut lines = vec!["-----BEGIN PRIVATE KEY-----".to_owned()];
    let others = (0..2_000).map(|n| format!("request {n} done by 4bf92f3577b34da6a3ce929d0e0e4736"));
    lines.extend(others.clone());
    assert_eq!(redact(&Redactor::default(), &lines)[1..], others.collect::<Vec<_>>());
    let endless = vec![key_lines()[1].clone(); 2_000];
    let lines = [vec![lines.swap_remove(0)], endless].concat();
    let redacted = redact(&Redactor::default(), &lines);
    assert_eq!(redacted.iter().filter(|line| KeyText::of(line).is_some()).count(), 513);
}

#[test]
fn the_other_stream_is_another() {
    let mut lines = Vec::new();
    for line in pem() {
        lines.push((IoStream::Stderr, line));
        lines.push((IoStream::Stdout, "bGV0IG1lIGJlIGxldCBtZSBiZQ".to_owned()));
    }
    let redacted = LogRedactor::new(&Redactor::default()).batch(batch_of(&lines));
    for record in redacted.iter() {
        assert_eq!(
            KeyText::of(record.body).is_some(),
            record.iostream == IoStream::Stderr,
            "{}",
            record.body
        );
    }
}

#[test]
fn a_key_whose_begin_is_gone() {
    let pem = pem();
    let lines = [&pem[9..], &["started".to_owned()]].concat();
    let redacted = redact(&Redactor::default(), &lines);
    let (last, key) = redacted.split_last().unwrap();
    assert_eq!(last, "started");
    assert!(key.iter().all(|line| KeyText::of(line).is_some()), "{key:?}");
    // Other first lines that nobody can read stay.
    for line in ["da39a3ee5e6b4b0d3255bfef95601890afd80709da39a3ee5e6b4b0d3255bfef", &"a".repeat(40_000)] {
        assert_eq!(one(line), line);
    }
}

#[test]
fn own_patterns_and_a_label() {
    let redactor = Redactor::new(false, &[r"pin=(\d+)", "hunter2"]).unwrap();
    let redactor = redactor.with_label(r"(?i)session (?P<secret>\w+)").unwrap();
    let line = "pin=1234 hunter2 SESSION abc for 4111111111111111";
    let redacted = redact(&redactor, &[line]).remove(0);
    expect!["pin=[redacted: own pattern] [redacted: own pattern] SESSION [redacted: label pattern] for 4111111111111111"]
        .assert_eq(&redacted);
}

#[test]
fn patterns_that_are_none_are_told() {
    let check = |pattern: &str, expected: Expect| {
        expected.assert_eq(&Redactor::new(true, &[pattern]).unwrap_err().to_string());
    };
    check("(", expect!["the pattern is no regex: unclosed group"]);
    check("a*", expect!["the pattern matches where nothing stands, so it says nothing about a secret"]);
    check(&"a".repeat(2_000), expect!["the pattern is longer than 1024 bytes"]);
    check(
        r"\w{200}\w{200}\w{200}",
        expect!["the pattern is too large when compiled; use smaller repetitions"],
    );
    let many = vec!["a"; OWN_PATTERNS_MAX + 1];
    assert_eq!(Redactor::new(true, &many).unwrap_err(), PatternError::TooMany);
}

#[test]
fn what_was_replaced_is_counted_once_it_is_told() {
    let redactor = Redactor::default();
    let mut log = LogRedactor::new(&redactor);
    let lines = [(IoStream::Stdout, "4111111111111111 AKIAIOSFODNN7EXAMPLE 4111111111111111".to_owned())];
    let counts = || redactor.counts().filter(|(_, count)| *count > 0).collect::<Vec<_>>();
    log.batch(batch_of(&lines));
    log.forget_count();
    log.batch(batch_of(&lines));
    assert_eq!(counts(), []);
    log.count();
    assert_eq!(counts(), [(Rule::AwsAccessKeyId, 1), (Rule::CardNumber, 2)]);
}

#[test]
fn a_line_stays_within_its_limit() {
    let line = "4111111111111111 ".repeat(LINE_BYTES_MAX / 17);
    let redacted = LogRedactor::new(&Redactor::default()).batch(batch_of(&[(IoStream::Stdout, line)]));
    assert!(redacted.get(0).body.len() <= LINE_BYTES_MAX);
    assert!(redacted.get(0).cut > 0);
}

#[test]
fn bytes_without_secrets_are_the_same_bytes() {
    let check = |bytes: &[u8], expected: &[u8]| assert_eq!(&*without_secrets(bytes), expected);
    check(b"\xff\x00 no secret", b"\xff\x00 no secret");
    check(b"\x80 4111111111111111", "\u{fffd} [redacted: card number]".as_bytes());
}

/// A line of a log: mostly harmless, and what may be taken for a secret or is one.
fn line() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        3 => "[ -~]{0,40}",
        1 => "\\PC{0,20}",
        1 => "[0-9 -]{0,40}",
        1 => "[A-Za-z0-9+/]{64}",
        1 => "[A-Za-z0-9+/]{4}",
        1 => Just("4111 1111 1111 1111".to_owned()),
        1 => Just("AKIAIOSFODNN7EXAMPLE".to_owned()),
        1 => Just("Authorization: Bearer abcdef0123456789".to_owned()),
        1 => Just("-----BEGIN RSA PRIVATE KEY-----".to_owned()),
        1 => Just("-----END RSA PRIVATE KEY-----".to_owned()),
    ];
    prop_oneof![
        4 => words.clone(),
        1 => (words.clone(), words).prop_map(|(first, second)| format!("{first} {second}")),
    ]
}

fn lines() -> impl Strategy<Value = Vec<(IoStream, String)>> {
    let stream = prop_oneof![Just(IoStream::Stdout), Just(IoStream::Stderr)];
    proptest::collection::vec((stream, line()), 0..60)
}

proptest! {
    #[test]
    fn any_cut_into_batches_gives_the_same_records(lines in lines(), cuts in proptest::collection::vec(1..7_usize, 1..8)) {
        let whole = bodies(&LogRedactor::new(&Redactor::default()).batch(batch_of(&lines)));
        let mut redactor = LogRedactor::new(&Redactor::default());
        let (mut rest, mut pieces) = (&lines[..], Vec::new());
        for cut in cuts.iter().cycle() {
            let (piece, behind) = rest.split_at(rest.len().min(*cut));
            pieces.extend(bodies(&redactor.batch(batch_of(piece))));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn looking_over_a_batch_finds_what_reading_every_line_does(lines in lines()) {
        let whole = bodies(&LogRedactor::new(&Redactor::default()).batch(batch_of(&lines)));
        let mut redactor = LogRedactor::new(&Redactor::default());
        let each: Vec<_> =
            lines.iter().map(|(stream, line)| redactor.line(*stream, line).into_owned()).collect();
        prop_assert_eq!(whole, each);
    }

    #[test]
    fn from_a_keys_begin_on_what_came_before_does_not_matter(lines in lines(), from in any::<prop::sample::Index>()) {
        let mut whole = LogRedactor::new(&Redactor::default());
        let each: Vec<_> = lines.iter().map(|(stream, line)| whole.line(*stream, line).into_owned()).collect();
        let begins = |line: &(IoStream, String)| line.1.ends_with("-----BEGIN RSA PRIVATE KEY-----");
        let places: Vec<_> = (0..lines.len()).filter(|index| begins(&lines[*index])).collect();
        if places.is_empty() {
            return Ok(());
        }
        let place = *from.get(&places);
        let mut later = LogRedactor::new(&Redactor::default());
        later.presume(lines[place].0, Before::Nothing);
        for (index, (stream, line)) in lines.iter().enumerate().skip(place + 1) {
            if index == place + 1 {
                later.line(lines[place].0, &lines[place].1);
            }
            let read = later.line(*stream, line);
            if *stream == lines[place].0 {
                prop_assert_eq!(&*read, &*each[index]);
            }
        }
    }

    #[test]
    fn a_token_in_parts_is_a_token(before in 0..40_000_usize, split_before in 0..80_usize) {
        let token = "Authorization: Bearer abcdef0123456789abcdef0123456789";
        let filler = (before / 16_384 * 16_384 + 16_384).saturating_sub(split_before);
        let line = format!("{}{token} end", ". ".repeat(filler / 2));
        let mut joiner = LineJoiner::new(LINE_BYTES_MAX, false);
        let mut batch = RecordBatch::new();
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            let (bytes, behind) = rest.split_at(rest.len().min(crate::PART_BYTES));
            rest = behind;
            let newline = rest.is_empty();
            joiner.push(Part { timestamp: Timestamp(1), iostream: IoStream::Stdout, bytes, newline }, &mut batch);
        }
        let batch = LogRedactor::new(&Redactor::default()).batch(batch);
        prop_assert!(batch.get(0).body.ends_with("Bearer [redacted: bearer token] end"));
    }

    #[test]
    fn nothing_panics_and_nothing_is_found_twice(lines in proptest::collection::vec(any::<Vec<u8>>(), 0..20)) {
        let mut batch = RecordBatch::new();
        for line in &lines {
            batch.push(Timestamp(0), IoStream::Stdout, Severity::INFO, line, 0);
        }
        let redacted = LogRedactor::new(&Redactor::default()).batch(batch);
        let again = LogRedactor::new(&Redactor::default()).batch(redacted.clone());
        prop_assert_eq!(bodies(&redacted), bodies(&again));
    }
}
