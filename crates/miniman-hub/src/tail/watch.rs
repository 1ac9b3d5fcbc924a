//! The watcher: one thread and one inotify instance for all file tails.
//!
//! It never waits for anything but inotify, so that what is rotated in is opened within a millisecond. What little an
//! event tells of it reads itself, everything else it marks for a reader. Every [`SWEEP`], and after an overflow, all tails are looked at, whatever inotify said.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify;

use super::file::ReadBuffer;
use super::{FileTail, Pool};
use crate::SourceState;

/// All tails are looked at this often.
const SWEEP: Duration = Duration::from_secs(2);
/// Tails that could not be watched are looked at this often.
const POLL: Duration = Duration::from_millis(250);
/// The watcher's nice value; the kernel keeps one for each thread.
const PRIORITY: i32 = -10;
/// While events come faster than this they are taken together, because each time wakes the views too.
const PACE: Duration = Duration::from_micros(300);
/// Tails that are read between two waits for events; at their largest they are some milliseconds of work.
const LITTLE_READS_MAX: usize = 16;
/// Commands that wait for the watcher: a few a container when very many start at once.
const COMMANDS_MAX: usize = 1_024;
/// Folders named by events that wait to be looked at; more than that, and all tails are looked at.
const TOLD_MAX: usize = 4_096;
/// 16 KiB of events: some 300 at once.
const EVENT_BYTES: usize = 16 << 10;

#[derive(Clone)]
pub(crate) struct Watcher {
    commands: SyncSender<Command>,
    wake: Arc<OwnedFd>,
}

enum Command {
    Watch(Arc<FileTail>),
    Stop,
}

impl Watcher {
    /// # Errors
    /// When the kernel gives no inotify instance or thread.
    pub(crate) fn start(pool: Pool) -> io::Result<(Self, thread::JoinHandle<()>)> {
        let inotify = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let (commands, receiver) = sync_channel(COMMANDS_MAX);
        let mut watching = Watching {
            inotify,
            wake: wake.clone(),
            commands: receiver,
            pool,
            tails: Vec::new(),
            by_watch: HashMap::new(),
            told: VecDeque::new(),
            overflow: false,
        };
        let thread = thread::Builder::new().name("tail-watcher".to_owned()).spawn(move || watching.run())?;
        Ok((Self { commands, wake }, thread))
    }

    /// From now on the tail is marked whenever its files change. It is let go once it is removed and read.
    pub(crate) fn watch(&self, tail: Arc<FileTail>) {
        self.command(Command::Watch(tail));
    }

    pub(crate) fn stop(&self) {
        self.command(Command::Stop);
    }

    fn command(&self, command: Command) {
        // The watcher's end is gone only when it has stopped.
        if self.commands.send(command).is_ok()
            && let Err(error) = rustix::io::write(&self.wake, &1_u64.to_ne_bytes())
        {
            tracing::debug!(%error, "the watcher is awake already");
        }
    }
}

struct Watching {
    inotify: OwnedFd,
    wake: Arc<OwnedFd>,
    commands: Receiver<Command>,
    pool: Pool,
    tails: Vec<Watched>,
    by_watch: HashMap<i32, ByWatch>,
    /// What inotify told and nobody has acted upon yet, one after another of the same folder as one.
    told: VecDeque<(i32, Told)>,
    /// Something was not told, or not kept.
    overflow: bool,
}

struct ByWatch {
    tail: Arc<FileTail>,
    /// The name of the file that is written.
    base_name: String,
}

struct Told {
    /// A file was made or renamed.
    appeared: bool,
}

struct Watched {
    tail: Arc<FileTail>,
    watches: Vec<i32>,
    /// `local` makes its folder at the first start; until then only the container's own folder is watched.
    files_dir: bool,
    /// inotify gave no watch.
    polled: bool,
}

impl Watching {
    fn run(&mut self) {
        // A rotated file must be opened while it is there, however busy the machine; the work is little.
        if let Err(error) = rustix::process::setpriority_process(None, PRIORITY) {
            tracing::debug!(%error, "the watcher runs at normal priority");
        }
        let (mut swept, mut polled) = (Instant::now(), Instant::now());
        let mut buffer = ReadBuffer::new();
        let mut woke = Instant::now();
        loop {
            let any_polled = self.tails.iter().any(|watched| watched.polled);
            let timeout = if any_polled { POLL } else { SWEEP };
            self.wait(timeout);
            if self.take_commands() {
                return;
            }
            if woke.elapsed() < 2 * PACE {
                self.pace();
            }
            woke = Instant::now();
            self.take_events(&mut buffer);
            if std::mem::take(&mut self.overflow) || swept.elapsed() >= SWEEP {
                swept = Instant::now();
                self.look_at_all(|_| true);
            } else if any_polled && polled.elapsed() >= POLL {
                polled = Instant::now();
                self.look_at_all(|watched| watched.polled);
            }
        }
    }

    /// Waits for events or a command.
    fn wait(&self, timeout: Duration) {
        poll_for(
            &mut [PollFd::new(&self.inotify, PollFlags::IN), PollFd::new(&self.wake, PollFlags::IN)],
            timeout,
        );
        let mut count = [0; 8];
        if rustix::io::read(&self.wake, &mut count).is_err() {
            // Nobody woke it: a file did, or the time.
        }
    }

    /// Lets events gather; a command ends it early.
    fn pace(&self) {
        poll_for(&mut [PollFd::new(&self.wake, PollFlags::IN)], PACE);
    }

