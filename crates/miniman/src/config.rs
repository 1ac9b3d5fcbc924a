//! Options, variables and file to one checked configuration; all that is wrong is told at once.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use miniman_log::Redactor;
use miniman_store::logs::{LogRetention, LogStoreOptions};
use serde::Deserialize;

use crate::cli::{Options, Redact};

mod doors;
mod vouching;

pub(crate) use doors::Doors;
pub(crate) use vouching::{ForwardAuth, Oidc, Vouching};

/// 5647: LOGS on a telephone's keys is 5647.
const DEFAULT_LISTEN: &str = "127.0.0.1:5647";

/// What the commands work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) docker_host: Option<String>,
    pub(crate) log_root: Option<PathBuf>,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) doors: Doors,
    pub(crate) vouching: Vouching,
    pub(crate) read_only: bool,
    /// As given; `None` without.
    pub(crate) retention: Option<LogRetention>,
    pub(crate) session_lifetime: Option<Duration>,
    pub(crate) audit_retention: Option<Duration>,
    /// Bytes that stay free on the disk.
    pub(crate) disk_reserve: u64,
    pub(crate) redact: Redact,
    /// Checked: a [`Redactor`] can be made of them.
    pub(crate) redact_patterns: Vec<String>,
    pub(crate) admin: Option<FirstAdmin>,
}

/// The first admin, made unattended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstAdmin {
    pub(crate) username: String,
    pub(crate) password_file: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    data_dir: Option<PathBuf>,
    docker_host: Option<String>,
    log_root: Option<PathBuf>,
    allowed_hosts: Option<Vec<String>>,
    public_url: Option<String>,
    insecure_http: Option<bool>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    listen_socket: Option<PathBuf>,
    trusted_proxies: Option<Vec<String>>,
    base_path: Option<String>,
    forward_auth_user_header: Option<String>,
    forward_auth_groups_header: Option<String>,
    forward_auth_secret_file: Option<PathBuf>,
    group_roles: Option<Vec<String>>,
    oidc_issuer: Option<String>,
    oidc_client_id: Option<String>,
    oidc_client_secret_file: Option<PathBuf>,
    oidc_scopes: Option<Vec<String>>,
    oidc_groups_claim: Option<String>,
    read_only: Option<bool>,
    retention: Option<String>,
    disk_reserve: Option<String>,
    session_lifetime: Option<String>,
    audit_retention: Option<String>,
    redact: Option<Redact>,
    redact_patterns: Option<Vec<String>>,
    admin_username: Option<String>,
    admin_password_file: Option<PathBuf>,
}

