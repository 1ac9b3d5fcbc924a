//! The one image that tests and samples run, made from files of this machine: no registry is asked.
//!
//! It holds a static busybox under every applet's name, `numbered-writer` (see `writer/`) and the sample programs.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What [`super::PrivateDocker`] imports before it hands itself out.
pub const SAMPLE_IMAGE: &str = "miniman-sample:latest";

/// Built by this crate's `build.rs`, static, so that it runs in an image without a libc.
const NUMBERED_WRITER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/numbered-writer"));

/// Where distributions put a busybox; Debian's `busybox-static` is the first.
const BUSYBOX_PATHS: [&str; 3] = ["/bin/busybox", "/usr/bin/busybox", "/sbin/busybox"];

/// The image's root file system as a tar, for `docker import`.
pub(super) fn root_tar() -> Result<Vec<u8>> {
    let busybox = busybox()?;
    let mut tar = tar::Builder::new(Vec::new());
    for dir in ["bin", "etc", "proc", "sys", "dev", "tmp", "var", "sample"] {
        append(&mut tar, dir, tar::EntryType::Directory, 0o755, &[])?;
    }
    append(&mut tar, "bin/busybox", tar::EntryType::Regular, 0o755, &std::fs::read(busybox)?)?;
    append(&mut tar, "bin/numbered-writer", tar::EntryType::Regular, 0o755, NUMBERED_WRITER)?;
    append(&mut tar, "etc/passwd", tar::EntryType::Regular, 0o644, b"root:x:0:0:root:/:/bin/sh\n")?;
    for (name, script) in crate::sample::SCRIPTS {
        append(&mut tar, &format!("sample/{name}"), tar::EntryType::Regular, 0o644, script.as_bytes())?;
    }
    for applet in applets(busybox)? {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_mode(0o777);
        header.set_size(0);
        tar.append_link(&mut header, format!("bin/{applet}"), "busybox").context("add an applet")?;
    }
    tar.into_inner().context("finish the image's tar")
}

fn append(
    tar: &mut tar::Builder<Vec<u8>>,
    path: &str,
    kind: tar::EntryType,
    mode: u32,
    content: &[u8],
) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, path, content).with_context(|| format!("add {path} to the image"))
}

pub(super) fn busybox() -> Result<&'static Path> {
    for path in BUSYBOX_PATHS.map(Path::new) {
        if path.exists() {
            return Ok(path);
        }
    }
    bail!("no static busybox on this machine; on Debian: apt-get install busybox-static")
}

fn applets(busybox: &Path) -> Result<Vec<String>> {
    let output = Command::new(busybox).arg("--list").output().context("ask busybox for its applets")?;
    let list = String::from_utf8(output.stdout).context("read busybox's applets")?;
    Ok(list.lines().filter(|applet| *applet != "busybox").map(str::to_owned).collect())
}
