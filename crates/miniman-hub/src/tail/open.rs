//! Opening log files, and telling one from another.
//!
//! An engine is outside input, and so is what lies in its log folder: a path is composed of the root and a full id,
//! opened beneath that root without following a link, non-blocking, and only a regular file is read.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use miniman_engine::ContainerId;
use miniman_log::redact::without_secrets;
use rustix::fs::{Mode, OFlags, ResolveFlags};

/// The folder that holds one folder a container.
#[derive(Debug)]
pub(crate) struct LogRoot(OwnedFd);

/// Which of Docker's two readable file formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    JsonFile,
    Local,
}

/// One container's log files.
#[derive(Debug, Clone)]
pub(crate) struct LogDir {
    root: Arc<LogRoot>,
    id: ContainerId,
    pub(crate) format: Format,
}

/// A file by its first whole line: 64 bits of FNV-1a. Inodes are reused at once, so they name a file only while it
/// is held open.
///
/// It is stored, and a card number could be guessed from a hash: so of a line that holds a secret it is the hash of what
/// the built-in rules leave. Own patterns don't count, because a file has to stay the same when the configuration changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FileKey(pub(crate) u64);

/// Device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

/// A log file that is held open.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    pub(crate) file: Arc<File>,
    pub(crate) id: FileId,
    pub(crate) gz: bool,
}

/// What of the first line goes into a key. A line's time ends its entry, so this covers nearly every line whole.
const KEY_BYTES: usize = 4_096;

/// What a compressed file may hold: it is unpacked to a temporary file, and 1 MiB of it can claim 1 GiB. Docker compresses
/// files of `max-size`, 20 MB by default, so this is fifty times what is usual.
const PLAIN_BYTES_MAX: u64 = 1 << 30;

impl LogRoot {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    fn open_beneath(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        Ok(rustix::fs::openat2(&self.0, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)?)
    }
}

impl LogDir {
    pub(crate) fn new(root: Arc<LogRoot>, id: ContainerId, format: Format) -> Self {
        Self { root, id, format }
    }

    /// The name of the file that is written now.
    pub(crate) fn base_name(&self) -> String {
        match self.format {
            Format::JsonFile => format!("{}-json.log", self.id),
            Format::Local => "container.log".to_owned(),
        }
    }

    fn files_path(&self) -> String {
        match self.format {
            Format::JsonFile => self.id.to_string(),
            Format::Local => format!("{}/local-logs", self.id),
        }
    }

    /// The container's own folder: it exists as soon as the container does.
    pub(crate) fn open_container_dir(&self) -> io::Result<OwnedFd> {
        self.root.open_beneath(self.id.as_str(), OFlags::DIRECTORY | OFlags::RDONLY)
    }

    /// The folder of the log files; with `local` it appears at the first start.
    pub(crate) fn open_files_dir(&self) -> io::Result<OwnedFd> {
        self.root.open_beneath(&self.files_path(), OFlags::DIRECTORY | OFlags::RDONLY)
    }

    /// The file that is written now; `None` while there is none.
    pub(crate) fn open_base(&self) -> io::Result<Option<LogFile>> {
        self.open(&self.base_name(), false)
    }

    /// The `n`th rotated file, counted from 1, the newest. A compressed one counts only when the plain one is gone:
    /// beside it, it is still being written.
    pub(crate) fn open_rotated(&self, n: usize) -> io::Result<Option<LogFile>> {
        let name = format!("{}.{n}", self.base_name());
        if let Some(file) = self.open(&name, false)? {
            return Ok(Some(file));
        }
        match self.open(&format!("{name}.gz"), true)? {
            Some(file) => Ok(Some(file)),
            // It may have been renamed or compressed between the two looks.
            None => self.open(&name, false),
        }
    }

    fn open(&self, name: &str, gz: bool) -> io::Result<Option<LogFile>> {
        let path = format!("{}/{name}", self.files_path());
        let file = match self.root.open_beneath(&path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY) {
            Ok(fd) => File::from(fd),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other(format!("{name} is not a regular file; it was not read")));
        }
        Ok(Some(LogFile { file: Arc::new(file), id: FileId(metadata.dev(), metadata.ino()), gz }))
    }
}

impl LogFile {
    pub(crate) fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The file's key; `None` while its first line is not whole.
    pub(crate) fn key(&self, format: Format) -> io::Result<Option<FileKey>> {
        let mut head = [0; KEY_BYTES];
        let len = if self.gz {
            let mut decoder = MultiGzDecoder::new(ReadAt { file: &self.file, offset: 0 });
            read_full(&mut decoder, &mut head)?
        } else {
            read_full(&mut ReadAt { file: &self.file, offset: 0 }, &mut head)?
        };
        Ok(key_of(&head[..len], format))
    }

    /// The file itself, or what a compressed one holds, in an unnamed temporary file.
    ///
    /// # Errors
    /// Also when it holds more than [`PLAIN_BYTES_MAX`].
    pub(crate) fn into_plain(self) -> io::Result<Self> {
        self.into_plain_of(PLAIN_BYTES_MAX)
    }

    fn into_plain_of(self, bytes_max: u64) -> io::Result<Self> {
        if !self.gz {
            return Ok(self);
        }
        let mut plain = tempfile::tempfile()?;
        let packed = MultiGzDecoder::new(ReadAt { file: &self.file, offset: 0 });
        if io::copy(&mut packed.take(bytes_max + 1), &mut plain)? > bytes_max {
            return Err(io::Error::other(format!(
                "a rotated file holds more than {bytes_max} bytes unpacked"
            )));
        }
        let metadata = plain.metadata()?;
        Ok(Self { file: Arc::new(plain), id: FileId(metadata.dev(), metadata.ino()), gz: false })
    }
}

/// The key of a file that begins with `head`; `None` while its first entry is not whole.
pub(crate) fn key_of(head: &[u8], format: Format) -> Option<FileKey> {
    let entry = match format {
        Format::JsonFile => memchr::memchr(b'\n', head).map(|end| end + 1),
        Format::Local => {
            let (len, _) = head.split_first_chunk::<4>()?;
            // The length stands before and behind the message.
            (u32::from_be_bytes(*len) as usize).checked_add(8)
        }
    };
    let whole = match entry {
        Some(len) if len <= head.len() => &head[..len],
        _ if head.len() >= KEY_BYTES => &head[..KEY_BYTES],
        _ => return None,
    };
    let hash = without_secrets(whole).iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Some(FileKey(hash))
}

/// Reads a file from an offset without moving the position that other readers of the fd share.
struct ReadAt<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for ReadAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read_at(buffer, self.offset)?;
        self.offset += len as u64;
        Ok(len)
    }
}

/// Fills `buffer` as far as the source goes.
pub(crate) fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match source.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}

/// Fills `buffer` from `offset` on, as far as the file goes.
pub(crate) fn read_full_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    read_full(&mut ReadAt { file, offset }, buffer)
}

#[cfg(test)]
mod tests;
