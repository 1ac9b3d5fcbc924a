//! Engine.IO 4 packets and polling payloads, as pure functions over what a client sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// Between the packets of a polling payload.
const SEPARATOR: u8 = 0x1e;

/// A message as the upper layer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Bytes),
}

/// A packet that a client may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EnginePacket {
    Close,
    Ping { probe: bool },
    Pong,
    Message(Message),
    Upgrade,
    Noop,
}

/// What a client sent is no packet of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid packet")]
pub struct InvalidPacket;

/// A packet on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// Type digit included.
    Text(Bytes),
    Binary(Bytes),
}

impl Outgoing {
    pub(super) fn byte_len(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => bytes.len(),
        }
    }
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        match message {
            Message::Text(text) => Self::Text(Bytes::from(format!("4{text}"))),
            Message::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

/// Reads one text packet.
pub(super) fn decode_text(text: &str) -> Result<EnginePacket, InvalidPacket> {
    let (kind, rest) = text.split_at_checked(1).ok_or(InvalidPacket)?;
    match (kind, rest) {
        ("1", "") => Ok(EnginePacket::Close),
        ("2", "probe") => Ok(EnginePacket::Ping { probe: true }),
        ("2", "") => Ok(EnginePacket::Ping { probe: false }),
        ("3", _) => Ok(EnginePacket::Pong),
        ("4", text) => Ok(EnginePacket::Message(Message::Text(text.to_owned()))),
        ("5", "") => Ok(EnginePacket::Upgrade),
        ("6", "") => Ok(EnginePacket::Noop),
        _ => Err(InvalidPacket),
    }
}

/// Reads the body of a polling request; all of it or nothing.
pub(super) fn decode_packets(body: &[u8]) -> Result<Vec<EnginePacket>, InvalidPacket> {
    let text = std::str::from_utf8(body).map_err(|_| InvalidPacket)?;
    text.split(char::from(SEPARATOR)).map(decode_payload_packet).collect()
}

/// Reads the messages of a polling body; the other packets are checked and left out.
pub fn decode_payload(body: &[u8]) -> Result<Vec<Message>, InvalidPacket> {
    let packets = decode_packets(body)?.into_iter();
    Ok(packets
        .filter_map(|packet| match packet {
            EnginePacket::Message(message) => Some(message),
            _ => None,
        })
        .collect())
}

fn decode_payload_packet(text: &str) -> Result<EnginePacket, InvalidPacket> {
    match text.strip_prefix('b') {
        Some(encoded) => {
            let bytes = STANDARD.decode(encoded).map_err(|_| InvalidPacket)?;
            Ok(EnginePacket::Message(Message::Binary(bytes.into())))
        }
        None => decode_text(text),
    }
}

/// Appends one packet to the body of a poll's answer.
pub(super) fn push_to_payload(payload: &mut Vec<u8>, packet: &Outgoing) {
    if !payload.is_empty() {
        payload.push(SEPARATOR);
    }
    match packet {
        Outgoing::Text(bytes) => payload.extend_from_slice(bytes),
        Outgoing::Binary(bytes) => {
            payload.push(b'b');
            payload.extend_from_slice(STANDARD.encode(bytes).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_of_a_client_are_read() {
        let check = |text: &str, packet: EnginePacket| assert_eq!(decode_text(text), Ok(packet), "{text}");
        check("1", EnginePacket::Close);
        check("2", EnginePacket::Ping { probe: false });
        check("2probe", EnginePacket::Ping { probe: true });
        check("3", EnginePacket::Pong);
        check("4", EnginePacket::Message(Message::Text(String::new())));
        check("4hello €", EnginePacket::Message(Message::Text("hello €".to_owned())));
        check("5", EnginePacket::Upgrade);
        check("6", EnginePacket::Noop);
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for text in ["", "0", "0{}", "7", "abc", "€", "1x", "2x", "5x", "b"] {
            assert_eq!(decode_text(text), Err(InvalidPacket), "{text}");
        }
        for body in ["", "4a\u{1e}", "\u{1e}4a", "b*", "4a\u{1e}abc"] {
            assert_eq!(decode_packets(body.as_bytes()), Err(InvalidPacket), "{body}");
        }
    }

    proptest! {
        #[test]
        fn a_payload_reads_back(messages in proptest::collection::vec(
            prop_oneof![
                "[^\u{1e}]{0,40}".prop_map(Message::Text),
                proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Message::Binary(bytes.into())),
            ], 1..8))
        {
            let mut payload = Vec::new();
            for message in &messages {
                push_to_payload(&mut payload, &Outgoing::from(message.clone()));
            }
            prop_assert_eq!(decode_payload(&payload), Ok(messages));
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            drop(decode_packets(&body));
        }
    }
}
