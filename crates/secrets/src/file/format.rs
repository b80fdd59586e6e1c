//! The file's text.
//!
//! ```text
//! courrier-secrets 1
//! file  <16 random bytes: the file's id>
//! kdf   argon2id 19 <KiB> <passes> <lanes> <16 random bytes: the salt>
//! key   <nonce and sealed data key>
//! check <SHA-256 of the lines before>
//! entry <home> <id> <nonce and sealed secret>
//! ...
//! end   <number of entries>
//! ```
//!
//! Binary values are Base64. One entry a line, so that a damaged one takes nothing else with it. `check`
//! tells a damaged header from a wrong passphrase, `end` a file that was cut from one that lacks an entry.
//! Both find accidents; forgery is found by the sealing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::{SecretError, SecretKey};

const NAME: &str = "courrier-secrets";
const VERSION: u32 = 1;
/// Stands for entries that were cut off, so that rewriting the file does not make it look whole.
const LOST: &[u8] = b"lost";

/// How a passphrase becomes a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kdf {
    pub(super) cost: KdfCost,
    pub(super) salt: [u8; 16],
}

/// What Argon2id spends on one guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KdfCost {
    /// Memory in KiB.
    pub(super) memory: u32,
    /// Passes over it.
    pub(super) passes: u32,
    /// Lanes, computed in parallel by an attacker.
    pub(super) lanes: u32,
}

impl KdfCost {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    pub(super) const RECOMMENDED: Self = Self { memory: 64 * 1024, passes: 3, lanes: 4 };
    /// A file that asks for more is damaged, or made to bring the program down.
    const HIGHEST: Self = Self { memory: 1024 * 1024, passes: 64, lanes: 64 };

    fn is_sane(&self) -> bool {
        self.memory <= Self::HIGHEST.memory && self.passes <= Self::HIGHEST.passes && self.lanes <= Self::HIGHEST.lanes
    }
}

/// What stands before the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) file: [u8; 16],
    pub(super) kdf: Kdf,
    /// The data key, sealed under the passphrase's key.
    pub(super) sealed_key: Vec<u8>,
}

/// One entry as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: SecretKey,
    /// Base64; decoded only when asked for, because it may be damaged.
    sealed: String,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) header: Header,
    records: Vec<Record>,
    /// Lines that can't be read, kept as they are: somebody may still repair them.
    damaged: Vec<Vec<u8>>,
}

impl Record {
    /// The nonce and sealed secret; `None` when this is no Base64 any more.
    pub(super) fn sealed(&self) -> Option<Vec<u8>> {
        BASE64.decode(&self.sealed).ok()
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("entry ")?.split(' ');
        let key = SecretKey { home: words.next()?.parse().ok()?, id: words.next()?.parse().ok()? };
        let record = Self { key, sealed: words.next()?.to_owned() };
        // Other spellings of the same id would be damage that goes unnoticed.
        (record.render() == line).then_some(record)
    }

    fn render(&self) -> String {
        format!("entry {} {} {}", self.key.home, self.key.id, self.sealed)
    }
}

impl Header {
    /// The lines that say how the data key is sealed; sealing is bound to them.
    pub(super) fn preamble(&self) -> String {
        let KdfCost { memory, passes, lanes } = self.kdf.cost;
        format!(
            "{NAME} {VERSION}\nfile {}\nkdf argon2id 19 {memory} {passes} {lanes} {}\n",
            BASE64.encode(self.file),
            BASE64.encode(self.kdf.salt),
        )
    }

    /// What an entry's sealing is bound to: this file, this version of the format, this key.
    pub(super) fn binding(&self, key: &SecretKey) -> Vec<u8> {
        let mut binding = format!("{NAME} {VERSION}\n{key}\n").into_bytes();
        binding.extend_from_slice(&self.file);
        binding
    }

    fn render(&self) -> String {
        let lines = format!("{}key {}\n", self.preamble(), BASE64.encode(&self.sealed_key));
        let check = BASE64.encode(Sha256::digest(&lines));
        format!("{lines}check {check}\n")
    }

    fn parse<'l>(lines: &mut impl Iterator<Item = &'l [u8]>) -> Result<Self, SecretError> {
        let mut next = || lines.next().and_then(|line| std::str::from_utf8(line).ok()).ok_or(SecretError::Damaged);
        let version = next()?.strip_prefix(NAME).and_then(|rest| rest.trim().parse::<u32>().ok());
        match version {
            Some(VERSION) => {}
            Some(version) if version > VERSION => return Err(SecretError::NewerVersion),
            _ => return Err(SecretError::Damaged),
        }
        let (file, kdf, key, check) = (next()?, next()?, next()?, next()?);
        let header = (|| {
            Some(Self {
                file: decode(file.strip_prefix("file ")?)?,
                kdf: Kdf::parse(kdf.strip_prefix("kdf argon2id 19 ")?)?,
                sealed_key: BASE64.decode(key.strip_prefix("key ")?).ok()?,
            })
        })();
        // Rendering it again compares every character of it, and the checksum.
        let read = format!("{NAME} {VERSION}\n{file}\n{kdf}\n{key}\n{check}\n");
        header.filter(|header| header.render() == read).ok_or(SecretError::Damaged)
    }
}

impl Kdf {
    fn parse(words: &str) -> Option<Self> {
        let mut words = words.split(' ');
        let cost = KdfCost {
            memory: words.next()?.parse().ok()?,
            passes: words.next()?.parse().ok()?,
            lanes: words.next()?.parse().ok()?,
        };
        let salt = decode(words.next()?)?;
        (cost.is_sane() && words.next().is_none()).then_some(Self { cost, salt })
    }
}

impl Document {
    pub(super) fn new(header: Header) -> Self {
        Self { header, records: Vec::new(), damaged: Vec::new() }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, SecretError> {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut document = Self::new(Header::parse(&mut lines)?);
        let mut announced = None;
        for line in lines.filter(|line| !line.is_empty()) {
            let text = std::str::from_utf8(line).ok();
            if let Some(record) = text.and_then(Record::parse) {
                document.records.push(record);
            } else if let Some(count) = text.and_then(|text| text.strip_prefix("end ")?.parse::<usize>().ok()) {
                announced = Some(count);
            } else {
                document.damaged.push(line.to_vec());
            }
        }
        let whole = announced == Some(document.records.len() + document.damaged.len());
        if !whole && !document.damaged.iter().any(|line| line == LOST) {
            document.damaged.push(LOST.to_vec());
        }
        Ok(document)
    }

    pub(super) fn render(&self) -> Vec<u8> {
        let mut bytes = self.header.render().into_bytes();
        for record in &self.records {
            bytes.extend_from_slice(record.render().as_bytes());
            bytes.push(b'\n');
        }
        for line in &self.damaged {
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(format!("end {}\n", self.records.len() + self.damaged.len()).as_bytes());
        bytes
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    pub(super) fn find(&self, key: &SecretKey) -> Option<&Record> {
        self.records.iter().find(|record| record.key == *key)
    }

    /// Whether there are entries that can't even be named.
    pub(super) fn has_damaged_lines(&self) -> bool {
        !self.damaged.is_empty()
    }

    pub(super) fn replace(&mut self, key: SecretKey, sealed: &[u8]) {
        self.remove(&key);
        self.records.push(Record { key, sealed: BASE64.encode(sealed) });
    }

    /// Whether there was such an entry.
    pub(super) fn remove(&mut self, key: &SecretKey) -> bool {
        let before = self.records.len();
        self.records.retain(|record| record.key != *key);
        self.records.len() != before
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}
