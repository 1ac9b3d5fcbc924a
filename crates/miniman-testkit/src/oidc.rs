//! A real OpenID Connect provider (`oidc-provider` from npm) on loopback, and a browser's part in a login at it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::http::Request;

/// Redirects of one login: to the interaction, back, and to the client, with room.
const REDIRECTS_MAX: usize = 10;

/// MiniMan's account at the provider.
pub const CLIENT_ID: &str = "miniman";
pub const CLIENT_SECRET: &str = "a client secret";

/// Where the provider tells a user's name and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    InToken,
    ByUserInfo,
}

/// A running provider; gone when dropped.
#[derive(Debug)]
pub struct OidcProvider {
    child: Child,
    /// Kept open: it may print more.
    stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl OidcProvider {
    /// Starts a provider that sends people back to `redirect_uri`.
    ///
    /// # Errors
    /// When it is not installed; the text is what to run.
    pub fn start(told: Told, redirect_uri: &str) -> Result<OidcProvider> {
        let clients = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients");
        ensure!(
            clients.join("node_modules/oidc-provider").exists(),
            "oidc-provider is not installed: run `npm ci` in {}, or `cargo xtask test`",
            clients.display()
        );
        let told = if told == Told::InToken { "token" } else { "userinfo" };
        let mut child = Command::new("node")
            .arg(clients.join("provider.mjs"))
            .args([told, redirect_uri])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It warns that a test's keys are a test's.
            .stderr(Stdio::null())
            .spawn()
            .context("start node")?;
        let stdout = child.stdout.take().expect("its output was asked to be a pipe");
        let mut provider = OidcProvider { child, stdout: BufReader::new(stdout), issuer: String::new() };
        provider.stdout.read_line(&mut provider.issuer).context("read its issuer")?;
        provider.issuer.truncate(provider.issuer.trim_end().len());
        ensure!(!provider.issuer.is_empty(), "the provider ended at its start");
        Ok(provider)
    }

    /// `http://127.0.0.1:<port>`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What a browser does from the address that MiniMan sent it to: follows the redirects, logging in as `user`, until
    /// it is sent back to MiniMan. Gives that address. `sub-ada@3600` is one who logged in an hour ago.
    ///
    /// # Errors
    /// When the provider shows a page instead.
    pub fn log_in(&self, start: &str, user: &str) -> Result<String> {
        let address: SocketAddr =
            self.issuer.trim_start_matches("http://").parse().context("read the issuer")?;
        let mut cookies = BTreeMap::new();
        let mut location = start.to_owned();
        for _ in 0..REDIRECTS_MAX {
            let path = location.strip_prefix(&self.issuer).unwrap_or(&location);
            if !path.starts_with('/') {
                return Ok(location);
            }
            let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = Request::get(path).header("x-test-user", user).header("cookie", &jar.join("; "));
            let answer = request.send(address)?;
            for (name, value) in
                answer.headers("set-cookie").filter_map(|text| text.split(';').next()?.split_once('='))
            {
                cookies.insert(name.to_owned(), value.to_owned());
            }
            match answer.header("location") {
                Some(next) => location = next.to_owned(),
                None => bail!("{path}: {} {}", answer.status, answer.text()),
            }
        }
        bail!("the provider redirects without end, last to {location}")
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("miniman-testkit: the provider may be left: {error}");
        }
    }
}
