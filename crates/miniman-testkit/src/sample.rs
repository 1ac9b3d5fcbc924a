//! Sample containers: two Compose stacks and some strays that write logs as real programs do.
//!
//! They are what `cargo xtask run` shows where no engine answers, and what screenshots are taken of. Each is an awk
//! script of `sample/` (busybox has an awk), started by `sample/run.sh`. Together they take a few percent of one CPU.

use std::thread;

use anyhow::{Result, anyhow};

use crate::{PrivateDocker, RunSpec, SAMPLE_IMAGE};

/// The scripts, as `image.rs` puts them into the image under `/sample/`.
pub(crate) const SCRIPTS: [(&str, &str); 12] = [
    ("run.sh", include_str!("../sample/run.sh")),
    ("common.awk", include_str!("../sample/common.awk")),
    ("web.awk", include_str!("../sample/web.awk")),
    ("api.awk", include_str!("../sample/api.awk")),
    ("worker.awk", include_str!("../sample/worker.awk")),
    ("payments.awk", include_str!("../sample/payments.awk")),
    ("db.awk", include_str!("../sample/db.awk")),
    ("cache.awk", include_str!("../sample/cache.awk")),
    ("ghost.awk", include_str!("../sample/ghost.awk")),
    ("caddy.awk", include_str!("../sample/caddy.awk")),
    ("backup.awk", include_str!("../sample/backup.awk")),
    ("sync.awk", include_str!("../sample/sync.awk")),
];

/// Failing for one half-minute in five, so that a container turns unhealthy and well again while one looks.
const HEALTH_CMD: &str =
    "--health-cmd=test $(( $(date +%s) / 30 % 5 )) -ne 3 || { echo 'GET /health: 503'; exit 1; }";

/// Starts all sample containers, at once.
///
/// # Errors
/// The first of Docker's answers that is an error.
pub fn start_stacks(docker: &PrivateDocker) -> Result<()> {
    let specs = containers();
    for spec in &specs {
        docker.docker(&["tag", SAMPLE_IMAGE, &spec.image])?;
    }
    thread::scope(|scope| {
        let starts: Vec<_> = specs.iter().map(|spec| scope.spawn(|| docker.run(spec))).collect();
        for start in starts {
            start.join().map_err(|_| anyhow!("a thread that started a container panicked"))??;
        }
        Ok(())
    })
}

fn containers() -> Vec<RunSpec> {
    vec![
        app("web", "nginx:1.29", "shop-web-1").compose("shop", "web", 1),
        app("web", "nginx:1.29", "shop-web-2").compose("shop", "web", 2),
        app("api", "shop/api:2.4.1", "shop-api-1")
            .compose("shop", "api", 1)
            .arg(HEALTH_CMD)
            .arg("--health-interval=5s")
            .arg("--health-retries=2"),
        app("worker", "shop/worker:2.4.1", "shop-worker-1")
            .compose("shop", "worker", 1)
            .arg("--restart=always")
            .arg("--memory=32m"),
        app("payments", "shop/payments:1.9.0", "shop-payments-1").compose("shop", "payments", 1),
        app("db", "postgres:17", "shop-db-1").compose("shop", "db", 1).log("local", []),
        app("cache", "valkey:8", "shop-cache-1").compose("shop", "cache", 1),
        app("ghost", "ghost:5", "blog-ghost-1").compose("blog", "ghost", 1),
        app("caddy", "caddy:2.10", "blog-caddy-1").compose("blog", "caddy", 1),
        app("backup", "restic:0.18", "backup"),
        app("sync", "rclone:1.71", "photo-sync").tty(),
    ]
}

/// One that ends at once when asked to, with what `sample/run.sh` says at that.
fn app(script: &str, image: &str, name: &str) -> RunSpec {
    let mut spec = RunSpec::new(name, ["sh", "/sample/run.sh", script]).stop_signal("TERM");
    image.clone_into(&mut spec.image);
    spec
}
