use miniman_store::app::Role;
use miniman_testkit::{PrivateDocker, RunSpec};
use serde_json::Value;

use crate::api::testing::Fixture;
use crate::config::ServerConfig;
use crate::testing::{TestServer, get, text};

#[tokio::test]
async fn details_of_what_is_gone_are_refused_and_of_what_is_absent_not_found() {
    let shop = Fixture::shop().await;
    assert_eq!(shop.refused("/api/v1/containers/web-1/details").await, (409, "conflict".into()));
    assert_eq!(shop.refused("/api/v1/containers/nobody/details").await, (404, "not_found".into()));
    assert_eq!(shop.refused("/api/v1/containers/web-1/details?all=1").await, (400, "bad_request".into()));
}

#[tokio::test]
async fn secrets_of_a_real_container_are_never_sent_and_its_environment_only_to_admins() {
    let docker = PrivateDocker::start().unwrap();
    let mut spec = RunSpec::sh("web", "sleep 1000");
    for flag in [
        "--env=LOG_LEVEL=debug",
        "--env=DB_PASSWORD=hunter2",
        "--env=DB=postgres://a:hunter2@db/x",
        "--memory=64m",
        "--label=note=hunter2",
        "--label=org.opencontainers.image.version=1.2",
        "--restart=unless-stopped",
        "--tmpfs=/scratch",
    ] {
        spec = spec.arg(flag);
    }
    docker.run(&spec).unwrap();
    let server = TestServer::set_up_on(&docker, ServerConfig::default());
    server.add_user("vic", Role::Viewer);
    server.present("web", |_| true).await;
    let ask = async |who: &str| {
        let bearer = format!("Bearer {}", server.token(who));
        text(
            server.send(get("/api/v1/containers/web/details").header("authorization", &bearer).empty()).await,
        )
        .await
    };
    let told = ask("ada").await;
    assert!(!told.contains("hunter2"), "{told}");
    let details: Value = serde_json::from_str(&told).unwrap();
    let value = |name: &str| {
        let environment = details["environment"].as_array().unwrap();
        environment.iter().find(|variable| variable["name"] == name).unwrap().clone()
    };
    assert_eq!(value("LOG_LEVEL")["value"], "debug");
    for name in ["DB_PASSWORD", "DB"] {
        assert_eq!(
            (&value(name)["value"], &value(name)["secret"]),
            (&Value::Null, &Value::Bool(true)),
            "{name}"
        );
    }
    assert_eq!(details["limits"]["memory_bytes"], 64 << 20);
    assert_eq!(details["restart_policy"]["name"], "unless-stopped");
    let viewer: Value = serde_json::from_str(&ask("vic").await).unwrap();
    assert_eq!((&viewer["environment"], &viewer["limits"]), (&Value::Null, &details["limits"]));
    let labels = |told: &Value| (told["labels"].as_object().unwrap().len(), told["labels_hidden"].as_u64());
    assert_eq!(labels(&details), (1, Some(1)));
    assert_eq!(labels(&viewer), (0, Some(2)));
}
