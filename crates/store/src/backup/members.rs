//! Writing the members of a backup.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};
use worksmith_wire::Timestamp;

use super::ROWS;

/// Members are padded to blocks of this size.
const BLOCK: u64 = 512;
/// How many bytes of lines go into one member, before compression; that much is held in memory.
const PIECE_BYTES: usize = 8 << 20;

/// Writes the members, one after the other.
pub(super) struct Members<'a> {
    to: &'a mut (dyn Write + Send),
    made_at: Timestamp,
    /// The hash of everything written so far.
    hash: Sha256,
    /// How many bytes the member lacks of a whole block.
    padding: u64,
}

impl<'a> Members<'a> {
    pub(super) fn new(to: &'a mut (dyn Write + Send), made_at: Timestamp) -> Self {
        Self { to, made_at, hash: Sha256::new(), padding: 0 }
    }

    /// Begins a member of `size` bytes.
    pub(super) fn begin(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.end()?;
        let mut header = Header::new_ustar();
        header.set_path(name)?;
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.made_at.0 / 1000).unwrap_or(0));
        header.set_cksum();
        self.padding = size.next_multiple_of(BLOCK) - size;
        self.bytes(header.as_bytes())
    }

    /// Writes bytes of the current member.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.to.write_all(bytes)
    }

    /// Writes a whole member.
    pub(super) fn whole(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, bytes.len() as u64)?;
        self.bytes(bytes)
    }

    /// The SHA-256 of everything that was written.
    pub(super) fn digest(&mut self) -> io::Result<String> {
        self.end()?;
        Ok(hex::encode(self.hash.clone().finalize()))
    }

    /// Ends the archive with two empty blocks.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end()?;
        self.bytes(&[0; 2 * 512])?;
        self.to.flush()
    }

    fn end(&mut self) -> io::Result<()> {
        let padding = std::mem::take(&mut self.padding);
        self.bytes(&[0; 512][..usize::try_from(padding).unwrap_or(0)])
    }
}

/// A compressor that is fast rather than thorough: a server that answers calls needs the time.
pub(super) fn compressor() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

/// Splits the lines of an export into members.
pub(super) struct Pieces<'m, 'a> {
    members: &'m mut Members<'a>,
    piece: GzEncoder<Vec<u8>>,
    bytes: usize,
    ends_a_line: bool,
    number: u64,
    hash: Sha256,
}

impl<'m, 'a> Pieces<'m, 'a> {
    pub(super) fn new(members: &'m mut Members<'a>) -> Self {
        let (piece, hash) = (compressor(), Sha256::new());
        Self { members, piece, bytes: 0, ends_a_line: true, number: 0, hash }
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, compressor()).finish()?;
        (self.bytes, self.number) = (0, self.number + 1);
        self.members.whole(&format!("{ROWS}{:08}.jsonl.gz", self.number), &piece)
    }

    /// Writes the last piece, and returns the SHA-256 of all lines.
    pub(super) fn finish(mut self) -> io::Result<String> {
        self.next_piece()?;
        Ok(hex::encode(self.hash.finalize()))
    }
}

impl Write for Pieces<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes >= PIECE_BYTES && self.ends_a_line {
            self.next_piece()?;
        }
        self.piece.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len();
        self.ends_a_line = bytes.ends_with(b"\n");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
