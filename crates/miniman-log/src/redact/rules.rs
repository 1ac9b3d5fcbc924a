//! The built-in rules that see one line at a time.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use super::{Found, Rule, card};

/// A bearer token without `Authorization` before it has to look like one.
const TOKEN_BYTES_MIN: usize = 12;
/// A header of `{"a":1}` alone encodes to more.
const JWT_BYTES_MIN: usize = 30;

/// What stands between a name and its value.
const IS: &str = r#"["'\\]{0,4}[ \t]{0,4}(?:=>|:=|[:=]|[ \t])[ \t]{0,4}["'\\]{0,4}"#;

static BEARER: LazyLock<Regex> = LazyLock::new(|| {
    let paint = r"\x1b\[[0-9;]*m";
    let behind = format!(r#"(?:["'\\]{{0,4}}[ \t]*[:=][ \t]*["'\\]{{0,4}}|(?:[ \t]|%20|{paint})+)"#);
    regex(&format!(
        r"(?i)(?P<header>authorization(?:{paint}|[^a-z0-9]){{1,12}})?bearer(?:[_-]?token)?{behind}(?P<secret>[a-z0-9._~+/=%-]{{4,}})"
    ))
});
static JWT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?P<secret>eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4})"));
static AWS_SECRET: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"(?i)secret[a-z0-9_.\- ]{{0,24}}{IS}(?P<secret>[a-z0-9/+]{{40}})")));
/// As in the file that AWS gives out: the id, a comma and the secret.
static AWS_PAIR: LazyLock<Regex> =
    LazyLock::new(|| regex(r"A[KS]IA[A-Z0-9]{16}[^A-Za-z0-9/+]{1,8}(?P<secret>[A-Za-z0-9/+]{40})"));
static AWS_ID: LazyLock<Regex> = LazyLock::new(|| regex(r"(?P<secret>A[KS]IA[A-Z0-9]{16})"));
static AWS_SESSION: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"(?i)(?:session|security)[_-]?token{IS}(?P<secret>[a-z0-9/+=%]{{100,}})"))
});

fn regex(source: &str) -> Regex {
    Regex::new(source).expect("the pattern stands above")
}

/// A match on its way to being a secret.
pub(super) struct Suspect<'a> {
    text: &'a str,
    captures: &'a Captures<'a>,
    secret: Match<'a>,
}

/// Those that a word tells of.
pub(super) fn words<'t>(text: Cow<'t, str>, found: &mut Found) -> Cow<'t, str> {
    let text = replace(text, &BEARER, Rule::BearerToken, found, |suspect| suspect.is_bearer_token());
    let text = replace(text, &JWT, Rule::Jwt, found, |suspect| suspect.secret.len() >= JWT_BYTES_MIN);
    let text = replace(text, &AWS_SECRET, Rule::AwsSecretAccessKey, found, |suspect| suspect.is_aws_secret());
    let text = replace(text, &AWS_PAIR, Rule::AwsSecretAccessKey, found, |suspect| suspect.is_aws_secret());
    let text = replace(text, &AWS_SESSION, Rule::AwsSessionToken, found, |_| true);
    replace(text, &AWS_ID, Rule::AwsAccessKeyId, found, |suspect| {
        suspect.stands_alone(|byte| byte.is_ascii_alphanumeric())
    })
}

impl Suspect<'_> {
    fn is_bearer_token(&self) -> bool {
        let secret = self.secret.as_str();
        let names_none = ["undefined", "null", "none"].iter().any(|word| secret.eq_ignore_ascii_case(word));
        let looks_so = || secret.len() >= TOKEN_BYTES_MIN && secret.bytes().any(|byte| byte.is_ascii_digit());
        !names_none && (self.captures.name("header").is_some() || looks_so())
    }

    /// Not the first bytes of something longer, and no hexadecimal digest.
    fn is_aws_secret(&self) -> bool {
        let secret = self.secret.as_str();
        secret.bytes().any(|byte| byte.is_ascii_uppercase())
            && secret.bytes().any(|byte| byte.is_ascii_lowercase())
            && self.stands_alone(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
    }

    /// Whether no byte of its own kind stands before or behind the secret.
    fn stands_alone(&self, is_kind: impl Fn(u8) -> bool) -> bool {
        let text = self.text.as_bytes();
        let before = self.secret.start().checked_sub(1).map(|at| text[at]);
        let behind = text.get(self.secret.end()).copied();
        !before.is_some_and(&is_kind) && !behind.is_some_and(&is_kind)
    }
}

/// `text` with what `regex` finds, and `is` takes for a secret, replaced: the group `secret`, else the first group that
/// matched, else all of the match.
pub(super) fn replace<'t>(
    text: Cow<'t, str>,
    regex: &Regex,
    rule: Rule,
    found: &mut Found,
    is: impl Fn(&Suspect<'_>) -> bool,
) -> Cow<'t, str> {
    let mut replaced = Replaced::of(&text);
    for captures in regex.captures_iter(&text) {
        let group = || (1..captures.len()).find_map(|group| captures.get(group));
        let Some(secret) = captures.name("secret").or_else(group).or_else(|| captures.get(0)) else {
            continue;
        };
        if !secret.is_empty() && is(&Suspect { text: &text, captures: &captures, secret }) {
            replaced.put(secret.range(), rule, found);
        }
    }
    match replaced.end() {
        Some(replaced) => Cow::Owned(replaced),
        None => text,
    }
}

pub(super) fn cards<'t>(text: Cow<'t, str>, found: &mut Found) -> Cow<'t, str> {
    let mut replaced = Replaced::of(&text);
    let mut from = 0;
    while let Some(range) = card::find(text.as_bytes(), from) {
        from = range.end;
        replaced.put(range, Rule::CardNumber, found);
    }
    match replaced.end() {
        Some(replaced) => Cow::Owned(replaced),
        None => text,
    }
}

/// A text on its way to one with replacements.
struct Replaced<'a> {
    text: &'a str,
    out: String,
    copied: usize,
}

impl<'a> Replaced<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, out: String::new(), copied: 0 }
    }

    /// Places rise.
    fn put(&mut self, secret: Range<usize>, rule: Rule, found: &mut Found) {
        self.out.push_str(&self.text[self.copied..secret.start]);
        self.out.push_str(rule.replacement());
        self.copied = secret.end;
        found.add(rule);
    }

    /// `None` when nothing was put.
    fn end(mut self) -> Option<String> {
        if self.copied == 0 {
            return None;
        }
        self.out.push_str(&self.text[self.copied..]);
        Some(self.out)
    }
}
