use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use super::*;

/// Whether any process still names `dir` on its command line.
fn processes_of(dir: &Path) -> Vec<String> {
    let dir = dir.to_str().unwrap();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(dir) && !line.contains("miniman-reaper") {
            found.push(line);
        }
    }
    found
}

#[test]
fn a_dropped_daemon_leaves_nothing_behind() {
    let docker = PrivateDocker::start().unwrap();
    let id = docker.run(&RunSpec::sh("sleeper", "echo here; sleep 1000")).unwrap();
    assert_eq!(id.len(), 64);
    let pid = docker.inspect("sleeper", "{{.State.Pid}}").unwrap();
    let dir = docker.dir().to_owned();
    assert!(is_running(pid.parse().unwrap()));
    drop(docker);
    assert!(!dir.exists());
    assert_eq!(processes_of(&dir), Vec::<String>::new());
    assert!(!is_running(pid.parse().unwrap()));
    assert!(!std::fs::read_to_string("/proc/self/mountinfo").unwrap().contains(dir.to_str().unwrap()));
}

#[test]
fn a_dropped_daemon_removes_no_control_group_but_its_own() {
    // Cgroup v2, or one hierarchy of v1.
    let root = Path::new("/sys/fs/cgroup");
    let root = if root.join("cgroup.procs").exists() { root.to_owned() } else { root.join("pids") };
    let other = root.join(format!("miniman-testkit-{}", std::process::id()));
    std::fs::create_dir(&other).unwrap();
    drop(PrivateDocker::start_with(DaemonOptions { no_image: true, ..Default::default() }).unwrap());
    let left = other.exists();
    std::fs::remove_dir(&other).ok();
    assert!(left, "a group that is not the daemon's was removed");
}

#[test]
fn two_daemons_know_nothing_of_each_other() {
    let (one, two) = (PrivateDocker::start().unwrap(), PrivateDocker::start().unwrap());
    one.run(&RunSpec::new("only-here", ["true"])).unwrap();
    assert_eq!(two.docker(&["ps", "-aq"]).unwrap(), "");
}

#[test]
fn a_daemon_leaves_the_machines_network_alone() {
    let network = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let docker = PrivateDocker::start().unwrap();
    let pid = docker.lock_daemon().as_ref().unwrap().id();
    assert_ne!(network(&pid.to_string()), network("self"));
    assert_eq!(network(&pid.to_string()), docker.in_network(|| network("thread-self")).unwrap());
}

#[test]
fn the_numbered_writer_writes_each_number_once() {
    let docker = PrivateDocker::start().unwrap();
    docker.run(&RunSpec::numbered("writer", 5_000, 0, 100)).unwrap();
    assert_eq!(docker.wait("writer").unwrap(), 0);
    let log = docker.docker(&["logs", "writer"]).unwrap();
    let numbers: Vec<u64> = log.lines().map(|l| l.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..5_000).collect::<Vec<_>>());
    assert!(log.lines().all(|line| line.len() == 100));
}

#[test]
fn containers_survive_a_restart_of_a_live_restoring_daemon() {
    let docker =
        PrivateDocker::start_with(DaemonOptions { live_restore: true, ..DaemonOptions::default() }).unwrap();
    docker.run(&RunSpec::new("sleeper", ["sleep", "1000"])).unwrap();
    let started = docker.inspect("sleeper", "{{.State.StartedAt}}").unwrap();
    docker.restart().unwrap();
    assert_eq!(docker.inspect("sleeper", "{{.State.Running}} {{.State.StartedAt}}").unwrap(), {
        format!("true {started}")
    });
}

#[test]
fn a_killed_daemon_starts_again_with_its_containers_known() {
    let docker = PrivateDocker::start().unwrap();
    docker.run(&RunSpec::new("sleeper", ["sleep", "1000"])).unwrap();
    docker.kill().unwrap();
    docker.start_again().unwrap();
    wait_for("the container to be known as stopped", Duration::from_secs(20), || {
        (docker.inspect("sleeper", "{{.State.Running}}").ok()? == "false").then_some(())
    })
    .unwrap();
}

#[test]
fn a_killed_process_leaves_no_daemon() {
    const IN_THE_CHILD: &str = "MINIMAN_TESTKIT_CHILD";
    if std::env::var_os(IN_THE_CHILD).is_some() {
        let docker = PrivateDocker::start().unwrap();
        docker.run(&RunSpec::new("sleeper", ["sleep", "1000"])).unwrap();
        eprintln!("dir={}", docker.dir().display());
        loop {
            std::thread::park();
        }
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["docker::tests::a_killed_process_leaves_no_daemon", "--exact", "--nocapture"])
        .env(IN_THE_CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let dir = lines.find_map(|line| line.unwrap().strip_prefix("dir=").map(PathBuf::from)).unwrap();
    assert!(dir.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    wait_for("the reaper to clean up", Duration::from_secs(30), || (!dir.exists()).then_some(())).unwrap();
    assert_eq!(processes_of(&dir), Vec::<String>::new());
}
