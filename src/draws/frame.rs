//! Where every batch of a draws file stands, known before the first draw.

use super::arrow::{Shape, schema};
use super::encoded::Encoded;
use super::message::{BatchForm, head, tail};
use super::{Columns, Document, Layout, Metadata};
use crate::Error;
use arrow_schema::SchemaRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of draws in a record batch.
const BATCH: usize = 4 << 20;
/// Rows of a record batch at most.
const MOST_ROWS: usize = 8192;

/// An Arrow IPC file whose chains have equally many draws, in batches of equally many rows but for the
/// last of each chain: a batch's place follows from its chain and its number.
pub(super) struct Frame {
    schema: SchemaRef,
    document: Arc<Document>,
    shape: Shape,
    chains: u32,
    draws: usize,
    /// Bytes before the first batch.
    head: usize,
    full: BatchForm,
    /// The last batch of each chain, where it is shorter.
    last: Option<BatchForm>,
}

impl Frame {
    /// The frame of the draws of a run, whose metadata are this document, and the bytes with which its file
    /// starts.
    pub fn new(
        columns: &Columns,
        layout: Layout,
        metadata: &Metadata,
        document: Document,
    ) -> Result<(Self, Encoded), Error> {
        let schema = schema(columns, layout, metadata)?;
        let document = Arc::new(document);
        let shape = Shape::new(columns, layout);
        let draws = metadata.sampler.draws as usize;
        let rows = (BATCH / (8 * shape.width())).clamp(1, MOST_ROWS);
        let rest = draws % rows;
        let head = head(&schema, &document)?;
        let frame = Self {
            schema,
            document,
            shape,
            chains: metadata.sampler.chains,
            draws,
            head: head.len(),
            full: BatchForm::new(shape, rows),
            last: (rest > 0).then(|| BatchForm::new(shape, rest)),
        };
        frame.check_size()?;
        Ok((frame, head))
    }

    /// Places are 63-bit numbers; half of that leaves room for the footer.
    fn check_size(&self) -> Result<(), Error> {
        let batches = u128::from(self.chains) * self.batches() as u128;
        if batches * self.full.length() as u128 > i64::MAX as u128 / 2 {
            return Err(Error::Unfit(format!(
                "{} chains of {} draws are more than a file can hold; take fewer, or thin them",
                self.chains, self.draws
            )));
        }
        Ok(())
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Draws of each chain.
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Batches of each chain.
    pub fn batches(&self) -> usize {
        self.draws.div_ceil(self.full.rows())
    }

    /// The batch of its chain in which a draw stands, and its row there.
    pub fn batch_of(&self, draw: usize) -> (usize, usize) {
        (draw / self.full.rows(), draw % self.full.rows())
    }

    /// The first draw of a batch.
    pub fn first_draw(&self, batch: usize) -> usize {
        batch * self.full.rows()
    }

    /// What a batch looks like.
    pub fn form(&self, batch: usize) -> &BatchForm {
        match &self.last {
            Some(last) if batch + 1 == self.batches() => last,
            _ => &self.full,
        }
    }

    /// Where a batch starts in the file.
    pub fn place(&self, chain: u32, batch: usize) -> u64 {
        let full = self.draws / self.full.rows();
        let last = self.last.as_ref().map_or(0, BatchForm::length);
        let chain_length = (full * self.full.length() + last) as u64;
        let before = u64::from(chain) * chain_length + (batch * self.full.length()) as u64;
        self.head as u64 + before
    }

    /// Every batch, chain by chain, and where it starts in the file.
    pub fn all_batches(&self) -> impl Iterator<Item = (&BatchForm, u64)> {
        let chains = (0..self.chains).flat_map(|c| (0..self.batches()).map(move |b| (c, b)));
        chains.map(|(chain, batch)| (self.form(batch), self.place(chain, batch)))
    }

    /// Where the batches end.
    pub fn end(&self) -> u64 {
        self.place(self.chains, 0)
    }

    /// The bytes behind the batches, with named texts of the caller's.
    pub fn tail(&self, trailing: BTreeMap<String, String>) -> Result<Encoded, Error> {
        let batches = self.all_batches();
        let blocks: Vec<_> = batches.map(|(form, place)| form.block(place)).collect();
        tail(&self.schema, &self.document, &blocks, trailing)
    }
}
