//! Walks over Thrift's compact encoding, in which Parquet writes what it says of itself, before a
//! decoder sets aside memory for what it promises.

/// Deepest nesting that is taken for sane; Parquet's own structures have less than half of it.
const DEEPEST: usize = 24;

/// A value of a field, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// Any whole number.
    Int(i64),
    /// Begins a list, set or map of so many elements.
    List(u64),
    /// Begins a structure.
    Structure,
    /// Anything else.
    Other,
}

/// Is told of every value with the numbers of the fields on the way to it; elements of a list have
/// the way of their list.
type See<'a> = &'a mut dyn FnMut(&[i16], Value);

/// Walks over the structure that `bytes` begin with; gives its length, or none if they are cut short
/// or no such structure.
pub(super) fn walk(bytes: &[u8], see: See) -> Option<usize> {
    let mut walk = Walk {
        bytes,
        at: 0,
        path: Vec::with_capacity(DEEPEST),
        depth: 0,
    };
    walk.structure(see)?;
    Some(walk.at)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    path: Vec<i16>,
    depth: usize,
}

impl Walk<'_> {
    fn structure(&mut self, see: See) -> Option<()> {
        self.deeper()?;
        let mut field = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                self.depth -= 1;
                return Some(());
            }
            field = match i16::from(head >> 4) {
                0 => i16::try_from(self.zigzag()?).ok()?,
                step => field.checked_add(step)?,
            };
            self.path.push(field);
            match head & 0x0F {
                // The value of a boolean field is its type.
                1 | 2 => see(&self.path, Value::Other),
                kind => self.value(kind, see)?,
            }
            self.path.pop();
        }
    }

    fn value(&mut self, kind: u8, see: See) -> Option<()> {
        let value = match kind {
            1..=3 => self.byte().map(|_| Value::Other)?,
            4..=6 => Value::Int(self.zigzag()?),
            7 => self.skip(8).map(|()| Value::Other)?,
            8 => {
                let length = self.varint()?;
                self.skip(length).map(|()| Value::Other)?
            }
            9 | 10 => return self.list(see),
            11 => return self.map(see),
            12 => {
                see(&self.path, Value::Structure);
                return self.structure(see);
            }
            _ => return None,
        };
        see(&self.path, value);
        Some(())
    }

    fn list(&mut self, see: See) -> Option<()> {
        let head = self.byte()?;
        let size = match u64::from(head >> 4) {
            15 => self.varint()?,
            size => size,
        };
        self.elements(size, &[head & 0x0F], see)
    }

    fn map(&mut self, see: See) -> Option<()> {
        let size = self.varint()?;
        let kinds = if size == 0 { 0 } else { self.byte()? };
        self.elements(size, &[kinds >> 4, kinds & 0x0F], see)
    }

    fn elements(&mut self, size: u64, kinds: &[u8], see: See) -> Option<()> {
        // Every element takes a byte at least.
        self.holds(size)?;
        self.deeper()?;
        see(&self.path, Value::List(size));
        for _ in 0..size {
            for &kind in kinds {
                self.value(kind, see)?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEEPEST).then_some(())
    }

    fn holds(&self, length: u64) -> Option<()> {
        (length <= (self.bytes.len() - self.at) as u64).then_some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.holds(length)?;
        self.at += length as usize;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
