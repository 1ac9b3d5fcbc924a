//! MiniMan behind a proxy that allows what `docs/least-privilege.md` lists, and nothing else of an engine's API.

use std::path::Path;

use miniman_testkit::{MiniMan, PrivateDocker, Proxy, Request, RunSpec, Upstream, wait_for};
use serde_json::{Value, json};

use crate::rig::{BINARY, LIMIT};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/least-privilege.md");

/// `GET /containers/{id}/json`, in the words of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Route(String);

impl Route {
    /// Those of the table with this head.
    fn documented(head: &str) -> Vec<Route> {
        let text = std::fs::read_to_string(Path::new(DOCUMENT)).unwrap();
        let rows = text.lines().skip_while(|line| !line.starts_with(&format!("| {head} |"))).skip(2);
        let routes = rows.map_while(|row| row.strip_prefix("| `")).filter_map(|row| row.split('`').next());
        routes.map(|route| Route(route.to_owned())).collect()
    }

    /// Whether a request, `GET /v1.41/containers/…?…`, is for this one.
    fn fits(&self, asked: &str) -> bool {
        let (method, path) = asked.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap();
        // Below an API version, or without one.
        let bare = path.strip_prefix("/v").and_then(|rest| rest.split_once('/'));
        let versioned =
            bare.filter(|(version, _)| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        let path = versioned.map_or(path, |(version, _)| &path[version.len() + 2..]);
        let (own_method, own_path) = self.0.split_once(' ').unwrap();
        let fits = match own_path.split_once("{name}") {
            Some((before, behind)) => {
                let name = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
                name.is_some_and(|name| !name.is_empty())
            }
            None => {
                let own = own_path.split('/');
                let same = |(own, part): (&str, &str)| own == part || (own == "{id}" && !part.is_empty());
                own.clone().count() == path.split('/').count() && own.zip(path.split('/')).all(same)
            }
        };
        method == own_method && fits
    }
}

/// A daemon, a proxy that allows these routes, and MiniMan behind it.
struct Rig {
    miniman: MiniMan,
    proxy: Proxy,
    docker: PrivateDocker,
}

impl Rig {
    fn start(allowed: &[Route]) -> Rig {
        let docker = PrivateDocker::start().unwrap();
        let allowed = allowed.to_vec();
        let proxy = Proxy::start(Upstream::Unix(docker.socket()), move |head| {
            let asked = format!("{} {}", head.method, head.target);
            allowed.iter().any(|route| route.fits(&asked))
        });
        let proxy = proxy.unwrap();
        let miniman = MiniMan::start_on(BINARY, &format!("tcp://{}", proxy.address())).unwrap();
        miniman.wait_for_engine().unwrap();
        Rig { miniman, proxy, docker }
    }

    fn state(&self, name: &str, wanted: &str) {
        let is = |container: &Value| (container["state"] == wanted).then_some(());
        self.miniman.wait_for_container(name, LIMIT, is).unwrap();
    }

    fn act(&self, method: &'static str, path: &str) -> Value {
        let path = format!("/api/v1/containers/{path}");
        let answer = self.miniman.send(Request::new(method, &path)).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json().unwrap()
    }
}

#[test]
fn behind_a_proxy_that_allows_the_documented_routes_all_works_and_each_of_them_is_needed() {
    let (looking, acting) = (Route::documented("to look"), Route::documented("to act"));
    assert!(looking.len() >= 8 && acting.len() == 7, "{looking:?} {acting:?}");
    let all = [looking, acting].concat();
    let rig = Rig::start(&all);
    rig.docker.run(&RunSpec::sh("web", "echo hello; sleep 1000").label("team", "a")).unwrap();
    rig.miniman.wait_for_records("web", 1, LIMIT).unwrap();
    let logs = rig.miniman.get("/api/v1/logs?container=web&format=text").unwrap();
    assert_eq!(logs.text(), "hello\n");
    let container = rig.miniman.container("web").unwrap();
    assert_eq!(container["log"]["source"], "api", "{container}");
    assert_eq!(rig.miniman.get("/api/v1/containers/web/details").unwrap().status, 200);
    wait_for("a reading of what it uses", LIMIT, || {
        let stats = rig.miniman.get("/api/v1/containers/stats").ok()?.json().ok()?;
        stats["containers"].as_array().is_some_and(|readings| !readings.is_empty()).then_some(())
    })
    .unwrap();
    for (action, then) in [
        ("restart", "running"),
        ("pause", "paused"),
        ("unpause", "running"),
        ("stop", "exited"),
        ("start", "running"),
        ("kill", "exited"),
    ] {
        let operation = rig.act("POST", &format!("web/{action}"));
        assert_eq!(operation["outcome"], "succeeded", "{operation}");
        rig.state("web", then);
    }
    let operation = rig.act("DELETE", "web");
    assert_eq!(operation["outcome"], "succeeded", "{operation}");
    let gone = |container: &Value| (container["present"] == false).then_some(());
    rig.miniman.wait_for_container("web", LIMIT, gone).unwrap();

    let asked = rig.proxy.asked();
    let refused: Vec<_> = asked.iter().filter(|(_, passed)| !passed).collect();
    assert!(refused.is_empty(), "it asks for more than is documented: {refused:?}");
    for route in &all {
        assert!(
            asked.iter().any(|(asked, _)| route.fits(asked)),
            "{route:?} is documented and not asked for"
        );
    }
    // The proxy is one: what is not listed does not reach the engine.
    for (method, path) in [
        ("POST", "/v1.41/containers/create"),
        ("POST", "/containers/web/exec"),
        ("GET", "/v1.41/containers/web/archive?path=/"),
        ("GET", "/v1.41/containers/../info/json/x"),
        ("DELETE", "/v1.41/images/web"),
    ] {
        assert_eq!(Request::new(method, path).send(rig.proxy.address()).unwrap().status, 403, "{path}");
    }
}

#[test]
fn behind_a_proxy_for_looking_an_action_fails_in_its_words_and_changes_nothing() {
    let rig = Rig::start(&Route::documented("to look"));
    rig.docker.run(&RunSpec::sh("web", "echo hello; sleep 1000")).unwrap();
    rig.miniman.wait_for_records("web", 1, LIMIT).unwrap();
    let operation = rig.act("POST", "web/stop");
    assert_eq!(operation["outcome"], json!("failed"), "{operation}");
    assert_eq!(operation["targets"][0]["error"], "the proxy does not allow this", "{operation}");
    assert_eq!(rig.docker.inspect("web", "{{.State.Running}}").unwrap(), "true");
}
