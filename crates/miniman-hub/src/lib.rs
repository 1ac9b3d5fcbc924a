//! Tails and views: what is being followed, and for whom.
//!
//! A tail appends each line of one container to its log, once, however many look ([`tail`]). A view reads one or more
//! logs from a position ([`view`], [`merge`]); without a store an engine can be read as it is ([`direct`]). The [`Hub`] starts and ends tails as containers come and go, keeps the
//! [`Roster`] of all that is known, and says what happened to whom ([`Change`]).

pub mod change;
pub mod cursor;
pub mod direct;
pub mod hub;
pub mod marks;
pub mod merge;
pub mod roster;
pub mod tail;
pub mod view;

pub use change::Change;
pub use cursor::{CURSOR_LOGS_MAX, Cursor, CursorError};
pub use hub::{Hub, HubOptions};
pub use merge::{CONTEXT_LINES_MAX, Keeps, Merged, Order, Row, Scanned, Span, Step, Wanted};
pub use roster::{Backfill, Entry, Named, Onlooker, ResolveError, Roster, SourceState, resolve};
pub use view::{From, Piece, View, ViewError};
