//! Names as the input spells them, each kept once.

use std::collections::HashMap;

use hashbrown::HashTable;
use rayon::prelude::*;

use super::name::Name;
use super::problem::{InputProblem, clip};

/// Longest name of an FK, in bytes: names are held in memory, and stand in every table.
const LONGEST: usize = 1 << 12;

/// Numbers for names, in the order in which they were first seen.
#[derive(Debug, Clone)]
pub(super) struct Names {
    texts: Vec<Name>,
    index: NameIndex,
    /// Numbers of names met lately, by [`lately`]: most rows need no more than a look here.
    lately: [u32; LATELY],
}

const LATELY: usize = 256;

/// Where names stand in a list that somebody else has: a text is held once.
#[derive(Debug, Clone)]
pub(super) struct NameIndex {
    /// One table, or one for each of the hashes' leading bits: a short table stays in the cache, and threads fill
    /// one each.
    tables: Vec<HashTable<Entry>>,
    hash_of: NameHash,
}

/// Tables of a long list.
const TABLES: usize = 64;
/// Names that one thread tells apart faster than two.
const FEW: usize = 1 << 13;

impl Default for NameIndex {
    fn default() -> Self {
        Self {
            tables: vec![HashTable::new()],
            hash_of: NameHash::default(),
        }
    }
}

/// How the names of a list are hashed.
#[derive(Debug, Clone, Default)]
pub(super) struct NameHash(ahash::RandomState);

impl NameHash {
    /// The hash of a name.
    pub fn hash(&self, name: &[u8]) -> u32 {
        // Every half of it is as good as the whole.
        self.0.hash_one(name) as u32
    }
}

impl NameIndex {
    /// Of names in a list; where two are the same, the place of the second.
    pub fn of<T: AsRef<str> + Sync>(names: &[T]) -> Result<Self, usize> {
        let text = |number: u32| names.get(number as usize).map_or("", AsRef::as_ref);
        let hash_of = NameHash::default();
        let hash = |name: &T| hash_of.hash(name.as_ref().as_bytes());
        let hashes: Vec<u32> = match names.len() {
            ..FEW => names.iter().map(hash).collect(),
            _ => names.par_iter().with_min_len(FEW).map(hash).collect(),
        };
        Self::of_hashed(hash_of, &hashes, text)
    }

    /// Of names in a list whose hashes and texts are these; where two are the same, the place of the second.
    pub fn of_hashed<'a>(
        hash_of: NameHash,
        hashes: &[u32],
        text: impl Fn(u32) -> &'a str + Sync,
    ) -> Result<Self, usize> {
        let count = if hashes.len() < FEW { 1 } else { TABLES };
        let mut entries: Vec<Vec<Entry>> = vec![Vec::new(); count];
        let each = hashes.len() / count;
        entries
            .iter_mut()
            .for_each(|of| of.reserve(each + each / 8));
        for (number, &hash) in (0..).zip(hashes) {
            entries[place(hash, count)].push(Entry { hash, number });
        }
        let table = |entries: Vec<Entry>| table_of(&entries, &text);
        let tables: Result<Vec<_>, usize> = match count {
            1 => entries.into_iter().map(table).collect(),
            _ => {
                let told: Vec<_> = entries.into_par_iter().map(table).collect();
                let second = told.iter().filter_map(|told| told.as_ref().err()).min();
                match second {
                    Some(second) => Err(*second),
                    None => told.into_iter().collect(),
                }
            }
        };
        Ok(Self {
            tables: tables?,
            hash_of,
        })
    }

    /// The number of a name in a list whose texts are these; the name's hash where it is not there.
    pub fn find<'a>(&self, name: &[u8], text: impl Fn(u32) -> &'a str) -> Result<u32, u32> {
        let hash = self.hash_of.hash(name);
        self.find_by(hash, name, text).ok_or(hash)
    }

    /// The same where the hash is known.
    fn find_by<'a>(&self, hash: u32, name: &[u8], text: impl Fn(u32) -> &'a str) -> Option<u32> {
        let same = |known: &Entry| known.hash == hash && text(known.number).as_bytes() == name;
        let table = self.tables.get(place(hash, self.tables.len()))?;
        let found = table.find(Entry { hash, number: 0 }.spread(), same);
        found.map(|known| known.number)
    }

    fn insert(&mut self, entry: Entry) {
        let place = place(entry.hash, self.tables.len());
        if let Some(table) = self.tables.get_mut(place) {
            table.insert_unique(entry.spread(), entry, |entry| entry.spread());
        }
    }
}

/// A number, with the hash of its text, so that a table that grows need not look at all texts again.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    number: u32,
}

impl Entry {
    /// The hash of a table: its place follows from the lower bits, its tag from the upper ones. The leading bits of
    /// a name's hash may be the same all over a table.
    fn spread(self) -> u64 {
        let turned = self.hash.rotate_left(TABLES.ilog2());
        u64::from(turned) << 32 | u64::from(self.hash)
    }
}

