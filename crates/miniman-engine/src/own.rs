//! Which container MiniMan itself runs in: it refuses to act on that one.

use std::path::Path;

use crate::ContainerId;

/// The ids of the container that this process runs in; none on a host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnContainer {
    ids: Vec<String>,
    /// Docker's default host name is the short id: the fallback where no file tells.
    hostname: Option<String>,
}

/// Files that Docker mounts into every container from the container's own folder on the host.
const OWN_MOUNTS: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

const SHORT_LEN: usize = 12;

impl OwnContainer {
    /// Reads `/proc/self` and the host name. Small files, read once at the start.
    pub fn detect() -> Self {
        let read = |path: &str| std::fs::read_to_string(Path::new(path)).unwrap_or_default();
        Self::from_texts(
            &read("/proc/self/mountinfo"),
            &read("/proc/self/cgroup"),
            &read("/proc/sys/kernel/hostname"),
        )
    }

    /// From the texts of `mountinfo`, `cgroup` and the host name.
    pub fn from_texts(mountinfo: &str, cgroup: &str, hostname: &str) -> Self {
        let mut ids: Vec<String> = mountinfo.lines().filter_map(own_mount).flat_map(full_ids).collect();
        // Version 1, and version 2 in the host's namespace: docker/<id>, docker-<id>.scope, libpod-<id>.scope.
        ids.extend(cgroup.lines().flat_map(full_ids));
        ids.sort();
        ids.dedup();
        let hostname = hostname.trim();
        let short = hostname.len() == SHORT_LEN && hostname.bytes().all(is_hex);
        Self { hostname: (short && ids.is_empty()).then(|| hostname.to_owned()), ids }
    }

    pub fn is(&self, id: &ContainerId) -> bool {
        self.ids.iter().any(|own| own == id.as_str()) || self.hostname.as_deref() == Some(id.short())
    }
}

/// The host's path behind one of [`OWN_MOUNTS`]: fields 4 (root) and 5 (mount point) of `proc(5)`'s mountinfo.
fn own_mount(line: &str) -> Option<&str> {
    let mut fields = line.split(' ').skip(3);
    let (root, point) = (fields.next()?, fields.next()?);
    OWN_MOUNTS.contains(&point).then_some(root)
}

fn full_ids(path: &str) -> impl Iterator<Item = String> {
    let words = path.split(|char: char| !char.is_ascii_alphanumeric());
    words.filter_map(ContainerId::parse).map(|id| id.as_str().to_owned())
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f5e0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7";

    fn is_own(mountinfo: &str, cgroup: &str, hostname: &str) -> bool {
        OwnContainer::from_texts(mountinfo, cgroup, hostname).is(&ContainerId::parse(ID).unwrap())
    }

    #[test]
    fn the_container_around_us_is_found() {
        let mount = format!(
            "713 686 254:1 /var/lib/docker/containers/{ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw"
        );
        assert!(is_own(&mount, "0::/\n", "web"));
        assert!(is_own("", &format!("12:pids:/docker/{ID}\n"), "web"));
        assert!(is_own("", &format!("0::/system.slice/docker-{ID}.scope\n"), "web"));
        assert!(is_own("", "0::/\n", "4f5e0a1b2c3d\n"));
    }

    #[test]
    fn a_host_is_no_container() {
        // A host sees its containers' mounts, at other places.
        let mount = format!("99 28 0:44 / /var/lib/docker/containers/{ID}/mounts/shm rw - tmpfs shm rw");
        assert!(!is_own(&mount, "0::/user.slice/session-1.scope\n", "workstation\n"));
        assert!(!is_own("", "", ""));
        assert!(!is_own("short", "0::/\n", "000000000000"));
    }
}
