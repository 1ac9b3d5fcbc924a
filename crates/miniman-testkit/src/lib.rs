//! For tests, samples and benchmarks only; no shipped crate depends on it.
//!
//! [`PrivateDocker`] is a real Docker daemon in a directory of its own, made in half a second and gone with whoever
//! started it, however that ended. Tests never touch the machine's own engine. Every call blocks its thread; in
//! async tests that is fine on a multi-threaded runtime, or goes through `spawn_blocking`.

pub mod chaos;
pub mod clients;
pub mod docker;
pub mod flood;
pub mod http;
pub mod miniman;
pub mod oidc;
pub mod proxy;
pub mod sample;
pub mod wait;

pub use clients::{Kind, SocketClient};
pub use docker::{DaemonOptions, PrivateDocker, RunSpec, SAMPLE_IMAGE};
pub use http::{Answer, Request};
pub use miniman::{MiniMan, ServerOptions};
pub use oidc::OidcProvider;
pub use proxy::{Proxy, Upstream};
pub use wait::wait_for;
