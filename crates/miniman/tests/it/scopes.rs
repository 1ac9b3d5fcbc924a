//! Who sees what of a real engine where labels are the image's and not the container's.

use miniman_testkit::{Request, RunSpec, wait_for};
use serde_json::Value;

use crate::rig::{LIMIT, Rig};

/// All that Compose puts on a container of its own, a label that a scope may go by, and MiniMan's own labels.
const CLAIM: &str = "LABEL com.docker.compose.project=shop com.docker.compose.service=web \
    com.docker.compose.container-number=1 com.docker.compose.config-hash=f00 com.docker.compose.oneoff=False \
    team=payments miniman.hide=honest miniman.message=msg miniman.retention=1d";

#[test]
fn an_image_enters_no_scope_by_its_labels_and_stays_listed_to_admins() {
    let rig = Rig::start();
    rig.docker.create(&RunSpec::sh("base", "true")).unwrap();
    rig.docker.docker(&["commit", "--change", CLAIM, "base", "forged"]).unwrap();
    let intruder = RunSpec { image: "forged".into(), ..RunSpec::sh("intruder", "echo forged; sleep 1000") };
    rig.docker.run(&intruder).unwrap();
    let own = RunSpec::sh("shop-web-1", "echo honest; sleep 1000").compose("shop", "web", 1);
    rig.docker.run(&own.label("team", "payments")).unwrap();
    for name in ["intruder", "shop-web-1"] {
        rig.miniman.wait_for_records(name, 1, LIMIT).unwrap();
    }
    for scope in ["local/stack:shop", "*/stack:shop/service:web", "local/label:team=payments"] {
        let arguments = ["token", "create", "--name", "scoped", "--role", "operator", "--scope", scope];
        let token = rig.miniman.run(arguments).unwrap();
        assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        let send = |request: Request| request.bearer(&token).send(rig.miniman.address()).unwrap();
        let known = || (send(Request::get("/api/v1/me")).status == 200).then_some(());
        wait_for("the token", LIMIT, known).unwrap();
        let list = send(Request::get("/api/v1/containers")).json().unwrap();
        assert_eq!(names(&list), ["shop-web-1"], "{scope}: {list}");
        for path in [
            "/api/v1/logs?format=text",
            "/api/v1/logs?format=text&service=web",
            "/api/v1/logs?format=text&stack=shop",
        ] {
            assert_eq!(send(Request::get(path)).text(), "honest\n", "{scope}: {path}");
        }
        assert_eq!(send(Request::get("/api/v1/logs?container=intruder")).status, 404, "{scope}");
        assert_eq!(send(Request::post("/api/v1/containers/intruder/stop")).status, 404, "{scope}");
    }
    // A stack is acted on as a whole: the intruder is no part of it.
    let config_id = rig.present("shop-web-1")["config_id"].clone();
    let stop = rig.miniman.send(Request::post(&format!("/api/v1/stacks/{config_id}/stop"))).unwrap();
    assert_eq!(stop.json().unwrap()["targets"].as_array().unwrap().len(), 1, "{}", stop.text());
    assert_eq!(rig.docker.inspect("intruder", "{{.State.Running}}").unwrap(), "true");
    let seen = rig.present("intruder");
    assert_eq!(
        (&seen["stack"], &seen["service"], &seen["config_id"]),
        (&Value::Null, &Value::Null, &0.into())
    );
    assert_eq!(rig.miniman.get("/api/v1/logs?format=text&container=intruder").unwrap().text(), "forged\n");
}

/// Of all containers in a list.
fn names(list: &Value) -> Vec<&str> {
    let containers = list["containers"].as_array().unwrap().iter();
    containers.map(|container| container["name"].as_str().unwrap()).collect()
}