/// # Errors
/// Every mistake, a sentence each.
pub(crate) fn resolve(options: &Options) -> Result<Config, Vec<String>> {
    let mut errors = Vec::new();
    let file = options.config.as_deref().map_or_else(|| Ok(File::default()), read_file);
    let mut file = file.unwrap_or_else(|error| {
        errors.push(error);
        File::default()
    });
    let doors = doors::resolve(options, &mut file, &mut errors);
    let vouching = vouching::resolve(options, &mut file, &doors, &mut errors);
    let text = |option: &Option<String>, file: Option<String>| option.clone().or(file);
    let path = |option: &Option<PathBuf>, file: Option<PathBuf>| option.clone().or(file);
    let insecure_http = options.insecure_http.or(file.insecure_http).unwrap_or(false);
    let listen = text(&options.listen, file.listen).unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    let public_url = text(&options.public_url, file.public_url);
    let secured = insecure_http || doors.tls.is_some();
    let listen = check_listen(&listen, secured, public_url.as_deref(), &mut errors);
    if let Some(url) = &public_url {
        check_public_url(url, &mut errors);
    }
    let username = text(&options.admin_username, file.admin_username);
    let password_file = path(&options.admin_password_file, file.admin_password_file);
    let admin = match (username, password_file) {
        (Some(username), Some(password_file)) => Some(FirstAdmin { username, password_file }),
        (None, None) => None,
        _ => {
            errors.push("--admin-username and --admin-password-file go together; give both".to_owned());
            None
        }
    };
    let data_dir = path(&options.data_dir, file.data_dir).or_else(default_data_dir);
    if data_dir.is_none() {
        errors.push("there is no home folder to keep data in; give --data-dir".to_owned());
    }
    let retention = text(&options.retention, file.retention);
    let retention = retention.and_then(|text| limits("--retention", &text, "30d,2GB", &mut errors));
    let reserve = text(&options.disk_reserve, file.disk_reserve);
    let reserve = reserve.and_then(|text| {
        let limits = limits("--disk-reserve", &text, "256MB", &mut errors)?;
        if limits.bytes.is_none() || limits.age.is_some() {
            errors.push(format!("--disk-reserve takes a size, as in 256MB; got {text:?}"));
        }
        limits.bytes
    });
    let lifetime = text(&options.session_lifetime, file.session_lifetime);
    let session_lifetime = age("--session-lifetime", lifetime, "30d", &mut errors);
    let audit = text(&options.audit_retention, file.audit_retention);
    let audit_retention = age("--audit-retention", audit, "365d", &mut errors);
    let redact_patterns = options.redact_patterns.clone().or(file.redact_patterns).unwrap_or_default();
    check_patterns(&redact_patterns, &mut errors);
    let defaults = LogStoreOptions::default();
    let config = Config {
        retention,
        session_lifetime,
        audit_retention,
        disk_reserve: reserve.unwrap_or(defaults.reserve_bytes),
        redact: options.redact.or(file.redact).unwrap_or(Redact::BuiltIn),
        redact_patterns,
        listen,
        data_dir: data_dir.unwrap_or_default(),
        docker_host: text(&options.docker_host, file.docker_host),
        log_root: path(&options.log_root, file.log_root),
        allowed_hosts: options.allowed_hosts.clone().or(file.allowed_hosts).unwrap_or_default(),
        public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
        doors,
        vouching,
        read_only: options.read_only.or(file.read_only).unwrap_or(false),
        admin,
    };
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

/// Each on its own, so that all that are wrong are told.
fn check_patterns(patterns: &[String], errors: &mut Vec<String>) {
    let before = errors.len();
    for pattern in patterns {
        if let Err(error) = Redactor::new(false, &[pattern]) {
            errors.push(format!("--redact-pattern {pattern:?}: {error}"));
        }
    }
    if errors.len() == before
        && let Err(error) = Redactor::new(false, patterns)
    {
        errors.push(format!("--redact-pattern: {error}"));
    }
}

fn age(option: &str, text: Option<String>, example: &str, errors: &mut Vec<String>) -> Option<Duration> {
    let text = text?;
    let limits = limits(option, &text, example, errors)?;
    if limits.age.is_none() || limits.bytes.is_some() {
        errors.push(format!("{option} takes an age, as in {example}; got {text:?}"));
    }
    limits.age
}

fn limits(option: &str, text: &str, example: &str, errors: &mut Vec<String>) -> Option<LogRetention> {
    text.parse()
        .map_err(|error| errors.push(format!("{option} {text:?}: {error}; give it as in {example}")))
        .ok()
}

fn read_file(path: &Path) -> Result<File, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{shown}: {error}"))
}

fn check_listen(text: &str, secured: bool, public_url: Option<&str>, errors: &mut Vec<String>) -> SocketAddr {
    let fallback = SocketAddr::from(([127, 0, 0, 1], 0));
    let Ok(address) = text.parse::<SocketAddr>() else {
        errors.push(format!("--listen takes an IP address and a port, as in {DEFAULT_LISTEN}; got {text:?}"));
        return fallback;
    };
    let behind_tls = public_url.is_some_and(|url| url.starts_with("https://"));
    if !is_loopback(address.ip()) && !secured && !behind_tls {
        errors.push(format!(
            "--listen {address} is reached from other machines without TLS; add it with --tls-cert and --tls-key, name the \
             proxy that adds it with --public-url https://…, or accept plain HTTP with --insecure-http"
        ));
    }
    address
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

fn check_public_url(url: &str, errors: &mut Vec<String>) {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.trim_end_matches('/'));
    if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
        errors.push(format!(
            "--public-url takes a scheme and a host, as in https://logs.example.com; got {url:?}"
        ));
    }
}

