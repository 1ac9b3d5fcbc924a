//! What lies where a log file should, and is none.

use std::io::{Seek as _, Write as _};
use std::os::unix::fs::symlink;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::fs::{CWD, FileType, mkdirat, mknodat};
use tempfile::TempDir;

use super::*;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const LINE: &[u8] = b"{\"log\":\"secret\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T14:02:07Z\"}\n";

/// A folder of containers beside a file that is nobody's log.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(folder.0.path().join("containers").join(ID)).unwrap();
        std::fs::write(folder.secret(), LINE).unwrap();
        folder
    }

    fn secret(&self) -> std::path::PathBuf {
        self.0.path().join("secret")
    }

    fn path(&self, suffix: &str) -> std::path::PathBuf {
        self.0.path().join("containers").join(ID).join(format!("{ID}-json.log{suffix}"))
    }

    fn logs(&self) -> LogDir {
        let root = LogRoot::open(&self.0.path().join("containers")).unwrap();
        LogDir::new(Arc::new(root), ContainerId::parse(ID).unwrap(), Format::JsonFile)
    }
}

/// A kind of thing that is no file of its own, and how it is made.
type Impostor<'a> = (&'static str, Box<dyn Fn(&Path) + 'a>);

fn impostors(folder: &Folder) -> Vec<Impostor<'_>> {
    let mut kinds: Vec<Impostor<'_>> = vec![
        ("a link out of the folder", Box::new(|path| symlink(folder.secret(), path).unwrap())),
        ("a link to itself", Box::new(|path| symlink(path, path).unwrap())),
        ("a folder", Box::new(|path| mkdirat(CWD, path, Mode::from_raw_mode(0o700)).unwrap())),
        (
            "a pipe",
            Box::new(|path| mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap()),
        ),
        (
            "a socket",
            Box::new(|path| mknodat(CWD, path, FileType::Socket, Mode::from_raw_mode(0o600), 0).unwrap()),
        ),
    ];
    if rustix::process::geteuid().is_root() {
        // The one that is always full: reading it would never end.
        let zero = rustix::fs::makedev(1, 5);
        let device = move |path: &Path| {
            mknodat(CWD, path, FileType::CharacterDevice, Mode::from_raw_mode(0o600), zero).unwrap();
        };
        kinds.push(("a device", Box::new(device)));
    } else {
        println!("no device among them: only root makes one");
    }
    kinds
}

#[test]
fn links_pipes_and_devices_in_place_of_log_files_are_refused_at_once() {
    let folder = Folder::new();
    let logs = folder.logs();
    for (kind, make) in impostors(&folder) {
        for suffix in ["", ".1", ".1.gz"] {
            let path = folder.path(suffix);
            make(&path);
            let opened = if suffix.is_empty() { logs.open_base() } else { logs.open_rotated(1) };
            assert!(opened.is_err(), "{kind} as {suffix:?}");
            if path.is_dir() && !path.is_symlink() {
                std::fs::remove_dir(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    std::fs::write(folder.path(""), LINE).unwrap();
    assert!(logs.open_base().unwrap().is_some());
}

#[test]
fn a_link_in_place_of_a_containers_folder_is_not_followed() {
    let folder = Folder::new();
    let (containers, elsewhere) = (folder.0.path().join("containers"), folder.0.path().join("elsewhere"));
    std::fs::write(folder.path(""), LINE).unwrap();
    std::fs::rename(containers.join(ID), &elsewhere).unwrap();
    for target in [elsewhere.as_path(), Path::new("../elsewhere")] {
        symlink(target, containers.join(ID)).unwrap();
        assert!(folder.logs().open_container_dir().is_err(), "{}", target.display());
        assert!(folder.logs().open_files_dir().is_err());
        assert!(folder.logs().open_base().is_err());
        std::fs::remove_file(containers.join(ID)).unwrap();
    }
}

#[test]
fn a_compressed_file_holds_what_it_may_and_not_a_byte_more() {
    let mut packed = GzEncoder::new(tempfile::tempfile().unwrap(), Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..4).for_each(|_| packed.write_all(&zeros).unwrap());
    let mut file = packed.finish().unwrap();
    assert!(file.stream_position().unwrap() < 1 << 13, "it is a bomb: a thousandth of what it holds");
    let bomb = || LogFile { file: Arc::new(file.try_clone().unwrap()), id: FileId(0, 0), gz: true };
    let plain = bomb().into_plain_of(4 << 20).unwrap();
    assert_eq!(plain.size().unwrap(), 4 << 20);
    let error = bomb().into_plain_of((4 << 20) - 1).unwrap_err();
    assert!(error.to_string().contains("unpacked"), "{error}");
}
