//! Who else vouches for users: a proxy by its headers, an OpenID Connect provider.

use std::path::{Path, PathBuf};

use miniman_store::app::Role;

use super::{Doors, File};
use crate::cli::Options;

/// Shortest secret that a proxy may prove itself by; `openssl rand -hex 32` makes 64 characters.
const SECRET_CHARS_MIN: usize = 32;

/// As it stands in the configuration; files are read when the server starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Vouching {
    pub(crate) forward_auth: Option<ForwardAuth>,
    pub(crate) oidc: Option<Oidc>,
    /// In the order given.
    pub(crate) group_roles: Vec<(String, Role)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForwardAuth {
    pub(crate) user_header: String,
    pub(crate) groups_header: String,
    pub(crate) secret_file: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Oidc {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret_file: PathBuf,
    pub(crate) scopes: Vec<String>,
    pub(crate) groups_claim: String,
}

pub(super) fn resolve(
    options: &Options,
    file: &mut File,
    doors: &Doors,
    errors: &mut Vec<String>,
) -> Vouching {
    let group_roles = options.group_roles.clone().or(file.group_roles.take()).unwrap_or_default();
    let vouching = Vouching {
        forward_auth: forward_auth(options, file, doors, errors),
        oidc: oidc(options, file, errors),
        group_roles: group_roles.iter().filter_map(|text| group_role(text, errors)).collect(),
    };
    let vouches = vouching.forward_auth.is_some() || vouching.oidc.is_some();
    if vouches && group_roles.is_empty() {
        errors.push(
            "nobody could log in: say which group has which role with --group-role ops=operator".to_owned(),
        );
    }
    vouching
}

fn forward_auth(
    options: &Options,
    file: &mut File,
    doors: &Doors,
    errors: &mut Vec<String>,
) -> Option<ForwardAuth> {
    let user = options.forward_auth_user_header.clone().or(file.forward_auth_user_header.take());
    let groups = options.forward_auth_groups_header.clone().or(file.forward_auth_groups_header.take());
    let secret_file = options.forward_auth_secret_file.clone().or(file.forward_auth_secret_file.take());
    let user_header = user?;
    if doors.trusted_proxies.is_empty() && doors.socket.is_none() {
        errors.push(
            "--forward-auth-user-header believes a named proxy only: give --trusted-proxy and \
             --forward-auth-secret-file, or --listen-socket"
                .to_owned(),
        );
    }
    if !doors.trusted_proxies.is_empty() && secret_file.is_none() {
        errors.push(
            "--forward-auth-user-header needs --forward-auth-secret-file as well: whoever sends from the proxy's \
             address could be anybody"
                .to_owned(),
        );
    }
    Some(ForwardAuth {
        user_header,
        groups_header: groups.unwrap_or_else(|| "Remote-Groups".to_owned()),
        secret_file,
    })
}

fn oidc(options: &Options, file: &mut File, errors: &mut Vec<String>) -> Option<Oidc> {
    let issuer = options.oidc_issuer.clone().or(file.oidc_issuer.take());
    let client_id = options.oidc_client_id.clone().or(file.oidc_client_id.take());
    let secret_file = options.oidc_client_secret_file.clone().or(file.oidc_client_secret_file.take());
    let scopes = options.oidc_scopes.clone().or(file.oidc_scopes.take());
    let groups_claim = options.oidc_groups_claim.clone().or(file.oidc_groups_claim.take());
    match (issuer, client_id, secret_file) {
        (Some(issuer), Some(client_id), Some(secret_file)) => {
            if !issuer.starts_with("https://") && !is_local(&issuer) {
                errors.push(format!(
                    "--oidc-issuer needs https://, or http:// on this machine; got {issuer:?}"
                ));
            }
            let scopes = scopes.unwrap_or_else(|| vec!["profile".to_owned(), "groups".to_owned()]);
            let groups_claim = groups_claim.unwrap_or_else(|| "groups".to_owned());
            Some(Oidc { issuer, client_id, secret_file, scopes, groups_claim })
        }
        (None, None, None) => None,
        _ => {
            errors.push(
                "--oidc-issuer, --oidc-client-id and --oidc-client-secret-file go together; give all three"
                    .to_owned(),
            );
            None
        }
    }
}

fn is_local(issuer: &str) -> bool {
    ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"].iter().any(|start| issuer.starts_with(start))
}

fn group_role(text: &str, errors: &mut Vec<String>) -> Option<(String, Role)> {
    let pair =
        text.rsplit_once('=').and_then(|(group, role)| Some((group.trim(), Role::parse(role.trim())?)));
    match pair {
        Some((group, role)) if !group.is_empty() => Some((group.to_owned(), role)),
        _ => {
            errors.push(format!("--group-role takes a group and a role, as in ops=operator; got {text:?}"));
            None
        }
    }
}

/// A secret that stands in a file: its text without the line's end.
pub(crate) fn read_secret(path: &Path, at_least: Option<usize>) -> anyhow::Result<String> {
    use anyhow::Context as _;
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let secret = text.trim();
    let shortest = at_least.unwrap_or(1);
    anyhow::ensure!(
        secret.chars().count() >= shortest,
        "{} holds a secret of fewer than {shortest} characters; `openssl rand -hex 32` makes one",
        path.display()
    );
    Ok(secret.to_owned())
}

impl ForwardAuth {
    /// What the server wants to know.
    pub(crate) fn load(&self) -> anyhow::Result<miniman_server::ForwardAuth> {
        use anyhow::Context as _;
        let header = |name: &str| name.parse().with_context(|| format!("{name:?} is no header's name"));
        let secret = self.secret_file.as_deref().map(|path| read_secret(path, Some(SECRET_CHARS_MIN)));
        Ok(miniman_server::ForwardAuth {
            user_header: header(&self.user_header)?,
            groups_header: header(&self.groups_header)?,
            secret: secret.transpose()?.map(miniman_server::ProxySecret),
        })
    }
}

impl Oidc {
    /// What the server wants to know.
    pub(crate) fn load(&self) -> anyhow::Result<miniman_server::OidcConfig> {
        anyhow::ensure!(cfg!(feature = "oidc"), "this build of MiniMan knows no OpenID Connect");
        Ok(miniman_server::OidcConfig {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: read_secret(&self.secret_file, None)?,
            scopes: self.scopes.clone(),
            groups_claim: self.groups_claim.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::resolve;

    fn resolved(change: impl FnOnce(&mut Options)) -> Result<Vouching, Vec<String>> {
        let mut options = Options { data_dir: Some("/data".into()), ..Options::default() };
        change(&mut options);
        resolve(&options).map(|config| config.vouching)
    }

    #[test]
    fn a_proxy_that_names_users_needs_a_secret_or_the_socket() {
        let asked = |change: fn(&mut Options)| {
            resolved(|options| {
                options.forward_auth_user_header = Some("Remote-User".to_owned());
                options.group_roles = Some(vec!["ops=operator".to_owned()]);
                change(options);
            })
        };
        assert!(asked(|_| {}).is_err());
        assert!(asked(|options| options.trusted_proxies = Some(vec!["10.0.0.2".to_owned()])).is_err());
        assert!(asked(|options| options.listen_socket = Some("/run/m.sock".into())).is_ok());
        let both = asked(|options| {
            options.trusted_proxies = Some(vec!["10.0.0.2".to_owned()]);
            options.forward_auth_secret_file = Some("secret".into());
        });
        assert_eq!(both.unwrap().group_roles, [("ops".to_owned(), Role::Operator)]);
    }

    #[test]
    fn what_is_half_said_about_a_provider_is_told() {
        let errors = resolved(|options| options.oidc_issuer = Some("https://id.example.com".to_owned()));
        assert!(errors.unwrap_err()[0].contains("--oidc-client-id"));
        let errors = resolved(|options| {
            options.oidc_issuer = Some("http://id.example.com".to_owned());
            options.oidc_client_id = Some("miniman".to_owned());
            options.oidc_client_secret_file = Some("secret".into());
            options.group_roles = Some(vec!["operator".to_owned(), "=admin".to_owned()]);
        });
        assert_eq!(errors.unwrap_err().len(), 3);
    }
}
