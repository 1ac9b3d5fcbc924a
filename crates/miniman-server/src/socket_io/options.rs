//! What can be set about the transport; defaults are the product's.

use std::time::Duration;

/// Settings of one endpoint.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the endpoint is mounted, with slashes at both ends.
    pub path: String,
    pub ping_interval: Duration,
    /// How long a client may take to answer a ping, counted from the last byte that it took.
    pub ping_timeout: Duration,
    /// How long a session may stay without a namespace.
    pub connect_timeout: Duration,
    /// How long a WebSocket may take to carry an upgrade through.
    pub upgrade_timeout: Duration,
    /// Bytes of one message or one polling payload from a client.
    pub max_payload: usize,
    /// Answers `Access-Control-Allow-Origin: *`. For test servers only.
    pub cors: bool,
    /// Sessions at once. One address has its fair share of them, 256 while it is the only one.
    pub sessions_max: usize,
    /// Sessions of one address that have not joined a namespace yet.
    pub unconnected_per_address_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: "/socket.io/".to_owned(),
            // A ping waits behind what the kernel holds for a slow reader. The client gives up interval + timeout
            // after the ping before: 15 s + 45 s leave a minute for a few hundred KiB.
            ping_interval: Duration::from_secs(15),
            ping_timeout: Duration::from_secs(45),
            connect_timeout: Duration::from_secs(5),
            upgrade_timeout: Duration::from_secs(10),
            // The largest thing a client says is a selection of containers: 1,000 ids of 64 bytes are 67 KB.
            max_payload: 100_000,
            cors: false,
            // 2,048 × (64 KiB of one pull + 8 KiB of read buffer) ≈ 150 MB if every one of them stalls at once.
            sessions_max: 2_048,
            // A browser with 20 tabs that all reconnect at once, three times.
            unconnected_per_address_max: 64,
        }
    }
}
