//! Where a connection comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use http::Extensions;
use http::request::Parts;

/// The other end of the connection, put into each request by the accept loop.
///
/// The transport's own address: `X-Forwarded-For` is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// What limits are counted by: an IPv4 address, or an IPv6 /64, which is one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressKey(u64);

impl Peer {
    /// The peer of a request; a request that came by no connection (a test's) counts as one unspecified peer.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))
    }

    pub fn key(self) -> AddressKey {
        let bits = match self.0.ip() {
            IpAddr::V4(ip) => mapped(ip),
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => mapped(ip),
                None => (u128::from(ip) >> 64) as u64,
            },
        };
        AddressKey(bits)
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// An IPv4 address where no /64 that is routed can be: below `::1`'s own prefix there is only the mapped range.
fn mapped(ip: Ipv4Addr) -> u64 {
    const IPV4: u64 = 0xffff_0000_0000_0000;
    // ff00::/8 is multicast and never a source.
    IPV4 | u64::from(u32::from(ip))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn key(ip: &str) -> AddressKey {
        Peer(SocketAddr::new(ip.parse().unwrap(), 1)).key()
    }

    #[test]
    fn an_ipv6_neighbour_in_the_same_64_shares_the_limit() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }

    #[test]
    fn a_mapped_ipv4_address_is_that_ipv4_address() {
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
        assert_ne!(key("::1"), key("127.0.0.1"));
    }

    #[test]
    fn the_unspecified_address_is_a_peer_like_any_other() {
        assert_ne!(key(&Ipv6Addr::UNSPECIFIED.to_string()), key("0.0.0.0"));
    }
}
