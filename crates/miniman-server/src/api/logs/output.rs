//! A finite answer on its way out: rows, packed if that was asked for, in chunks to the sink.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, header};

use super::sink::{Sink, Stopped};
use crate::api::encode::{CHUNK_BYTES, Encoder, Format};
use crate::api::wire;

/// zstd's fastest level of those that are worth it: the store's too.
const ZSTD_LEVEL: i32 = 1;

/// How an answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The better one of those that `Accept-Encoding` names.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let named: Vec<_> = values.flat_map(|value| value.split(',')).filter_map(wanted).collect();
        [Self::Zstd, Self::Gzip].into_iter().find(|packing| named.contains(packing))
    }

    /// Its name as a `Content-Encoding`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Gzip => "application/gzip",
            Self::Zstd => "application/zstd",
        }
    }

    /// What a packed file's name ends with.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }
}

fn wanted(item: &str) -> Option<Packing> {
    let (name, quality) = item.split_once(';').unwrap_or((item, ""));
    let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
    Packing::parse(&name.trim().to_ascii_lowercase()).filter(|_| !refused)
}

/// See the module's words.
pub(super) struct Output {
    pub(super) encoder: Encoder,
    packer: Packer,
    sink: Sink,
}

enum Packer {
    None,
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Output {
    /// # Errors
    /// When the packer gets no memory.
    pub(super) fn new(format: Format, packing: Option<Packing>, sink: Sink) -> Result<Self, Stopped> {
        let packer = match packing {
            None => Packer::None,
            Some(Packing::Gzip) => Packer::Gzip(GzEncoder::new(Vec::new(), Compression::fast())),
            Some(Packing::Zstd) => {
                Packer::Zstd(zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL).map_err(failed)?)
            }
        };
        Ok(Self { encoder: Encoder::new(format), packer, sink })
    }

    /// Sends what was written once it is a chunk's worth.
    #[inline]
    pub(super) fn written(&mut self) -> Result<(), Stopped> {
        if self.encoder.is_full() { self.pass() } else { Ok(()) }
    }

    /// Sends all that was written, so that it can be read.
    pub(super) fn flush(&mut self) -> Result<(), Stopped> {
        if self.encoder.is_empty() {
            return Ok(());
        }
        self.pass()?;
        match &mut self.packer {
            Packer::None => return Ok(()),
            Packer::Gzip(packer) => packer.flush().map_err(failed)?,
            Packer::Zstd(packer) => packer.flush().map_err(failed)?,
        }
        self.send_packed(0)
    }

    /// Whether the reading is to go on.
    pub(super) fn go_on(&self) -> Result<(), Stopped> {
        self.sink.go_on()
    }

    /// Ends the answer and sends the rest.
    pub(super) fn finish(
        mut self,
        next: Option<&str>,
        summary: Option<wire::Summary>,
    ) -> Result<(), Stopped> {
        self.encoder.finish(next, summary);
        self.pass()?;
        let rest = match self.packer {
            Packer::None => return Ok(()),
            Packer::Gzip(packer) => packer.finish().map_err(failed)?,
            Packer::Zstd(packer) => packer.finish().map_err(failed)?,
        };
        self.sink.send(rest.into())
    }

    /// Gives the encoder to who goes on; everything written is sent.
    pub(super) fn into_encoder(mut self) -> Result<Encoder, Stopped> {
        self.flush()?;
        Ok(self.encoder)
    }

    fn pass(&mut self) -> Result<(), Stopped> {
        let rows = self.encoder.take();
        match &mut self.packer {
            Packer::None if rows.is_empty() => Ok(()),
            Packer::None => self.sink.send(rows),
            Packer::Gzip(packer) => {
                packer.write_all(&rows).map_err(failed)?;
                self.send_packed(CHUNK_BYTES)
            }
            Packer::Zstd(packer) => {
                packer.write_all(&rows).map_err(failed)?;
                self.send_packed(CHUNK_BYTES)
            }
        }
    }

    /// Sends what the packer gave, if it is more than `least`.
    fn send_packed(&mut self, least: usize) -> Result<(), Stopped> {
        let packed = match &mut self.packer {
            Packer::None => return Ok(()),
            Packer::Gzip(packer) => packer.get_mut(),
            Packer::Zstd(packer) => packer.get_mut(),
        };
        if packed.len() <= least {
            return self.sink.go_on();
        }
        let chunk = Bytes::from(std::mem::take(packed));
        self.sink.send(chunk)
    }
}

/// Writing into a vector fails only where memory does.
fn failed(error: io::Error) -> Stopped {
    tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be packed");
    Stopped::Failed
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_better_of_what_is_accepted_is_taken() {
        let check = |accept: &str, expected: Option<Packing>| {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::try_from(accept).unwrap())]);
            assert_eq!(Packing::accepted(&headers), expected, "{accept}");
        };
        check("gzip, deflate, br, zstd", Some(Packing::Zstd));
        check("gzip;q=1.0, *;q=0.5", Some(Packing::Gzip));
        check("zstd;q=0, GZIP", Some(Packing::Gzip));
        check("identity", None);
        check("", None);
        assert_eq!(Packing::accepted(&HeaderMap::new()), None);
    }
}
