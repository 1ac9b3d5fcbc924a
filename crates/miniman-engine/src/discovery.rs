//! Where an engine may be found: as the Docker CLI looks for it.
//!
//! An endpoint that the user named (flag, `DOCKER_HOST`, context) is the only one; else the usual sockets are
//! candidates in order. Nothing is connected to here, and the environment is a value.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::endpoint::{Endpoint, TLS_UNSUPPORTED};

/// What the search depends on, as a value: nothing here reads the environment itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerEnv {
    /// `DOCKER_HOST`
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`
    pub docker_context: Option<String>,
    /// `DOCKER_CONFIG`: instead of `~/.docker`.
    pub docker_config: Option<PathBuf>,
    /// `DOCKER_TLS_VERIFY` or `DOCKER_TLS` is set: `tcp://` then means TLS.
    pub docker_tls: bool,
    /// `HOME`
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`
    pub xdg_runtime_dir: Option<PathBuf>,
    /// The folder in which the system-wide sockets (`var/run/docker.sock`, `run/podman/podman.sock`) lie; `/`
    /// outside tests.
    pub system_root: PathBuf,
}

/// One try to reach an engine, and why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// `unix:///var/run/docker.sock`
    pub endpoint: String,
    /// Who named it: `DOCKER_HOST`, `context "rootless"`, `default socket`.
    pub source: String,
    /// A sentence for the page, with what to do about it.
    pub error: String,
}

/// An endpoint worth a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) endpoint: Endpoint,
    pub(crate) source: String,
}

/// Docker's own config files are a few KiB; credentials helpers and plugins add little.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default, rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
struct ContextMeta {
    #[serde(default, rename = "Endpoints")]
    endpoints: ContextEndpoints,
}

#[derive(Deserialize, Default)]
struct ContextEndpoints {
    #[serde(default)]
    docker: Option<ContextEndpoint>,
}

#[derive(Deserialize)]
struct ContextEndpoint {
    #[serde(default, rename = "Host")]
    host: String,
}

impl Default for DockerEnv {
    fn default() -> Self {
        Self::from_lookup(|_| None)
    }
}

impl DockerEnv {
    /// Takes what matters from an environment: `DockerEnv::from_lookup(|name| std::env::var_os(name))`.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        let path = |name: &str| set(name).map(PathBuf::from);
        Self {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_config: path("DOCKER_CONFIG"),
            docker_tls: set("DOCKER_TLS_VERIFY").is_some() || set("DOCKER_TLS").is_some(),
            home: path("HOME"),
            xdg_runtime_dir: path("XDG_RUNTIME_DIR"),
            system_root: PathBuf::from("/"),
        }
    }

    fn config_dir(&self) -> Option<PathBuf> {
        self.docker_config.clone().or_else(|| Some(self.home.as_ref()?.join(".docker")))
    }
}

/// What to try, in order. `host` is the flag's value. Reads at most two small files.
///
/// # Errors
/// When what the user named is no endpoint that can be tried: why.
pub(crate) fn candidates(env: &DockerEnv, host: Option<&str>) -> Result<Vec<Candidate>, Tried> {
    if let Some(host) = host {
        return named(env, host, "--docker-host".into());
    }
    if let Some(host) = &env.docker_host {
        return named(env, host, "DOCKER_HOST".into());
    }
    let chosen = match &env.docker_context {
        Some(context) => Some((context.clone(), format!("DOCKER_CONTEXT \"{context}\""))),
        None => current_context(env).map(|context| (context.clone(), format!("context \"{context}\""))),
    };
    match chosen {
        // The context that every installation has: the default socket.
        Some((context, _)) if context == "default" => Ok(usual(env)),
        Some((context, source)) => in_context(env, &context, source),
        None => Ok(usual(env)),
    }
}

fn named(env: &DockerEnv, host: &str, source: String) -> Result<Vec<Candidate>, Tried> {
    let refused = |error: String| Tried { endpoint: host.to_owned(), source: source.clone(), error };
    match Endpoint::parse(host).map_err(refused)? {
        Endpoint::Tcp { .. } if env.docker_tls => Err(refused(TLS_UNSUPPORTED.into())),
        endpoint => Ok(vec![Candidate { endpoint, source }]),
    }
}

fn in_context(env: &DockerEnv, context: &str, source: String) -> Result<Vec<Candidate>, Tried> {
    let refused = |endpoint: &str, error: String| Tried {
        endpoint: endpoint.to_owned(),
        source: source.clone(),
        error,
    };
    let Some(config) = env.config_dir() else {
        return Err(refused(
            "",
            "The Docker context cannot be looked up: neither HOME nor DOCKER_CONFIG is set.".into(),
        ));
    };
    let folder: String =
        Sha256::digest(context.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = config.join("contexts/meta").join(&folder).join("meta.json");
    let Some(text) = read_capped(&path) else {
        let error = format!("Docker knows no context of this name: {} cannot be read.", path.display());
        return Err(refused("", error));
    };
    let meta: ContextMeta = serde_json::from_slice(&text)
        .map_err(|error| refused("", format!("{} is no context file: {error}.", path.display())))?;
    let host = meta.endpoints.docker.map(|endpoint| endpoint.host).unwrap_or_default();
    if host.is_empty() {
        return Err(refused("", "The context names no Docker endpoint.".into()));
    }
    let endpoint = Endpoint::parse(&host).map_err(|error| refused(&host, error))?;
    let has_certificates = config.join("contexts/tls").join(&folder).join("docker").is_dir();
    if matches!(endpoint, Endpoint::Tcp { .. }) && has_certificates {
        return Err(refused(&host, TLS_UNSUPPORTED.into()));
    }
    Ok(vec![Candidate { endpoint, source }])
}

fn current_context(env: &DockerEnv) -> Option<String> {
    let text = read_capped(&env.config_dir()?.join("config.json"))?;
    // A config that Docker itself could not read either names no context.
    let config: DockerConfig = serde_json::from_slice(&text).ok()?;
    config.current_context.filter(|context| !context.is_empty())
}

fn usual(env: &DockerEnv) -> Vec<Candidate> {
    let candidate =
        |path: PathBuf, source: &str| Candidate { endpoint: Endpoint::Unix(path), source: source.into() };
    let mut found = vec![candidate(env.system_root.join("var/run/docker.sock"), "default socket")];
    if let Some(runtime) = &env.xdg_runtime_dir {
        found.push(candidate(runtime.join("docker.sock"), "rootless Docker"));
    }
    if let Some(home) = &env.home {
        found.push(candidate(home.join(".docker/run/docker.sock"), "Docker Desktop"));
    }
    found.push(candidate(env.system_root.join("run/podman/podman.sock"), "Podman"));
    if let Some(runtime) = &env.xdg_runtime_dir {
        found.push(candidate(runtime.join("podman/podman.sock"), "rootless Podman"));
    }
    found
}

fn read_capped(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read;
    let file = std::fs::File::open(path).ok()?;
    let mut text = Vec::new();
    file.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= CONFIG_BYTES_MAX).then_some(text)
}

#[cfg(test)]
mod tests;
