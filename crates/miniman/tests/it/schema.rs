//! Schemathesis asks every route of the OpenAPI document what it makes up from it, as everyone: no answer is one that the
//! document does not have, and none says that the server failed.

use std::path::Path;
use std::process::Command;

use miniman_testkit::RunSpec;

use crate::rig::Rig;

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../miniman-testkit/clients");

/// Inputs a route and role. They are the same in every run, so that what passes once passes always; who looks for more
/// sets this variable.
const EXAMPLES: &str = "8";
const EXAMPLES_VARIABLE: &str = "MINIMAN_SCHEMA_EXAMPLES";

/// Their tries are slowed down, and everybody else's with them; `a_nul_in_any_input…` and others ask them.
const SLOWED: &str = "^/api/v1/(login|setup|me/confirm|me/password)$";

#[test]
fn everyone_is_answered_as_the_document_says_whatever_they_send() {
    let rig = Rig::start();
    for (name, service) in [("web-1", "web"), ("db-1", "db")] {
        let lines = format!("echo '{{\"level\":\"warn\",\"msg\":\"{name}\"}}'; echo error >&2; sleep 1000");
        rig.docker.run(&RunSpec::sh(name, &lines).compose("shop", service, 1)).unwrap();
        rig.miniman.wait_for_records(name, 2, crate::rig::LIMIT).unwrap();
    }
    let scoped = ["token", "create", "--name", "scoped", "--role", "viewer", "--scope", "local/name:web-1"];
    let scoped = rig.miniman.run(scoped).unwrap();
    assert!(scoped.status.success(), "{}", String::from_utf8_lossy(&scoped.stderr));
    let scoped = String::from_utf8(scoped.stdout).unwrap().trim().to_owned();
    let token = |role: &str| rig.miniman.new_token(role).unwrap();
    // Who changes least comes first.
    for (who, token) in [
        ("nobody", String::new()),
        ("viewer", token("viewer")),
        ("scoped viewer", scoped),
        ("operator", token("operator")),
        ("admin", token("admin")),
    ] {
        let output = schemathesis(&rig.miniman.url(), &token).output().unwrap();
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "as {who}:\n{said}\n{complained}\n{}", rig.miniman.diagnostics());
    }
}

fn schemathesis(url: &str, token: &str) -> Command {
    let python = Path::new(CLIENTS).join(".venv/bin/python");
    assert!(python.exists(), "{} is missing; cargo xtask test installs it", python.display());
    let examples = std::env::var(EXAMPLES_VARIABLE).unwrap_or_else(|_| EXAMPLES.to_owned());
    let mut command = Command::new(python);
    command
        .args(["-m", "schemathesis.cli", "run", "--experimental=openapi-3.1", "--no-color", "--show-trace"])
        .arg("--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance")
        .args(["--hypothesis-derandomize", "--generation-with-security-parameters=false"])
        .args(["--hypothesis-suppress-health-check=all", "--hypothesis-deadline=60000"])
        .arg(format!("--hypothesis-max-examples={examples}"))
        .args(["--request-timeout=60000", "--exclude-path-regex", SLOWED])
        // Nothing is asked for or told to anybody but this server.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONPATH", CLIENTS)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "schema_hooks")
        .current_dir(std::env::temp_dir());
    if !token.is_empty() {
        command.args(["-H", &format!("Authorization: Bearer {token}")]);
    }
    command.arg(format!("{url}/api/openapi.json"));
    command
}
