//! Rules about the workspace that no compiler checks, as tests.

mod dependencies;

use std::path::{Path, PathBuf};

use crate::root;

/// Which of our crates each of them may name, below `[dependencies]`. A crate that is not here may not exist.
const MAY_DEPEND_ON: [(&str, &[&str]); 7] = [
    ("miniman-log", &[]),
    ("miniman-engine", &["miniman-log"]),
    ("miniman-store", &["miniman-log"]),
    ("miniman-hub", &["miniman-engine", "miniman-log", "miniman-store"]),
    ("miniman-server", &["miniman-engine", "miniman-hub", "miniman-log", "miniman-store"]),
    ("miniman", &["miniman-engine", "miniman-hub", "miniman-log", "miniman-server", "miniman-store"]),
    ("miniman-testkit", &[]),
];

/// What one crate alone may name: `deny.toml` says so too, but cargo-deny is not on every machine.
const ONLY_IN: [(&str, &str); 2] = [("bollard", "miniman-engine"), ("rusqlite", "miniman-store")];

/// Crates whose types are not `Serialize`: what goes over the wire is the server's alone.
const DOMAIN: [&str; 4] = ["miniman-log", "miniman-engine", "miniman-store", "miniman-hub"];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn crates() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("crates")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The names below `[dependencies]` in a crate's manifest.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
    let below = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    below
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn dependencies_point_down() {
    for name in crates() {
        let allowed = MAY_DEPEND_ON.iter().find(|(known, _)| *known == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{name} is new: it needs an ADR and a row here"));
        for dependency in dependencies(&name).iter().filter(|dependency| dependency.starts_with("miniman")) {
            assert!(allowed.contains(&dependency.as_str()), "{name} may not depend on {dependency}");
        }
    }
}

#[test]
fn one_crate_speaks_to_docker_and_one_to_sqlite() {
    for name in crates() {
        for (dependency, only) in ONLY_IN {
            let depends = dependencies(&name).iter().any(|found| found == dependency);
            assert_eq!(depends, name == only, "{dependency} belongs to {only} alone; {name}");
        }
    }
}

#[test]
fn domain_crates_know_no_serialization() {
    let mut files = Vec::new();
    DOMAIN.iter().for_each(|name| rust_files(&root().join("crates").join(name).join("src"), &mut files));
    for file in files {
        assert!(!read(&file).contains("Serialize"), "{}: wire types are the server's", file.display());
    }
}

#[test]
fn documents_name_tests_that_exist() {
    let mut files = Vec::new();
    rust_files(&root().join("crates"), &mut files);
    rust_files(&root().join("xtask"), &mut files);
    let sources: String = files.iter().map(|file| read(file)).collect();
    for (document, fewest) in [("ARCHITECTURE.md", 10), ("docs/security.md", 40)] {
        let tests = tests_named_in(&read(&root().join(document)));
        assert!(tests.len() >= fewest, "{document} has lost its tests: {tests:?}");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "{document} names {test}, which is no test");
        }
    }
}

/// What stands in a table as code and has the form of a test's name.
fn tests_named_in(document: &str) -> Vec<String> {
    let rows = document.lines().filter(|line| line.starts_with("| ") && line.contains(" | "));
    let words = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    // Tests are sentences: three words at least.
    let is_test = |word: &&str| {
        word.matches('_').count() >= 2 && word.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    words.filter(is_test).map(str::to_owned).collect()
}

/// What the unit's rating rests on; systemd-analyze itself is not on every machine, and where it is it has the word.
const UNIT_DIRECTIVES: [&str; 10] = [
    "DynamicUser=yes",
    "CapabilityBoundingSet=",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateDevices=yes",
    "PrivateUsers=yes",
    "ProtectKernelTunables=yes",
    "RestrictNamespaces=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallFilter=~@privileged @resources",
];

#[test]
fn the_systemd_unit_is_exposed_by_2_0_of_10_at_most() {
    let path = root().join("contrib/miniman.service");
    let unit = read(&path);
    for directive in UNIT_DIRECTIVES {
        assert!(unit.lines().any(|line| line == directive), "{directive} is gone from the unit");
    }
    let mut analyze = std::process::Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--threshold=20"]).arg(&path);
    let Ok(output) = analyze.output() else {
        println!("held by its directives alone: systemd-analyze is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
