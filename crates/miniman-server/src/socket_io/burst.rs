//! Many encoded packets in one buffer: one allocation for a run of lines, one copy into the transport.

use bytes::Bytes;
use serde::Serialize;

/// Text packets of Engine.IO, type digit included, one after another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Burst {
    bytes: Vec<u8>,
    /// Where each packet ends in `bytes`.
    ends: Vec<usize>,
}

impl Burst {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ends: Vec::new() }
    }

    /// Appends one packet; `write` must append valid UTF-8 that starts with the packet's type.
    pub fn packet(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Appends an event of the default namespace with one argument.
    pub fn event(&mut self, name: &str, argument: &impl Serialize) {
        self.packet(|out| {
            out.extend_from_slice(b"42[");
            write_json(out, name);
            out.push(b',');
            write_json(out, argument);
            out.push(b']');
        });
    }

    /// Appends another one's packets.
    pub fn append(&mut self, other: Self) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.into_iter().map(|end| base + end));
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// The packets, sharing one buffer.
    pub(super) fn into_packets(self) -> impl Iterator<Item = Bytes> {
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        self.ends.into_iter().map(move |end| bytes.slice(std::mem::replace(&mut start, end)..end))
    }

    /// The packets as text, for tests and logs.
    pub fn texts(&self) -> Vec<String> {
        self.clone().into_packets().map(|packet| String::from_utf8_lossy(&packet).into_owned()).collect()
    }
}

/// Appends `value` as JSON.
pub(crate) fn write_json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(out, value).expect("wire types have string keys, and a Vec takes every byte");
}