fn default_data_dir() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/miniman"));
    }
    let share = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let share = share.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
    Some(share?.join("miniman"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(change: impl FnOnce(&mut Options)) -> Options {
        let mut options = Options { data_dir: Some("/data".into()), ..Options::default() };
        change(&mut options);
        options
    }

    #[test]
    fn it_serves_this_machine_only_unless_told() {
        let config = resolve(&options(|_| {})).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:5647");
        let open = |change: fn(&mut Options)| {
            resolve(&options(|options| {
                options.listen = Some("0.0.0.0:80".to_owned());
                change(options);
            }))
        };
        assert!(open(|_| {}).is_err());
        assert!(open(|options| options.insecure_http = Some(true)).is_ok());
        assert!(open(|options| options.public_url = Some("https://logs.example.com".to_owned())).is_ok());
        assert!(open(|options| options.public_url = Some("http://logs.example.com".to_owned())).is_err());
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let errors = resolve(&options(|options| {
            options.listen = Some("localhost".to_owned());
            options.public_url = Some("logs.example.com/x".to_owned());
            options.admin_username = Some("root".to_owned());
            options.config = Some("/nonexistent/miniman.toml".into());
        }))
        .unwrap_err();
        assert_eq!(errors.len(), 4, "{errors:?}");
    }

    #[test]
    fn an_option_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("miniman.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\nread_only = true\n").unwrap();
        let config = resolve(&options(|options| {
            options.config = Some(path);
            options.listen = Some("127.0.0.1:2".to_owned());
        }))
        .unwrap();
        assert_eq!((config.listen.port(), config.read_only), (2, true));
    }

    #[test]
    fn redaction_is_on_and_a_pattern_that_is_none_is_told() {
        let config = resolve(&options(|_| {})).unwrap();
        assert_eq!((config.redact, config.redact_patterns.len()), (Redact::BuiltIn, 0));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("miniman.toml");
        std::fs::write(&path, "redact = \"off\"\nredact_patterns = ['pin=(\\d+)', '(', 'a*']\n").unwrap();
        let errors = resolve(&options(|options| options.config = Some(path.clone()))).unwrap_err();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].contains("unclosed group"), "{errors:?}");
        std::fs::write(&path, "redact = \"off\"\nredact_patterns = ['pin=(\\d+)']\n").unwrap();
        let config = resolve(&options(|options| options.config = Some(path))).unwrap();
        assert_eq!((config.redact, config.redact_patterns), (Redact::Off, vec![r"pin=(\d+)".to_owned()]));
    }

    #[test]
    fn a_lifetime_is_an_age_and_nothing_else() {
        let with = |lifetime: &str| {
            resolve(&options(|options| options.session_lifetime = Some(lifetime.to_owned())))
        };
        assert_eq!(with("12h").unwrap().session_lifetime, Some(Duration::from_secs(12 * 3600)));
        for wrong in ["2GB", "12h,2GB", "soon", "5m", ""] {
            let errors = with(wrong).unwrap_err();
            assert_eq!(errors.len(), 1, "{wrong}: {errors:?}");
            assert!(errors[0].contains("--session-lifetime"), "{errors:?}");
        }
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("miniman.toml");
        std::fs::write(&path, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let errors = resolve(&options(|options| options.config = Some(path))).unwrap_err();
        assert!(errors[0].contains("lisen"), "{errors:?}");
    }
}
