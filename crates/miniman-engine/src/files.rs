//! Whether an engine's log files may be read by this process.
//!
//! An engine far away can name any file here as a log, so `LogPath` is never used: files are read only when the
//! engine is on this machine and belongs to root or to us, or under a folder that configuration names.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::endpoint::Endpoint;

/// Asked before any log file is opened; the path is then composed of `root` and the full id, never taken from
/// what the engine says of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAccess {
    Yes {
        /// Holds one folder a container, named by its full id.
        root: PathBuf,
    },
    No {
        /// A sentence for the page: why, and what to do about it.
        reason: String,
    },
}

/// What the decision rests on.
#[derive(Debug, Clone)]
pub(crate) struct FileQuestion {
    pub(crate) endpoint: Endpoint,
    /// Of the process that listens on the unix socket.
    pub(crate) peer_uid: Option<u32>,
    pub(crate) own_uid: u32,
    /// From configuration.
    pub(crate) log_root: Option<PathBuf>,
    /// `DockerRootDir`, as the engine says it.
    pub(crate) root_dir: String,
    pub(crate) podman: bool,
}

impl FileQuestion {
    /// Decides, and looks whether the folder can be read. Blocks on the file system.
    pub(crate) fn answer(&self) -> FileAccess {
        match self.root().and_then(|root| readable(&root).map(|()| root)) {
            Ok(root) => FileAccess::Yes { root },
            Err(reason) => FileAccess::No { reason },
        }
    }

    fn root(&self) -> Result<PathBuf, String> {
        if let Some(root) = &self.log_root {
            return Ok(root.join("containers"));
        }
        if self.podman {
            return Err("Podman keeps its logs in places of its own: lines come by its API.".into());
        }
        let uid = match (&self.endpoint, self.peer_uid) {
            (Endpoint::Unix(_), Some(uid)) => uid,
            (Endpoint::Unix(_), None) => {
                return Err("It is not known who runs the engine: lines come by its API.".into());
            }
            (Endpoint::Tcp { .. }, _) => {
                return Err("The engine is reached over the network: lines come by its API. If it runs on this machine, \
                     name its socket, or its root folder as the log root."
                    .into());
            }
        };
        if uid != 0 && uid != self.own_uid {
            return Err(format!("The engine belongs to another user (uid {uid}): lines come by its API."));
        }
        let root = Path::new(&self.root_dir);
        let plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
        if !root.is_absolute() || !root.components().all(plain) {
            return Err("The engine names no usable root folder: lines come by its API.".into());
        }
        Ok(root.join("containers"))
    }
}

fn readable(root: &Path) -> Result<(), String> {
    let shown = root.display();
    match std::fs::read_dir(root) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(format!(
            "{shown} may not be read by this user: lines come by the API. Run MiniMan as root, or in a container with \
             the folder mounted read-only."
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "{shown} is not there: lines come by the API. If MiniMan runs in a container, mount it: -v {shown}:{shown}:ro."
        )),
        Err(error) => Err(format!("{shown} cannot be read ({error}): lines come by the API.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(root: &Path) -> FileQuestion {
        FileQuestion {
            endpoint: Endpoint::Unix("/var/run/docker.sock".into()),
            peer_uid: Some(0),
            own_uid: 1_000,
            log_root: None,
            root_dir: root.display().to_string(),
            podman: false,
        }
    }

    fn reason(question: &FileQuestion) -> String {
        match question.answer() {
            FileAccess::No { reason } => reason,
            FileAccess::Yes { root } => panic!("{} may be read", root.display()),
        }
    }

    #[test]
    fn files_are_read_of_our_own_or_roots_engine_on_a_socket_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("containers")).unwrap();
        let local = question(folder.path());
        let yes = FileAccess::Yes { root: folder.path().join("containers") };
        assert_eq!(local.answer(), yes);
        assert_eq!(FileQuestion { peer_uid: Some(1_000), ..local.clone() }.answer(), yes);
        assert!(reason(&FileQuestion { peer_uid: Some(1_001), ..local.clone() }).contains("another user"));
        let tcp = Endpoint::Tcp { host: "127.0.0.1".into(), port: 1 };
        let remote = FileQuestion { endpoint: tcp, peer_uid: None, ..local.clone() };
        assert!(reason(&remote).contains("over the network"));
        // Configuration vouches for a folder, whatever the engine says.
        let named = FileQuestion { log_root: Some(folder.path().into()), root_dir: "/etc".into(), ..remote };
        assert_eq!(named.answer(), yes);
    }

    #[test]
    fn a_root_that_is_no_plain_path_is_refused() {
        for root in ["", "relative", "/var/../etc"] {
            assert!(reason(&question(Path::new(root))).contains("no usable root"), "{root}");
        }
    }

    #[test]
    fn an_absent_folder_says_what_to_mount() {
        let folder = tempfile::tempdir().unwrap();
        assert!(reason(&question(folder.path())).contains(":ro"));
    }
}
