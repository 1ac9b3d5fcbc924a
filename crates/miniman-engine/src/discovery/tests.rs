use std::fs;

use super::*;

struct Home {
    folder: tempfile::TempDir,
    env: DockerEnv,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = DockerEnv {
            home: Some(folder.path().to_owned()),
            xdg_runtime_dir: Some("/run/user/7".into()),
            ..DockerEnv::default()
        };
        Self { folder, env }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(".docker").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn context(&self, name: &str, host: &str) {
        let folder = folder_of(name);
        let meta =
            format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        self.write(&format!("contexts/meta/{folder}/meta.json"), &meta);
    }

    /// What is tried, as `source endpoint`; or what is refused, as `source endpoint: error`.
    fn shown(&self, host: Option<&str>) -> Vec<String> {
        match candidates(&self.env, host) {
            Ok(found) => found.iter().map(|found| format!("{} {}", found.source, found.endpoint)).collect(),
            Err(tried) => vec![format!("{} {}: {}", tried.source, tried.endpoint, tried.error)],
        }
    }
}

fn folder_of(context: &str) -> String {
    Sha256::digest(context.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn unnamed_the_usual_sockets_are_tried_in_order() {
    let home = Home::new();
    let desktop = format!("Docker Desktop unix://{}/.docker/run/docker.sock", home.folder.path().display());
    assert_eq!(
        home.shown(None),
        [
            "default socket unix:///var/run/docker.sock",
            "rootless Docker unix:///run/user/7/docker.sock",
            &desktop,
            "Podman unix:///run/podman/podman.sock",
            "rootless Podman unix:///run/user/7/podman/podman.sock",
        ]
    );
}

#[test]
fn what_the_user_named_is_the_only_one_and_nearer_names_win() {
    let mut home = Home::new();
    home.context("work", "tcp://192.0.2.7:2375");
    home.context("rootless", "unix:///run/user/7/docker.sock");
    home.write("config.json", r#"{"auths":{},"currentContext":"rootless"}"#);
    assert_eq!(home.shown(None), [r#"context "rootless" unix:///run/user/7/docker.sock"#]);
    home.env.docker_context = Some("work".into());
    assert_eq!(home.shown(None), [r#"DOCKER_CONTEXT "work" tcp://192.0.2.7:2375"#]);
    home.env.docker_host = Some("unix:///tmp/d.sock".into());
    assert_eq!(home.shown(None), ["DOCKER_HOST unix:///tmp/d.sock"]);
    assert_eq!(home.shown(Some("tcp://h:1")), ["--docker-host tcp://h:1"]);
}

#[test]
fn the_default_context_is_the_usual_sockets() {
    let mut home = Home::new();
    home.write("config.json", r#"{"currentContext":"rootless"}"#);
    home.env.docker_context = Some("default".into());
    assert_eq!(home.shown(None).len(), 5);
}

#[test]
fn docker_config_moves_the_context_store() {
    let mut home = Home::new();
    home.context("work", "tcp://192.0.2.7:2375");
    home.env.docker_config = Some(home.folder.path().join(".docker"));
    home.env.home = None;
    home.env.docker_context = Some("work".into());
    assert_eq!(home.shown(None), [r#"DOCKER_CONTEXT "work" tcp://192.0.2.7:2375"#]);
}

#[test]
fn contexts_that_cannot_be_used_say_why() {
    let mut home = Home::new();
    let check = |home: &mut Home, context: &str, part: &str| {
        home.env.docker_context = Some(context.into());
        let shown = home.shown(None);
        assert!(shown.len() == 1 && shown[0].contains(part), "{shown:?}");
    };
    check(&mut home, "absent", "knows no context");
    home.context("remote", "ssh://user@host");
    check(&mut home, "remote", "ssh:// are not supported");
    home.context("empty", "");
    check(&mut home, "empty", "no Docker endpoint");
    home.write(&format!("contexts/meta/{}/meta.json", folder_of("broken")), "{");
    check(&mut home, "broken", "no context file");
    home.context("secure", "tcp://192.0.2.7:2376");
    home.write(&format!("contexts/tls/{}/docker/ca.pem", folder_of("secure")), "");
    check(&mut home, "secure", "TLS");
}

#[test]
fn tls_asked_for_by_the_environment_is_not_ignored() {
    let mut home = Home::new();
    home.env.docker_host = Some("tcp://192.0.2.7:2376".into());
    home.env.docker_tls = true;
    assert!(home.shown(None)[0].contains("TLS"));
}

#[test]
fn a_broken_config_is_no_obstacle() {
    let home = Home::new();
    home.write("config.json", "not json");
    assert_eq!(home.shown(None).len(), 5);
}