/// The table in which a hash stands, of so many: a power of two, up to [`TABLES`].
fn place(hash: u32, tables: usize) -> usize {
    (hash >> (u32::BITS - TABLES.ilog2())) as usize % tables
}

/// A table of names; where two are the same, the place of the second.
fn table_of<'a>(
    entries: &[Entry],
    text: &impl Fn(u32) -> &'a str,
) -> Result<HashTable<Entry>, usize> {
    let mut table = HashTable::with_capacity(entries.len());
    for &entry in entries {
        let same =
            |known: &Entry| known.hash == entry.hash && text(known.number) == text(entry.number);
        if table.find(entry.spread(), same).is_some() {
            return Err(entry.number as usize);
        }
        table.insert_unique(entry.spread(), entry, |entry: &Entry| entry.spread());
    }
    Ok(table)
}

impl Default for Names {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            index: NameIndex::default(),
            lately: [0; LATELY],
        }
    }
}

/// Where a name stands among those met lately.
fn lately(name: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let first = word(name.first_chunk());
    let last = word(name.last_chunk());
    let short = name
        .first()
        .zip(name.last())
        .map_or(0, |(first, last)| u64::from(*first) << 8 | u64::from(*last));
    // Multiplied by the golden ratio's digits, the upper bits depend on all (Knuth, 6.4).
    let mixed = (first ^ last.rotate_left(23) ^ short ^ name.len() as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 56) as usize
}

impl Names {
    /// The number of a name, which is a new one if the name was not seen before; `blank` is what is
    /// wrong with a name that is none.
    #[inline]
    pub fn number(
        &mut self,
        name: &[u8],
        blank: fn() -> InputProblem,
    ) -> Result<u32, InputProblem> {
        let place = lately(name);
        if let Some(&number) = self.lately.get(place)
            && let Some(known) = self.texts.get(number as usize)
            && known.as_bytes() == name
        {
            return Ok(number);
        }
        let number = match self.index.find(name, |number| self.text(number)) {
            Ok(number) => number,
            Err(hash) => self.add(name, hash, blank)?,
        };
        if let Some(lately) = self.lately.get_mut(place) {
            *lately = number;
        }
        Ok(number)
    }

    fn add(
        &mut self,
        name: &[u8],
        hash: u32,
        blank: fn() -> InputProblem,
    ) -> Result<u32, InputProblem> {
        let name = checked(name, blank)?;
        Ok(self.push(name.into(), hash))
    }

    fn push(&mut self, name: Name, hash: u32) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(name);
        self.index.insert(Entry { hash, number });
        number
    }

    /// How names are hashed.
    pub fn hash_of(&self) -> NameHash {
        self.index.hash_of.clone()
    }

    /// The number of a [checked] name whose hash is known.
    pub fn number_by(&mut self, hash: u32, name: &str) -> u32 {
        let text = |number| self.text(number);
        match self.index.find_by(hash, name.as_bytes(), text) {
            Some(number) => number,
            None => self.push(name.into(), hash),
        }
    }

    /// Whether none was seen.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The name of a number.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// Of names that were told apart.
    pub fn with(texts: Vec<Name>, index: NameIndex) -> Self {
        Self {
            texts,
            index,
            ..Self::default()
        }
    }

    /// All names, by number.
    pub fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.texts.iter().map(Name::as_str)
    }

    /// The same, for good, and where each stands among them.
    pub fn into_texts(self) -> (Vec<Name>, NameIndex) {
        (self.texts, self.index)
    }
}

/// A name that an FK or a task may have.
pub(super) fn checked(name: &[u8], blank: fn() -> InputProblem) -> Result<&str, InputProblem> {
    let not_utf8 = |_| InputProblem::NotUtf8 {
        text: clip(&String::from_utf8_lossy(name)),
    };
    let text = std::str::from_utf8(name).map_err(not_utf8)?;
    if text.trim().is_empty() {
        return Err(blank());
    }
    if text.len() > LONGEST {
        return Err(InputProblem::NameTooLong {
            start: clip(text),
            limit: LONGEST,
        });
    }
    Ok(text)
}

/// Numbers for FKs within tasks, in the order in which they were first seen together.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs {
    list: Vec<(u32, u32)>,
    numbers: HashMap<(u32, u32), u32, ahash::RandomState>,
}

impl Pairs {
    /// The number of a task and an FK.
    pub fn number(&mut self, task: u32, fk: u32) -> u32 {
        let next = self.list.len() as u32;
        let number = *self.numbers.entry((task, fk)).or_insert(next);
        if number == next {
            self.list.push((task, fk));
        }
        number
    }

    /// Task and FK of a number.
    pub fn get(&self, number: usize) -> Option<(u32, u32)> {
        self.list.get(number).copied()
    }

    /// Task and FK of each number.
    pub fn list(&self) -> &[(u32, u32)] {
        &self.list
    }
}
