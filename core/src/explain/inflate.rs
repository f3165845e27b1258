//! Compressed bodies, within bounds: a small body can hold a very large one.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::explain::case::LONGEST_BODY;

/// What a gzip, zlib or bare deflate body decompresses to; `None` if it is none of them, or too large.
pub(crate) fn inflate(body: &[u8]) -> Option<Vec<u8>> {
    match body {
        [0x1f, 0x8b, ..] => whole(GzDecoder::new(body)),
        [0x78, ..] => whole(ZlibDecoder::new(body)),
        // Text never gets here, so that it is not taken for deflate by chance.
        [first, ..] if !first.is_ascii_graphic() && !first.is_ascii_whitespace() => {
            whole(DeflateDecoder::new(body))
        }
        _ => None,
    }
}

fn whole(reader: impl Read) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    reader.take(LONGEST_BODY as u64 + 1).read_to_end(&mut plain).ok()?;
    (!plain.is_empty() && plain.len() <= LONGEST_BODY).then_some(plain)
}
