//! Socket.IO 5 packets, as pure functions: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`.
//!
//! Everything a client can make large is bounded here: attachments, the namespace's name, the ack id; the text's
//! length is bounded by the transport, the JSON's depth by its parser (128).

use serde_json::Value;

use super::burst::write_json;
use super::engine_packet::InvalidPacket;

/// Attachments of one packet. They are kept until the last one is there: 16 × the largest payload.
pub const ATTACHMENTS_MAX: usize = 16;
/// Bytes of a namespace's name.
const NAMESPACE_BYTES_MAX: usize = 128;
/// Digits of an acknowledgement's id: clients count from 0 in a double, which is exact below 2^53.
const ACK_ID_DIGITS_MAX: usize = 15;
/// Events that mean something to a client's library, so nobody may send them.
const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketKind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

/// One packet; `attachments` binary messages follow it.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    pub kind: PacketKind,
    pub namespace: String,
    pub id: Option<u64>,
    pub data: Option<Value>,
    pub attachments: usize,
}

impl Packet {
    /// Reads the text of an Engine.IO message.
    ///
    /// # Errors
    /// When the text is not a packet, or its payload is not what its type asks for.
    pub fn parse(text: &str) -> Result<Self, InvalidPacket> {
        let (kind, rest) = text.split_at_checked(1).ok_or(InvalidPacket)?;
        let (kind, binary) = match kind {
            "0" => (PacketKind::Connect, false),
            "1" => (PacketKind::Disconnect, false),
            "2" => (PacketKind::Event, false),
            "3" => (PacketKind::Ack, false),
            "4" => (PacketKind::ConnectError, false),
            "5" => (PacketKind::Event, true),
            "6" => (PacketKind::Ack, true),
            _ => return Err(InvalidPacket),
        };
        let (attachments, rest) = if binary { split_attachments(rest)? } else { (0, rest) };
        let (namespace, rest) = split_namespace(rest)?;
        let (id, rest) = split_id(rest)?;
        let data =
            if rest.is_empty() { None } else { Some(serde_json::from_str(rest).map_err(|_| InvalidPacket)?) };
        let packet = Self { kind, namespace: namespace.to_owned(), id, data, attachments };
        if packet.is_sound() { Ok(packet) } else { Err(InvalidPacket) }
    }

    fn is_sound(&self) -> bool {
        let payload = match (self.kind, &self.data) {
            (PacketKind::Connect, None | Some(Value::Object(_))) | (PacketKind::Disconnect, None) => true,
            (PacketKind::ConnectError, Some(Value::Object(_) | Value::String(_))) => true,
            (PacketKind::Event, Some(Value::Array(items))) => {
                matches!(items.first(), Some(Value::String(name)) if !RESERVED_EVENTS.contains(&name.as_str()))
            }
            (PacketKind::Ack, Some(Value::Array(_))) => self.id.is_some(),
            _ => false,
        };
        payload && self.data.as_ref().is_none_or(|data| placeholders_exist(data, self.attachments))
    }

    /// Appends the packet as an Engine.IO text packet, its `4` included.
    pub fn write(&self, out: &mut Vec<u8>) {
        let kind = match (self.kind, self.attachments) {
            (PacketKind::Connect, _) => b'0',
            (PacketKind::Disconnect, _) => b'1',
            (PacketKind::Event, 0) => b'2',
            (PacketKind::Ack, 0) => b'3',
            (PacketKind::ConnectError, _) => b'4',
            (PacketKind::Event, _) => b'5',
            (PacketKind::Ack, _) => b'6',
        };
        out.extend_from_slice(&[b'4', kind]);
        if self.attachments > 0 {
            out.extend_from_slice(format!("{}-", self.attachments).as_bytes());
        }
        if self.namespace != "/" {
            out.extend_from_slice(self.namespace.as_bytes());
            out.push(b',');
        }
        if let Some(id) = self.id {
            out.extend_from_slice(id.to_string().as_bytes());
        }
        if let Some(data) = &self.data {
            write_json(out, data);
        }
    }
}

fn split_attachments(text: &str) -> Result<(usize, &str), InvalidPacket> {
    let (count, rest) = text.split_once('-').ok_or(InvalidPacket)?;
    let count = digits(count, 2).ok_or(InvalidPacket)? as usize;
    if count > ATTACHMENTS_MAX { Err(InvalidPacket) } else { Ok((count, rest)) }
}

fn split_namespace(text: &str) -> Result<(&str, &str), InvalidPacket> {
    if !text.starts_with('/') {
        return Ok(("/", text));
    }
    let (name, rest) = text.split_once(',').unwrap_or((text, ""));
    if name.len() > NAMESPACE_BYTES_MAX { Err(InvalidPacket) } else { Ok((name, rest)) }
}

