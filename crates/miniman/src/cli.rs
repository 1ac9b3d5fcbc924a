//! The command line as clap reads it. Each option is also a `MINIMAN_*` variable and a key of the configuration file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use miniman_store::app::Role;

/// Shows what containers are saying, live, and lets you act on them from the same page.
///
/// Without a command it serves the page and the API.
#[derive(Debug, Parser)]
#[command(name = "miniman", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What can be set; a command line option wins over a variable, a variable over the file.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Address to serve on [default: 127.0.0.1:5647]
    #[arg(long, global = true, env = "MINIMAN_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Folder for miniman.db and logs.db [default: /var/lib/miniman as root, else ~/.local/share/miniman]
    #[arg(long, global = true, env = "MINIMAN_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Engine to connect to, unix://… or tcp://…; without it, as the Docker command line finds it
    #[arg(long, global = true, env = "MINIMAN_DOCKER_HOST", value_name = "URL")]
    pub(crate) docker_host: Option<String>,
    /// Where the engine's root directory (/var/lib/docker) is mounted, when MiniMan runs in a container
    #[arg(long, global = true, env = "MINIMAN_LOG_ROOT", value_name = "DIR")]
    pub(crate) log_root: Option<PathBuf>,
    /// Host name that requests may use besides localhost and IP addresses; several with commas
    #[arg(
        long = "allowed-host",
        global = true,
        env = "MINIMAN_ALLOWED_HOST",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(crate) allowed_hosts: Option<Vec<String>>,
    /// Where people reach MiniMan when that is not where it listens: https://logs.example.com
    #[arg(long, global = true, env = "MINIMAN_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Serve beyond this machine without TLS: passwords and logs cross the network in the clear
    #[arg(long, global = true, env = "MINIMAN_INSECURE_HTTP", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) insecure_http: Option<bool>,
    /// Speak TLS with this certificate chain (PEM); read again when it changes
    #[arg(long, global = true, env = "MINIMAN_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, global = true, env = "MINIMAN_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Also serve on this unix socket, for a proxy on this machine whose X-Forwarded-* headers are believed
    #[arg(long, global = true, env = "MINIMAN_LISTEN_SOCKET", value_name = "PATH")]
    pub(crate) listen_socket: Option<PathBuf>,
    /// Address of a proxy whose X-Forwarded-For, -Host and -Proto are believed; several with commas
    #[arg(
        long = "trusted-proxy",
        global = true,
        env = "MINIMAN_TRUSTED_PROXY",
        value_name = "IP",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxies: Option<Vec<String>>,
    /// Path that the proxy serves MiniMan below, as in /logs
    #[arg(long, global = true, env = "MINIMAN_BASE_PATH", value_name = "PATH")]
    pub(crate) base_path: Option<String>,
    /// Header in which the proxy names its user, as in Remote-User
    #[arg(long, global = true, env = "MINIMAN_FORWARD_AUTH_USER_HEADER", value_name = "NAME")]
    pub(crate) forward_auth_user_header: Option<String>,
    /// Header in which the proxy names the user's groups [default: Remote-Groups]
    #[arg(long, global = true, env = "MINIMAN_FORWARD_AUTH_GROUPS_HEADER", value_name = "NAME")]
    pub(crate) forward_auth_groups_header: Option<String>,
    /// File with the secret that the proxy sends as X-Miniman-Proxy-Secret
    #[arg(long, global = true, env = "MINIMAN_FORWARD_AUTH_SECRET_FILE", value_name = "FILE")]
    pub(crate) forward_auth_secret_file: Option<PathBuf>,
    /// Role of a group of the proxy or provider: ops=operator; several with commas, the first that fits counts
    #[arg(
        long = "group-role",
        global = true,
        env = "MINIMAN_GROUP_ROLE",
        value_name = "GROUP=ROLE",
        value_delimiter = ','
    )]
    pub(crate) group_roles: Option<Vec<String>>,
    /// OpenID Connect provider that people may log in at: https://id.example.com
    #[arg(long, global = true, env = "MINIMAN_OIDC_ISSUER", value_name = "URL")]
    pub(crate) oidc_issuer: Option<String>,
    /// MiniMan's client id there
    #[arg(long, global = true, env = "MINIMAN_OIDC_CLIENT_ID", value_name = "ID")]
    pub(crate) oidc_client_id: Option<String>,
    /// File with the client's secret
    #[arg(long, global = true, env = "MINIMAN_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// Scopes that are asked for besides openid [default: profile,groups]
    #[arg(long, global = true, env = "MINIMAN_OIDC_SCOPES", value_name = "SCOPES", value_delimiter = ',')]
    pub(crate) oidc_scopes: Option<Vec<String>>,
    /// Claim that holds the groups [default: groups]
    #[arg(long, global = true, env = "MINIMAN_OIDC_GROUPS_CLAIM", value_name = "NAME")]
    pub(crate) oidc_groups_claim: Option<String>,
    /// Refuse every action on containers
    #[arg(long, global = true, env = "MINIMAN_READ_ONLY", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) read_only: Option<bool>,
    /// What is kept of all logs together: an age, a size or both, as in 30d,2GB [default: 2GiB]
    #[arg(long, global = true, env = "MINIMAN_RETENTION", value_name = "LIMITS")]
    pub(crate) retention: Option<String>,
    /// Space that stays free on the data directory's disk [default: 256MiB]
    #[arg(long, global = true, env = "MINIMAN_DISK_RESERVE", value_name = "SIZE")]
    pub(crate) disk_reserve: Option<String>,
    /// Secrets that are taken out of lines before anything keeps them: tokens, keys and card numbers, or own patterns alone
    /// [default: built-in]
    #[arg(long, global = true, env = "MINIMAN_REDACT", value_enum)]
    pub(crate) redact: Option<Redact>,
    /// Regex of what else is taken out: its first group, or all that it matches; may be repeated
    #[arg(long = "redact-pattern", global = true, env = "MINIMAN_REDACT_PATTERN", value_name = "REGEX")]
    pub(crate) redact_patterns: Option<Vec<String>>,
    /// How long after the login a session ends, used or not [default: 30d]
    #[arg(long, global = true, env = "MINIMAN_SESSION_LIFETIME", value_name = "AGE")]
    pub(crate) session_lifetime: Option<String>,
    /// How long the audit is kept [default: 365d]
    #[arg(long, global = true, env = "MINIMAN_AUDIT_RETENTION", value_name = "AGE")]
    pub(crate) audit_retention: Option<String>,
    /// Name of the first admin, made at the start without a setup link
    #[arg(long, global = true, env = "MINIMAN_ADMIN_USERNAME", value_name = "NAME")]
    pub(crate) admin_username: Option<String>,
    /// File that holds the first admin's password
    #[arg(long, global = true, env = "MINIMAN_ADMIN_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) admin_password_file: Option<PathBuf>,
    /// Configuration file in TOML, with these options as keys: listen, data_dir, …
    #[arg(long, global = true, env = "MINIMAN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

