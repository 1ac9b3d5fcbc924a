//! Which values of an environment are secrets, by their names and by their shapes.
//!
//! It errs on the side of hiding: a version's hash that is not shown costs a look elsewhere, a password that is shown
//! costs a password.

use miniman_log::redact::without_secrets;

/// Parts of names that speak of a secret wherever they stand.
const TELLING: [&str; 17] = [
    "PASS",
    "SECRET",
    "TOKEN",
    "KEY",
    "CRED",
    "AUTH",
    "PRIVATE",
    "SALT",
    "COOKIE",
    "SIGNATURE",
    "WEBHOOK",
    "LICENSE",
    "LICENCE",
    "DSN",
    "CONNECTIONSTRING",
    "CONNECTION_STRING",
    "JWT",
];

/// Words that do when they stand alone between others: `DB_PWD`, `LOGIN_PIN`.
const TELLING_WORDS: [&str; 6] = ["PWD", "PIN", "OTP", "PW", "SID", "CERT"];

/// Where a shell was and is: names of every environment that end like a password's.
const DIRECTORIES: [&str; 2] = ["PWD", "OLDPWD"];

/// Words and names lie below; keys of 128 bits in base64 have 22 characters.
const RANDOM_CHARS_MIN: usize = 20;

/// Bits a character of text that looks random: hex has up to 4, base64 up to 6, words and paths use few letters often.
const RANDOM_BITS_MIN: f64 = 3.0;

/// Whether the value of this name is to stay hidden.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    if value.is_empty() || DIRECTORIES.contains(&name) {
        return false;
    }
    // `POSTGRES_PASSWORD_FILE=/run/secrets/db` says where a secret is, not what it is.
    let names_file = name.to_ascii_uppercase().ends_with("_FILE") && value.starts_with('/');
    (telling(name) && !names_file) || shaped(value)
}

fn telling(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    TELLING.iter().any(|part| upper.contains(part))
        || upper.split(|char: char| !char.is_ascii_alphanumeric()).any(|word| TELLING_WORDS.contains(&word))
}

/// Whether the value looks like a secret, or holds one.
fn shaped(value: &str) -> bool {
    without_secrets(value.as_bytes()) != value.as_bytes()
        || value.contains("PRIVATE KEY-----")
        || has_login(value)
        || assigns_secret(value)
        || value.split([' ', '\n', ',', ';']).any(looks_random)
}

/// `postgres://shop:hunter2@db/shop`: a URL that somebody logs in by. A password may hold what ends an authority, so
/// any later `@` tells.
fn has_login(value: &str) -> bool {
    value.split("://").skip(1).any(|rest| rest.contains('@'))
}

/// `Server=db;Password=hunter2`, `?token=…`, `{"secret": "…"}`: a telling name with a value, inside of a value.
fn assigns_secret(value: &str) -> bool {
    value.char_indices().filter(|(_, char)| matches!(char, '=' | ':')).any(|(at, _)| {
        let before = value[..at].trim_end_matches(['"', '\'', ' ']);
        let name_char = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
        let name = &before[before.trim_end_matches(name_char).len()..];
        let rest = value[at + 1..].trim_start_matches(['"', '\'', ' ']);
        !rest.is_empty() && !name.is_empty() && telling(name)
    })
}

/// Letters and digits mixed, long, and few of them twice.
fn looks_random(word: &str) -> bool {
    let key_char =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-');
    let word = word.trim_matches(['"', '\'']);
    word.len() >= RANDOM_CHARS_MIN
        && !word.starts_with('/')
        && word.bytes().all(key_char)
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && bits_a_char(word) >= RANDOM_BITS_MIN
}

/// Shannon's entropy of the text's own characters.
fn bits_a_char(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let whole = word.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / whole);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_speak_of_secrets_hide_whatever_they_hold() {
        for name in [
            "DB_PASSWORD",
            "POSTGRES_PASSWORD",
            "api_key",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "BASIC_AUTH",
            "SENTRY_DSN",
            "DB_PWD",
            "SLACK_WEBHOOK_URL",
            "Jwt",
            "redis.pw",
        ] {
            assert!(is_secret(name, "plain"), "{name}");
            assert!(!is_secret(name, ""), "{name}: nothing to hide");
        }
    }

    #[test]
    fn shapes_hide_under_whatever_name() {
        for value in [
            "postgres://shop:hunter2@db:5432/shop",
            "amqp://guest:p/w@queue",
            "redis://:hunter2@cache:6379",
            "Server=db;User=app;Password=hunter2",
            "https://example.com/hook?token=abc",
            r#"{"db": {"password": "hunter2"}}"#,
            "Bearer abcdef0123456789",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "-Dapp.password=hunter2 -Xmx512m",
        ] {
            assert!(is_secret("SETTING", value), "{value}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_readable() {
        for (name, value) in [
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("PWD", "/srv/app"),
            ("LANG", "en_US.UTF-8"),
            ("DATABASE_URL", "postgres://db:5432/shop"),
            ("LOG_LEVEL", "debug"),
            ("JAVA_OPTS", "-Xmx512m -Dfile.encoding=UTF-8"),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
            ("NODE_VERSION", "20.19.1"),
            ("BIND", "0.0.0.0:8080"),
            ("HOSTS", "one.example.com,two.example.com"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
