//! What `deny.toml` says of licences and sources, held without cargo-deny too: it takes minutes to build, and is not on
//! every machine.

use std::process::Command;

use serde_json::Value;

use super::read;
use crate::root;

/// A licence expression as crates write it: `MIT OR Apache-2.0`, `(MIT AND Unicode-3.0)`, `MIT/Apache-2.0`.
struct Expression<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<&'a str>>,
    allowed: &'a [String],
}

impl<'a> Expression<'a> {
    fn is_allowed(text: &'a str, allowed: &'a [String]) -> bool {
        let words = text
            .split_inclusive(['(', ')', ' ', '/'])
            .flat_map(|word| match word.strip_suffix(['(', ')', '/']) {
                Some(bare) => [bare, &word[bare.len()..]],
                None => [word, ""],
            })
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>();
        let mut expression = Self { words: words.into_iter().peekable(), allowed };
        let is_allowed = expression.any();
        is_allowed && expression.words.next().is_none()
    }

    fn any(&mut self) -> bool {
        let mut any = self.all();
        while self.words.next_if(|word| matches!(*word, "OR" | "/")).is_some() {
            any |= self.all();
        }
        any
    }

    fn all(&mut self) -> bool {
        let mut all = self.one();
        while self.words.next_if_eq(&"AND").is_some() {
            all &= self.one();
        }
        all
    }

    fn one(&mut self) -> bool {
        match self.words.next() {
            Some("(") => {
                let inner = self.any();
                self.words.next() == Some(")") && inner
            }
            Some(name) => {
                let exception = self.words.next_if_eq(&"WITH").and_then(|_| self.words.next());
                let name =
                    exception.map_or_else(|| name.to_owned(), |exception| format!("{name} WITH {exception}"));
                self.allowed.contains(&name)
            }
            None => false,
        }
    }
}

/// The texts of a list in `deny.toml`.
fn list(name: &str) -> Vec<String> {
    let deny = read(&root().join("deny.toml"));
    let start = format!("{name} = [");
    let below = deny.lines().skip_while(|line| *line != start).skip(1).take_while(|line| *line != "]");
    below.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

/// Every package that is built into something here.
fn packages() -> Vec<Value> {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--offline", "--locked", "--format-version=1"]);
    metadata.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let output = metadata.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("no packages: {other}"),
    }
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let allowed = list("allow");
    assert!(allowed.len() > 5, "deny.toml has lost its licences: {allowed:?}");
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    for package in packages {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or_default());
        assert!(Expression::is_allowed(licence, &allowed), "{name} is under {licence:?}");
    }
}

#[test]
fn every_dependency_comes_from_the_one_registry() {
    let lock = read(&root().join("Cargo.lock"));
    let mut sources: Vec<_> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    sources.sort_unstable();
    sources.dedup();
    assert!(matches!(sources.as_slice(), [one] if one.starts_with("\"registry+")), "{sources:?}");
    // An npm package that is from elsewhere says so, and one without a hash could be anything.
    for lock in ["web/package-lock.json", "crates/miniman-testkit/clients/package-lock.json"] {
        let lock: Value = serde_json::from_str(&read(&root().join(lock))).unwrap();
        for (path, package) in
            lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty())
        {
            assert!(package["integrity"].is_string(), "{path} has no hash");
            assert!(package["resolved"].is_null(), "{path} comes from {}", package["resolved"]);
        }
    }
}

#[test]
fn licence_expressions_are_read() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for (text, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("MIT AND (GPL-3.0 OR LGPL-2.1)", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("MIT AND", false),
        ("(MIT", false),
        ("", false),
    ] {
        assert_eq!(Expression::is_allowed(text, &allowed), expected, "{text}");
    }
}
