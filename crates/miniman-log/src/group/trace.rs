//! What kind of group is open, and whether a line continues it.

use super::shape;
use crate::Severity;

/// An open group, by how it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    kind: Kind,
    /// Frames, or words that only a crash has, were seen.
    certain: bool,
    /// The last line was blank.
    blank: bool,
    /// A line of it was indented.
    indented: bool,
    /// Lines that may still follow Node's caret before a frame has to.
    left: u8,
}

/// What a line tells of groups by itself, whatever stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It continues a group only where anything would.
    Alone,
    /// As `Alone`, and the next line that is not blank is of its group.
    OpensOne,
    /// The indented lines behind it are of its group, and then the next one.
    OpensFrames,
    /// Up to [`CARET_LINES_MAX`] lines behind it are of its group.
    Caret,
    /// It may continue a group.
    Follows,
    Blank,
}

/// Between Node's caret and the first frame: the error's message.
pub(super) const CARET_LINES_MAX: u8 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Any line; indented lines continue it, and what only stands in traces.
    Plain,
    /// After `Traceback`: the first line that is not indented names the exception.
    PythonFrames,
    /// After the exception's name.
    PythonEnd,
    /// After `panic:` and the like, or in a dump of goroutines.
    Go,
    /// `thread … panicked at …:`, whose message follows.
    RustMessage,
    /// After a panic's message.
    Rust,
    /// After the place, and then the line of source that stood there.
    NodePlace,
    NodeSource,
    /// After `^`: the exception, and its frames.
    NodeCaret,
}

const TRACEBACK: &str = "Traceback (most recent call last):";
const PYTHON_CHAINS: [&str; 2] = [
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
];

impl Trace {
    pub(super) fn of_head(text: &str) -> Self {
        let (kind, certain) = if is_traceback(text) {
            (Kind::PythonFrames, true)
        } else if text.starts_with("panic: ") || text.starts_with("fatal error: ") || is_goroutine(text) {
            (Kind::Go, true)
        } else if is_rust_panic(text) {
            (if text.ends_with(':') { Kind::RustMessage } else { Kind::Rust }, true)
        } else if shape::is_node_place(text) {
            (Kind::NodePlace, false)
        } else {
            let certain =
                text.starts_with("Exception in thread ") || text.starts_with("Unhandled exception. ");
            (Kind::Plain, certain || is_exception_group(text))
        };
        Self { kind, certain, blank: shape::is_blank(text), indented: false, left: 0 }
    }

    /// Whether it is a trace beyond doubt, an error if nothing else is said.
    pub(super) fn is_certain(&self) -> bool {
        self.certain
    }

    /// Whether `text`, which itself names `own`, continues the group of level `group`; if so, goes on to the next line.
    pub(super) fn follow(&mut self, text: &str, own: Severity, group: Severity) -> bool {
        let next = if shape::is_blank(text) { self.after_blank(group) } else { self.after(text, own, group) };
        let Some(kind) = next else { return false };
        let stays = kind == self.kind;
        self.left = if stays { self.left.saturating_sub(1) } else { CARET_LINES_MAX };
        self.kind = kind;
        self.certain |= shape::is_frame(text)
            || matches!(kind, Kind::PythonFrames | Kind::Rust)
            || is_exception_group(text);
        self.blank = shape::is_blank(text);
        self.indented |= shape::is_indented(text);
        true
    }

    /// Traces have blank lines, and errors that list their causes; between other lines they separate.
    fn after_blank(&self, group: Severity) -> Option<Kind> {
        let traces = self.kind != Kind::Plain || self.certain || group >= Severity::ERROR;
        (traces && !self.blank).then_some(self.kind)
    }