// Values without help of their own: it would draw out the help of every other option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Redact {
    #[value(alias = "builtin")]
    #[serde(alias = "builtin")]
    BuiltIn,
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print who did what, oldest first: logins, refusals, actions, changes
    Audit(ReadAudit),
    /// Show which engine would be used and where it was looked for; exit with 0 when it answers
    Engine,
    /// Exit with 0 when the server answers
    Health,
    /// Print what containers said: from a running server, or from the engine when none runs
    Logs(Box<ReadLogs>),
    /// Print a new one-time link for setting up the first admin
    SetupLink,
    /// The store of the data directory, read only: beside a running server too
    #[command(subcommand)]
    Store(StoreCommand),
    /// API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Users
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Args)]
pub(crate) struct ReadLogs {
    /// Names, ids or unique prefixes of ids; without any selection: everything, merged by time
    #[arg(value_name = "CONTAINER")]
    pub(crate) containers: Vec<String>,
    /// Only containers of this stack; may be repeated
    #[arg(long)]
    pub(crate) stack: Vec<String>,
    /// Only containers of this service; may be repeated
    #[arg(long)]
    pub(crate) service: Vec<String>,
    /// Only containers of this engine; may be repeated
    #[arg(long)]
    pub(crate) engine: Vec<String>,
    /// Go on with what comes in
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only the last so many lines
    #[arg(short = 'n', long, value_name = "LINES")]
    pub(crate) tail: Option<u64>,
    /// From a time (2026-11-21T14:02:07Z) or that long ago (15m, 2h) on
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Up to a time, or up to that long ago
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    pub(crate) until: Option<String>,
    /// Only lines that a query finds: words, "a phrase", /regex/, -not, OR, field:value, level:>=warn
    #[arg(short, long, allow_hyphen_values = true)]
    pub(crate) query: Option<String>,
    /// Also so many lines before and behind each line that the query finds
    #[arg(short = 'C', long, value_name = "LINES", requires = "query", conflicts_with = "follow")]
    pub(crate) context: Option<u32>,
    /// Only lines of this severity: error, ">=warn", none; may be repeated
    #[arg(long)]
    pub(crate) severity: Vec<String>,
    /// Put each line's time before it
    #[arg(short, long)]
    pub(crate) timestamps: bool,
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) format: LogFormat,
    /// The server's address [default: the one that this configuration serves on, else the engine]
    #[arg(long, env = "MINIMAN_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// File that holds an API token
    #[arg(long, env = "MINIMAN_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// API token; as a variable only, so that it does not stand in the process list
    #[arg(long, env = "MINIMAN_TOKEN", hide = true, hide_env_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// The lines themselves
    Text,
    /// A JSON object a line
    Ndjson,
    /// One JSON document
    Json,
    /// For spreadsheets
    Csv,
}

