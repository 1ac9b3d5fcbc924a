//! What containers write is what is read.

use miniman_testkit::RunSpec;

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_goes_from_a_container_to_a_view() {
    let rig = Rig::start().await;
    rig.docker.run(&RunSpec::sh("one", "echo hello; echo world >&2")).unwrap();
    let mut lines = rig.hub.settled("one").await.lines;
    lines.sort();
    assert_eq!(lines, ["hello", "world"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_lines_arrive_as_they_were_written() {
    let rig = Rig::start().await;
    let script = r#"
        printf '\n'; printf 'a\rb\n'; printf 'x\000y\n'; printf 'bad \377 byte\n';
        head -c 16384 /dev/zero | tr '\0' 'e'; echo;
        head -c 16385 /dev/zero | tr '\0' 'f'; echo;
        head -c 10485760 /dev/zero | tr '\0' 'g'; echo;
        printf 'no newline at the end'"#;
    for driver in ["json-file", "local"] {
        rig.docker.run(&RunSpec::sh(driver, script).log(driver, [])).unwrap();
        let lines = rig.hub.settled(driver).await.lines;
        let short: Vec<_> = lines
            .iter()
            .map(
                |line| {
                    if line.len() < 100 { line.clone() } else { format!("{}×{}", &line[..1], line.len()) }
                },
            )
            .collect();
        let expected = [
            "",
            "a\rb",
            "x\0y",
            "bad \u{fffd} byte",
            "e×16384",
            "f×16385",
            "g×1048576",
            "no newline at the end",
        ];
        assert_eq!(short, expected, "{driver}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminals_carriage_return_is_not_part_of_the_line() {
    let rig = Rig::start().await;
    for driver in ["json-file", "local"] {
        rig.docker
            .run(&RunSpec::sh(driver, "echo one; printf 'a\\rb\\n'; echo three").tty().log(driver, []))
            .unwrap();
        assert_eq!(rig.hub.settled(driver).await.lines, ["one", "a\rb", "three"], "{driver}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_from_before_the_first_look_comes_before_live_lines() {
    let rig = Rig::start().await;
    let Rig { docker, dir, hub } = rig;
    hub.stop().await;
    for driver in ["json-file", "local"] {
        let spec = RunSpec::numbered(driver, 300_000, 0, 100)
            .log(driver, [("max-size", "8m"), ("max-file", "20"), ("compress", "true")]);
        docker.run(&spec).unwrap();
        docker.wait(driver).unwrap();
    }
    let hub = crate::rig::Running::start(&docker, dir.path(), None);
    for driver in ["json-file", "local"] {
        hub.settled(driver).await.assert_numbered(300_000);
    }
    hub.stop().await;
}
