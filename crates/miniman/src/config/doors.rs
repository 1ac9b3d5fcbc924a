//! Ways to the server besides `listen`: TLS, the proxy's socket, named proxies, the path that they serve below.

use std::net::IpAddr;
use std::path::PathBuf;

use miniman_server::parse_base_path;

use super::File;
use crate::cli::Options;

/// How requests come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Doors {
    pub(crate) tls: Option<TlsPair>,
    pub(crate) socket: Option<PathBuf>,
    /// Canonical: no IPv4 address is mapped.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// As [`parse_base_path`] keeps it.
    pub(crate) base_path: String,
}

/// Certificate chain and private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsPair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

pub(super) fn resolve(options: &Options, file: &mut File, errors: &mut Vec<String>) -> Doors {
    let certificate = options.tls_cert.clone().or(file.tls_cert.take());
    let key = options.tls_key.clone().or(file.tls_key.take());
    let tls = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsPair { certificate, key }),
        (None, None) => None,
        _ => {
            errors.push("--tls-cert and --tls-key go together; give both".to_owned());
            None
        }
    };
    let proxies = options.trusted_proxies.clone().or(file.trusted_proxies.take()).unwrap_or_default();
    let base_path = options.base_path.clone().or(file.base_path.take()).unwrap_or_default();
    Doors {
        tls,
        socket: options.listen_socket.clone().or(file.listen_socket.take()),
        trusted_proxies: proxies.iter().filter_map(|text| proxy(text, errors)).collect(),
        base_path: parse_base_path(&base_path).unwrap_or_else(|error| {
            errors.push(format!("--base-path {base_path:?}: {error}"));
            String::new()
        }),
    }
}

/// An address and no network: whoever else is in it could speak for anybody.
fn proxy(text: &str, errors: &mut Vec<String>) -> Option<IpAddr> {
    let Ok(ip) = text.trim().parse::<IpAddr>() else {
        errors.push(format!(
            "--trusted-proxy takes the proxy's exact IP address, as in 10.0.0.2; got {text:?}"
        ));
        return None;
    };
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::resolve;

    fn resolved(change: impl FnOnce(&mut Options)) -> Result<Doors, Vec<String>> {
        let mut options = Options { data_dir: Some("/data".into()), ..Options::default() };
        change(&mut options);
        resolve(&options).map(|config| config.doors)
    }

    #[test]
    fn a_proxy_is_an_exact_address() {
        let proxies = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            resolved(|options| options.trusted_proxies = Some(names))
        };
        let doors = proxies(&["10.0.0.2", "::ffff:10.0.0.3"]).unwrap();
        assert_eq!(
            doors.trusted_proxies,
            ["10.0.0.2".parse::<IpAddr>().unwrap(), "10.0.0.3".parse().unwrap()]
        );
        assert_eq!(proxies(&["10.0.0.0/8", "proxy.lan"]).unwrap_err().len(), 2);
    }

    #[test]
    fn a_certificate_alone_and_a_path_that_is_none_are_told() {
        let errors = resolved(|options| {
            options.tls_cert = Some("cert.pem".into());
            options.base_path = Some("logs".to_owned());
        });
        let errors = errors.unwrap_err();
        assert!(errors[0].contains("--tls-key") && errors[1].contains("--base-path"), "{errors:?}");
    }

    #[test]
    fn tls_opens_other_addresses_without_insecure_http() {
        let doors = resolved(|options| {
            options.listen = Some("0.0.0.0:443".to_owned());
            options.tls_cert = Some("cert.pem".into());
            options.tls_key = Some("key.pem".into());
        });
        assert!(doors.is_ok());
    }
}