fn split_id(text: &str) -> Result<(Option<u64>, &str), InvalidPacket> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 {
        return Ok((None, text));
    }
    let id = digits(&text[..end], ACK_ID_DIGITS_MAX).ok_or(InvalidPacket)?;
    Ok((Some(id), &text[end..]))
}

/// A number of at most `max` digits.
fn digits(text: &str, max: usize) -> Option<u64> {
    let fits = !text.is_empty() && text.len() <= max && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Whether every placeholder names an attachment. Recursion is bounded by the parser's depth.
fn placeholders_exist(value: &Value, attachments: usize) -> bool {
    match value {
        Value::Object(fields) => {
            if fields.get("_placeholder") == Some(&Value::Bool(true)) {
                let number = fields.get("num").and_then(Value::as_u64);
                return number.is_some_and(|number| number < attachments as u64);
            }
            fields.values().all(|value| placeholders_exist(value, attachments))
        }
        Value::Array(items) => items.iter().all(|value| placeholders_exist(value, attachments)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(text: &str, expected: Expect) {
        let shown = match Packet::parse(text) {
            Ok(packet) => {
                let data = packet.data.map(|data| data.to_string()).unwrap_or_default();
                format!(
                    "{:?} {} {:?} {data} +{}",
                    packet.kind, packet.namespace, packet.id, packet.attachments
                )
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn every_kind_of_packet_is_read() {
        check("0", expect!["Connect / None  +0"]);
        check("0{\"token\":\"123\"}", expect![[r#"Connect / None {"token":"123"} +0"#]]);
        check("0/custom", expect!["Connect /custom None  +0"]);
        check("0/custom,{\"a\":1}", expect![[r#"Connect /custom None {"a":1} +0"#]]);
        check("1", expect!["Disconnect / None  +0"]);
        check("1/custom,", expect!["Disconnect /custom None  +0"]);
        check("2[\"m\",1,\"2\"]", expect![[r#"Event / None ["m",1,"2"] +0"#]]);
        check("2/admin,456[\"m\"]", expect![[r#"Event /admin Some(456) ["m"] +0"#]]);
        check("312[]", expect!["Ack / Some(12) [] +0"]);
        check(
            "51-7[\"m\",{\"_placeholder\":true,\"num\":0}]",
            expect![[r#"Event / Some(7) ["m",{"_placeholder":true,"num":0}] +1"#]],
        );
        check(
            "61-/admin,456[{\"_placeholder\":true,\"num\":0}]",
            expect![[r#"Ack /admin Some(456) [{"_placeholder":true,"num":0}] +1"#]],
        );
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let deep = format!("2[\"m\",{}1{}]", "[".repeat(200), "]".repeat(200));
        let long = format!("0/{},", "n".repeat(NAMESPACE_BYTES_MAX));
        for text in [
            "",
            "7",
            "abc",
            "€",
            "2",
            "2{}",
            "2[]",
            "2[1]",
            "2[null]",
            "2[\"connect\"]",
            "2[\"m\"",
            "2[\"m\"]x",
            "0[]",
            "0\"x\"",
            "1{}",
            "3[]",
            "31{}",
            "2abc[\"m\"]",
            "21234567890123456[\"m\"]",
            "5[\"m\"]",
            "5-[\"m\"]",
            "517-[\"m\"]",
            "5+1-[\"m\"]",
            "51-[\"m\",{\"_placeholder\":true,\"num\":1}]",
            "51-[\"m\",{\"_placeholder\":true,\"num\":-1}]",
            "2[\"m\",{\"_placeholder\":true,\"num\":0}]",
            &deep,
            &long,
        ] {
            assert_eq!(Packet::parse(text), Err(InvalidPacket), "{text}");
        }
    }

    fn packets() -> impl Strategy<Value = Packet> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        let arguments = proptest::collection::vec(leaf, 0..4);
        (any::<bool>(), "(/[a-z]{0,8})", proptest::option::of(0_u64..1_000_000), arguments).prop_map(
            |(event, namespace, id, mut arguments)| {
                if event {
                    arguments.insert(0, Value::from("name"));
                }
                let (kind, id) =
                    if event { (PacketKind::Event, id) } else { (PacketKind::Ack, Some(id.unwrap_or(0))) };
                Packet { kind, namespace, id, data: Some(Value::Array(arguments)), attachments: 0 }
            },
        )
    }

    proptest! {
        #[test]
        fn a_packet_reads_back(packet in packets()) {
            let mut text = Vec::new();
            packet.write(&mut text);
            let text = std::str::from_utf8(&text).unwrap();
            prop_assert_eq!(Packet::parse(text.strip_prefix('4').unwrap()), Ok(packet));
        }

        #[test]
        fn no_text_panics(text in "[0-9\\[\\]{}\",/a-z€-]{0,40}") {
            drop(Packet::parse(&text));
        }
    }
}