    /// The kind that the group is with this line; `None` when it is not the group's.
    fn after(&self, text: &str, own: Severity, group: Severity) -> Option<Kind> {
        match self.kind {
            Kind::PythonFrames if !shape::is_indented(text) => {
                return if self.blank { None } else { Some(Kind::PythonEnd) };
            }
            Kind::PythonEnd if PYTHON_CHAINS.contains(&text) || is_traceback(text) => {
                return Some(if is_traceback(text) { Kind::PythonFrames } else { Kind::PythonEnd });
            }
            Kind::Go if is_of_go(text) => return Some(Kind::Go),
            Kind::RustMessage => return Some(Kind::Rust),
            Kind::Rust if text == "stack backtrace:" || text.starts_with("note: ") => {
                return Some(Kind::Rust);
            }
            // One line of source, which may be anything, and the caret below it; else it was no crash.
            Kind::NodePlace => return Some(Kind::NodeSource),
            Kind::NodeSource if !shape::is_caret(text) => return None,
            Kind::NodeSource => return Some(Kind::NodeCaret),
            Kind::NodeCaret if !self.certain && self.left > 0 || text.starts_with("Node.js v") => {
                return Some(Kind::NodeCaret);
            }
            _ => {}
        }
        self.plain_after(text, own, group)
    }

    /// What continues a group of any kind.
    fn plain_after(&self, text: &str, own: Severity, group: Severity) -> Option<Kind> {
        // In a trace a level may stand anywhere: Go indents the panics that were recovered.
        let levelled = own != Severity::UNSPECIFIED && !self.certain;
        let follows_error = self.certain || group >= Severity::WARN;
        // Python indents it also where it continues nothing.
        let begins = is_exception_group(text) && !follows_error;
        let indented = shape::is_indented(text) && !levelled && !begins;
        let fits = indented && (!self.blank || follows_error)
            || text.starts_with("Caused by: ") && (self.certain || self.indented || follows_error)
            || text == "Caused by:" && follows_error
            || self.indented && !self.blank && !levelled && shape::is_closing(text)
            || follows_error && (text == "Stack trace:" || shape::is_php_frame(text))
            || self.certain && text.starts_with("--- End of ");
        if fits {
            return Some(self.kind);
        }
        // What a logger was given beside its message: the exception stands below it.
        let is_below = self.kind == Kind::Plain && !self.certain && !self.blank && group >= Severity::WARN;
        if is_below && own == Severity::UNSPECIFIED && shape::is_exception(text) {
            return Some(self.kind);
        }
        (is_below && is_traceback(text)).then_some(Kind::PythonFrames)
    }
}

impl Line {
    /// What [`Trace::follow`] would not take as a continuation in any kind of group but those that take any line is
    /// `Alone`: each of its rules has its shape here.
    pub(super) fn of(text: &str) -> Self {
        if shape::is_blank(text) {
            Self::Blank
        } else if is_traceback(text) || is_exception_group(text) {
            Self::OpensFrames
        } else if shape::is_caret(text) {
            Self::Caret
        } else if shape::is_indented(text) || is_of_go(text) || is_named_continuation(text) {
            Self::Follows
        } else if shape::is_node_place(text) || is_rust_panic(text) {
            Self::OpensOne
        } else {
            Self::Alone
        }
    }
}

/// Lines that continue some group and are not indented.
fn is_named_continuation(text: &str) -> bool {
    const STARTS: [&str; 4] = ["Caused by:", "note: ", "Node.js v", "--- End of "];
    STARTS.iter().any(|start| text.starts_with(start))
        || PYTHON_CHAINS.contains(&text)
        || text == "Stack trace:"
        || text == "stack backtrace:"
        || shape::is_php_frame(text)
        || shape::is_closing(text)
        || shape::is_exception(text)
}

fn is_traceback(text: &str) -> bool {
    text == TRACEBACK
}

/// The first line of an exception group's traceback, all of which is indented.
fn is_exception_group(text: &str) -> bool {
    text.trim_ascii_start().strip_prefix("+ Exception Group ").is_some_and(is_traceback)
}

fn is_goroutine(text: &str) -> bool {
    text.strip_prefix("goroutine ")
        .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()) && rest.ends_with("]:"))
}

fn is_of_go(text: &str) -> bool {
    is_goroutine(text)
        || shape::is_indented(text)
        || shape::is_go_call(text)
        || ["[signal ", "created by ", "exit status ", "runtime stack:", "PC=", "panic: "]
            .iter()
            .any(|start| text.starts_with(start))
        || is_register(text)
        || text.starts_with("...") && text.ends_with("frames elided...")
}

/// `rax    0x0`, below a signal's dump.
fn is_register(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(name, value)| {
        name.len() <= 6
            && value.trim_ascii_start().starts_with("0x")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_rust_panic(text: &str) -> bool {
    text.starts_with("thread '") && text.contains(" panicked at ")
}
