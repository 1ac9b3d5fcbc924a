//! Compiles `writer/numbered_writer.rs` into a static program that [`image`](src/docker/image.rs) embeds.
//!
//! By rustc itself: it is two files without dependencies, and a Cargo artifact could not be made static without
//! flags that would rebuild everything else.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=writer");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("numbered-writer");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        // Private daemons are Linux only; the crate still compiles elsewhere.
        std::fs::write(&out, []).expect("OUT_DIR is writable");
        return;
    }
    let status = Command::new(std::env::var_os("RUSTC").expect("cargo sets RUSTC"))
        .args(["--edition", "2024", "-O", "-C", "strip=symbols", "-C", "target-feature=+crt-static"])
        .arg("writer/numbered_writer.rs")
        .arg("-o")
        .arg(&out)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "numbered-writer does not compile");
}