    /// Returns whether to stop.
    fn take_commands(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Watch(tail)) => self.add(tail),
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return true,
                Err(TryRecvError::Empty) => return false,
            }
        }
    }

    fn add(&mut self, tail: Arc<FileTail>) {
        let mut watched = Watched { tail, watches: Vec::new(), files_dir: false, polled: false };
        self.watch_dirs(&mut watched);
        self.look_at(&watched);
        self.tails.push(watched);
    }

    fn watch_dirs(&mut self, watched: &mut Watched) {
        if watched.watches.is_empty() {
            let dir = watched.tail.dir.open_container_dir();
            self.watch_dir(watched, dir);
        }
        if !watched.files_dir
            && let Ok(dir) = watched.tail.dir.open_files_dir()
        {
            watched.files_dir = true;
            self.watch_dir(watched, Ok(dir));
        }
    }

    fn watch_dir(&mut self, watched: &mut Watched, dir: io::Result<OwnedFd>) {
        use inotify::WatchFlags;
        let Ok(dir) = dir else { return };
        let flags = WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
        // By the handle, so that what is watched is what was opened beneath the root.
        let path = format!("/proc/self/fd/{}", dir.as_fd().as_raw_fd());
        match inotify::add_watch(&self.inotify, path, flags) {
            Ok(watch) => {
                if !watched.watches.contains(&watch) {
                    watched.watches.push(watch);
                }
                let base_name = watched.tail.dir.base_name();
                self.by_watch.insert(watch, ByWatch { tail: watched.tail.clone(), base_name });
            }
            Err(error) => {
                watched.polled = true;
                let note = format!(
                    "changes are looked for four times a second, because inotify gave no watch ({error}); raise \
                     fs.inotify.max_user_watches"
                );
                watched.tail.status.set_source(SourceState::Files { note: Some(note) });
            }
        }
    }

    /// Looks at every tail that an event names, and reads or marks it.
    fn take_events(&mut self, buffer: &mut ReadBuffer) {
        self.read_events();
        let mut reads = 0;
        while let Some((watch, told)) = self.told.pop_front() {
            let Some(tail) = self.by_watch.get(&watch).map(|watched| watched.tail.clone()) else { continue };
            if told.appeared {
                self.appeared(&tail);
            }
            if reads < LITTLE_READS_MAX {
                reads += 1;
                self.pool.read_or_mark(&tail, buffer);
            } else {
                self.pool.mark(&tail);
            }
        }
    }

    /// Takes in what inotify has to tell, to be acted upon later. Files made are counted at once.
    fn read_events(&mut self) {
        let mut buffer = [MaybeUninit::uninit(); EVENT_BYTES];
        let mut reader = inotify::Reader::new(self.inotify.as_fd(), &mut buffer);
        // Ends with EAGAIN when all is taken.
        while let Ok(event) = reader.next() {
            let flags = event.events();
            if flags.contains(inotify::ReadFlags::QUEUE_OVERFLOW) {
                self.overflow = true;
                self.by_watch.values().for_each(|watched| watched.tail.lose_count());
                continue;
            }
            let appeared = flags.intersects(inotify::ReadFlags::CREATE | inotify::ReadFlags::MOVED_TO);
            if flags.contains(inotify::ReadFlags::CREATE)
                && let Some(watched) = self.by_watch.get(&event.wd())
                && event.file_name().is_some_and(|name| name.to_bytes() == watched.base_name.as_bytes())
            {
                watched.tail.file_made();
            }
            let full = self.told.len() >= TOLD_MAX;
            match self.told.back_mut() {
                Some((watch, told)) if *watch == event.wd() => told.appeared |= appeared,
                _ if !full => self.told.push_back((event.wd(), Told { appeared })),
                _ => self.overflow = true,
            }
        }
    }

    fn appeared(&mut self, tail: &Arc<FileTail>) {
        if let Some(index) = self.tails.iter().position(|watched| Arc::ptr_eq(&watched.tail, tail)) {
            let mut watched = self.tails.swap_remove(index);
            self.watch_dirs(&mut watched);
            self.tails.push(watched);
        }
        self.look(tail);
    }

    fn look_at_all(&mut self, which: impl Fn(&Watched) -> bool) {
        for index in (0..self.tails.len()).rev() {
            let watched = &self.tails[index];
            let over = watched.tail.status.settled() || watched.tail.log.is_forgotten();
            if watched.tail.is_removed() && over {
                let gone = self.tails.swap_remove(index);
                for watch in gone.watches {
                    self.by_watch.remove(&watch);
                    // The kernel removed it with its folder, unless the folder is still there.
                    if let Err(error) = inotify::remove_watch(&self.inotify, watch) {
                        tracing::trace!(%error, "the watch went with its folder");
                    }
                }
                continue;
            }
            if which(watched) {
                let mut watched = self.tails.swap_remove(index);
                self.watch_dirs(&mut watched);
                self.look_at(&watched);
                self.tails.push(watched);
            }
        }
    }

    fn look_at(&mut self, watched: &Watched) {
        self.look(&watched.tail);
        self.pool.mark(&watched.tail);
    }

    fn look(&mut self, tail: &FileTail) {
        if let Err(error) = tail.look(|| self.read_events()) {
            tracing::warn!(log = %tail.log.id(), %error, "look for rotated files");
        }
    }
}

fn poll_for(fds: &mut [PollFd<'_>], timeout: Duration) {
    let timeout = Timespec { tv_sec: timeout.as_secs() as i64, tv_nsec: i64::from(timeout.subsec_nanos()) };
    // Interrupted or not, what there is gets looked at.
    if let Err(error) = poll(fds, Some(&timeout)) {
        tracing::debug!(%error, "poll");
    }
}
