//! Users, tokens and the audit on the command line, beside a running server.

use miniman_testkit::{Request, wait_for};

use crate::rig::{LIMIT, Rig};

/// What a command printed; it has to end well.
fn ran(rig: &Rig, args: &[&str]) -> String {
    let output = rig.miniman.run(args.iter().copied()).unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn status(rig: &Rig, token: &str) -> u16 {
    Request::get("/api/v1/me").bearer(token).send(rig.miniman.address()).unwrap().status
}

#[test]
fn the_command_line_manages_accounts_beside_the_server_and_is_on_record() {
    let rig = Rig::start();
    let password = rig.miniman.data_dir().join("password-of-grace");
    std::fs::write(&password, "battery staple 7\n").unwrap();
    let password = password.to_str().unwrap();
    ran(&rig, &["user", "add", "grace", "--role", "operator", "--password-file", password]);
    ran(&rig, &["user", "role", "grace", "viewer"]);
    assert!(ran(&rig, &["user", "list"]).contains("grace               viewer"));
    let create =
        ["token", "create", "--name", "ci", "--role", "viewer", "--user", "grace", "--expires", "30d"];
    let token = ran(&rig, &create).trim().to_owned();
    wait_for("the server to know the token", LIMIT, || (status(&rig, &token) == 200).then_some(())).unwrap();
    let list = ran(&rig, &["token", "list"]);
    let line = list.lines().find(|line| line.contains("grace")).unwrap();
    let id = line.split_whitespace().next().unwrap();
    ran(&rig, &["token", "revoke", id]);
    wait_for("the token to end", LIMIT, || (status(&rig, &token) == 401).then_some(())).unwrap();
    ran(&rig, &["user", "password", "grace", "--password-file", password]);
    ran(&rig, &["user", "remove", "grace"]);
    let last = rig.miniman.run(["user", "remove", "admin"]).unwrap();
    assert_eq!(last.status.code(), Some(1), "somebody has to be an admin");

    let rows = ran(&rig, &["audit", "--since", "1h"]);
    for action in
        ["setup", "user.add", "user.change", "token.create", "token.revoke", "user.password", "user.remove"]
    {
        assert!(rows.contains(&format!("\"action\":\"{action}\"")), "{action}: {rows}");
    }
    assert!(!rows.contains("battery") && !rows.contains(&token), "{rows}");
    assert!(ran(&rig, &["audit", "--format", "csv"]).starts_with("id,at,who,"));
    assert!(ran(&rig, &["audit", "verify"]).contains("rows hold"));
}
