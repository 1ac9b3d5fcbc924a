//! What `docker run` is asked for.

use super::SAMPLE_IMAGE;

/// A container to run detached, without a network.
///
/// ```
/// # use miniman_testkit::RunSpec;
/// let spec = RunSpec::new("shop-web-1", ["seq", "1000000"])
///     .log("json-file", [("max-size", "10m"), ("max-file", "3")])
///     .compose("shop", "web", 1);
/// ```
#[derive(Clone, Debug)]
pub struct RunSpec {
    pub name: String,
    pub image: String,
    pub cmd: Vec<String>,
    /// The daemon's default, which is `json-file`, when None.
    pub log_driver: Option<String>,
    pub log_opts: Vec<(String, String)>,
    pub labels: Vec<(String, String)>,
    pub tty: bool,
    /// What `docker stop` sends first. `KILL` here: a program as process 1 ignores `TERM` unless it asked for it, and
    /// each stop in a test would wait for 10 s.
    pub stop_signal: String,
    /// Any other arguments of `docker run`, before the image.
    pub args: Vec<String>,
}

impl RunSpec {
    /// A container of [`SAMPLE_IMAGE`].
    pub fn new<C: Into<String>>(name: &str, cmd: impl IntoIterator<Item = C>) -> RunSpec {
        RunSpec {
            name: name.to_owned(),
            image: SAMPLE_IMAGE.to_owned(),
            cmd: cmd.into_iter().map(Into::into).collect(),
            log_driver: None,
            log_opts: Vec::new(),
            labels: Vec::new(),
            tty: false,
            stop_signal: "KILL".to_owned(),
            args: Vec::new(),
        }
    }

    /// A container that runs a shell script.
    pub fn sh(name: &str, script: &str) -> RunSpec {
        RunSpec::new(name, ["sh", "-c", script])
    }

    /// A container that writes `count` lines `<n> <ns since 1970> <padding>` from 0 up, `rate` a second (0: as fast as
    /// it can) and at least `size` bytes each, and exits. More of its options: `writer/numbered_writer.rs`.
    pub fn numbered(name: &str, count: u64, rate: u64, size: usize) -> RunSpec {
        let number = |n: u64| n.to_string();
        RunSpec::new(
            name,
            [
                "numbered-writer".to_owned(),
                "--count".to_owned(),
                number(count),
                "--rate".to_owned(),
                number(rate),
                "--size".to_owned(),
                number(size as u64),
            ],
        )
    }

    /// A container that writes `count` lines of a web shop at full speed and exits. A line's text depends on its number
    /// only: `writer/mixed.rs`.
    pub fn mixed(name: &str, count: u64) -> RunSpec {
        RunSpec::new(name, ["numbered-writer", "--mixed", "--count", &count.to_string()])
    }

    /// A [`RunSpec::numbered`] that does not exit after its last line.
    #[must_use]
    pub fn hold(mut self) -> RunSpec {
        self.cmd.push("--hold".to_owned());
        self
    }

    /// With this log driver and these `--log-opt`s.
    #[must_use]
    pub fn log<const N: usize>(mut self, driver: &str, opts: [(&str, &str); N]) -> RunSpec {
        self.log_driver = Some(driver.to_owned());
        self.log_opts = opts.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        self
    }

    /// With one more label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> RunSpec {
        self.labels.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With the labels that Docker Compose gives a service's container.
    #[must_use]
    pub fn compose(self, project: &str, service: &str, number: u32) -> RunSpec {
        self.label("com.docker.compose.project", project)
            .label("com.docker.compose.service", service)
            .label("com.docker.compose.container-number", &number.to_string())
            .label("com.docker.compose.config-hash", &format!("{:064x}", u64::from(number) + 0x5a4d_91e0))
            .label("com.docker.compose.oneoff", "False")
    }

    /// With a terminal.
    #[must_use]
    pub fn tty(mut self) -> RunSpec {
        self.tty = true;
        self
    }

    /// With another signal for `docker stop`, such as `TERM` for a script that traps it.
    #[must_use]
    pub fn stop_signal(mut self, signal: &str) -> RunSpec {
        self.stop_signal = signal.to_owned();
        self
    }

    /// With one more argument of `docker run`, such as `--restart=always`.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> RunSpec {
        self.args.push(arg.to_owned());
        self
    }

    /// The arguments for `docker`; `verb` is `run` or `create`.
    pub(super) fn args(&self, verb: &str) -> Vec<String> {
        let mut args = vec![verb.to_owned()];
        if verb == "run" {
            args.push("--detach".to_owned());
        }
        args.extend(["--name".to_owned(), self.name.clone(), "--network=none".to_owned()]);
        args.push(format!("--stop-signal={}", self.stop_signal));
        if let Some(driver) = &self.log_driver {
            args.push(format!("--log-driver={driver}"));
        }
        args.extend(self.log_opts.iter().map(|(key, value)| format!("--log-opt={key}={value}")));
        args.extend(self.labels.iter().map(|(key, value)| format!("--label={key}={value}")));
        if self.tty {
            args.push("--tty".to_owned());
        }
        args.extend(self.args.iter().cloned());
        args.push(self.image.clone());
        args.extend(self.cmd.iter().cloned());
        args
    }
}
