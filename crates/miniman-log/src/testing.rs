//! What the parsers' tests share: a sink that remembers, and feeding in chunks.

use crate::{IoStream, Part, PartSink, Timestamp};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FoundPart {
    pub(crate) timestamp: Timestamp,
    pub(crate) iostream: IoStream,
    pub(crate) bytes: Vec<u8>,
    pub(crate) newline: bool,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Everything that a parser told, checked to follow each other without hole or overlap.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) parts: Vec<FoundPart>,
    pub(crate) damage: Vec<(u64, u64)>,
    next: Option<u64>,
}

impl Found {
    fn span(&mut self, from: u64, to: u64) {
        assert!(self.next.is_none_or(|next| next == from), "{from} does not follow {:?}", self.next);
        assert!(from < to, "{from}..{to} is empty");
        self.next = Some(to);
    }

    /// Damage with adjoining pieces made one.
    pub(crate) fn merged_damage(&self) -> Vec<(u64, u64)> {
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (from, to) in &self.damage {
            match merged.last_mut() {
                Some(last) if last.1 == *from => last.1 = *to,
                _ => merged.push((*from, *to)),
            }
        }
        merged
    }

    /// Where the last part or damage ended.
    pub(crate) fn covered(&self) -> u64 {
        self.next.unwrap_or(0)
    }
}

impl PartSink for Found {
    fn part(&mut self, part: Part<'_>, start: u64, end: u64) {
        self.span(start, end);
        let Part { timestamp, iostream, bytes, newline } = part;
        self.parts.push(FoundPart { timestamp, iostream, bytes: bytes.to_vec(), newline, start, end });
    }

    fn damage(&mut self, from: u64, to: u64) {
        self.span(from, to);
        self.damage.push((from, to));
    }
}

pub(crate) fn feed_all(bytes: &[u8], feed: impl FnOnce(&[u8], &mut Found) -> usize) -> Found {
    let mut found = Found::default();
    let consumed = feed(bytes, &mut found);
    assert_eq!(found.covered(), consumed as u64);
    found
}

/// Feeds as a tail does: what was not consumed comes again with more behind it. `cuts` repeat.
pub(crate) fn feed_chunks(
    bytes: &[u8],
    cuts: &[usize],
    mut feed: impl FnMut(&[u8], &mut Found) -> usize,
) -> (Found, usize) {
    let mut found = Found::default();
    let (mut consumed, mut read) = (0, 0);
    for cut in cuts.iter().cycle() {
        read = bytes.len().min(read + cut);
        consumed += feed(&bytes[consumed..read], &mut found);
        assert_eq!(found.covered(), consumed as u64);
        if read == bytes.len() {
            break;
        }
    }
    (found, consumed)
}