impl LogFormat {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum StoreCommand {
    /// Look everything that is stored through for damage; exit with 0 when there is none
    Check,
    /// Show what each log holds and takes
    Stats,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an API token and print it, once
    Create(CreateToken),
    /// Show all tokens, without their secrets
    List,
    /// End a token, and within a second what it opened
    Revoke {
        /// As `miniman token list` shows it
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// What the token is for
    #[arg(long)]
    pub(crate) name: String,
    /// What it may do, at most what its user may: viewer, operator, admin or an own role
    #[arg(long, value_name = "NAME", value_parser = role)]
    pub(crate) role: Role,
    /// Only these containers, within what its user sees: ENGINE/FIELD:GLOB as in local/stack:shop; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) scope: Vec<String>,
    /// When it stops working: after a time, as in 30d, or at one [default: when it is revoked]
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<String>,
    /// Whose token it is [default: the first admin]
    #[arg(long)]
    pub(crate) user: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user; the password is read from --password-file, else from standard input
    Add(AddUser),
    /// Show all users
    List,
    /// Remove a user with all sessions and tokens
    Remove { name: String },
    /// Give a user another password, read as with `add`; all their sessions end
    Password {
        name: String,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Give a user another role and scope; their sessions end
    Role(ChangeRole),
}

#[derive(Debug, Args)]
pub(crate) struct AddUser {
    pub(crate) name: String,
    /// What the user may do: viewer (see logs), operator (also start, stop, restart, kill), admin (everything) or an own
    /// role from the settings
    #[arg(long, value_name = "NAME", value_parser = role)]
    pub(crate) role: Role,
    /// Only these containers: ENGINE/FIELD:GLOB as in local/stack:shop, */name:web-*, local/label:team=payments; may be
    /// repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) scope: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeRole {
    pub(crate) name: String,
    #[arg(value_name = "ROLE", value_parser = role)]
    pub(crate) role: Role,
    /// Only these containers, as with `add`; without it, all
    #[arg(long, value_name = "PATTERN")]
    pub(crate) scope: Vec<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ReadAudit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    /// From a time (2026-11-21T14:02:07Z) or that long ago (15m, 7d) on
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    #[arg(long, value_enum, default_value_t = AuditFormat::Ndjson)]
    pub(crate) format: AuditFormat,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no row was changed, taken out or put in; exit with 0 when none was
    Verify,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AuditFormat {
    /// A JSON object a line
    Ndjson,
    /// For spreadsheets
    Csv,
}

/// Whether an own role of that name exists shows when it is given.
fn role(text: &str) -> Result<Role, String> {
    let wrong = || "a role is viewer, operator, admin or an own one: a-z 0-9 . _ -".to_owned();
    Role::parse(text).ok_or_else(wrong)
}

/// Prints what clap says and picks the exit code: 0 for help and version, 64 for bad usage.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let asked = !error.use_stderr();
    // A closed terminal changes nothing about the exit code.
    drop(error.print());
    if asked { ExitCode::SUCCESS } else { ExitCode::from(crate::EXIT_USAGE) }
}
