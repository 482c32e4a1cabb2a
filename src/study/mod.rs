//! How good is the plug-in formula? Its intervals and variances beside the full posterior's, over a
//! grid of K, n and λ.
//!
//! In every replicate σ²_FK = 1 is the truth and σ²_obs = λ is known; the hyperprior is in these units.
//! Data are simulated ([`Engine::Exact`], [`Engine::Gibbs`]) or integrated over
//! ([`Engine::ExactExpectation`]). The same [`Settings`] give the same [`Study`], whatever the number of
//! threads.
//!
//! ```
//! use fkbayes::study::{Engine, Grid, Observer, Settings, run};
//! let settings = Settings {
//!     grid: Grid::parse("10,10000", "20", "10")?,
//!     hyperprior: Some("ig=2,3".parse()?),
//!     engine: Engine::ExactExpectation,
//!     ..Settings::default()
//! };
//! let study = run(&settings, 0, Vec::new(), &mut Observer::default())?;
//! let excess = |i: usize| study.cells[i].k_excess.unwrap_or(f64::NAN);
//! assert!((excess(0) - 0.920).abs() < 5e-4 && (excess(1) - 1.003).abs() < 5e-4);
//! # Ok::<(), fkbayes::Error>(())
//! ```

mod constant;
mod control;
mod expectation;
mod file;
mod grid;
mod layout;
mod measure;
mod mixture;
mod nodes;
mod partial;
mod record;
mod replicate;
mod settings;
mod stream;

pub use file::{SCHEMA, write_study};
pub use grid::{Cell, Design, Grid};
pub use partial::{Partial, read_partial};
pub use record::{CellRecord, ShareRecord, Study, StudyModel};
pub use settings::{Engine, Settings};

use crate::Error;
use crate::threads::pool;
use std::sync::atomic::{AtomicU64, Ordering};

/// Draws of σ²_FK kept per replicate by [`Engine::Gibbs`].
pub const GIBBS_DRAWS: usize = 1000;
/// Sweeps that precede them.
pub const GIBBS_WARMUP: usize = 200;
/// Replicates of a cell, at most, in which the full posterior's quantiles are sought.
pub const WIDTH_REPLICATES: usize = 200;

/// Who is told how a study gets on.
#[derive(Default)]
pub struct Observer<'a> {
    /// Counts up to [`total_cost`].
    pub progress: Option<&'a AtomicU64>,
    /// Takes each cell as it is finished.
    pub finished: Option<CellSink<'a>>,
}

/// Takes a finished cell; an error ends the study.
pub type CellSink<'a> = Box<dyn FnMut(&CellRecord) -> Result<(), Error> + Send + 'a>;

/// Runs a study on `threads` threads (0: all there are). `known` are cells of the same study that were
/// finished before, in order.
///
/// # Errors
/// If the settings make no sense, `known` is of another study, a posterior cannot be integrated, or
/// the observer ends it.
pub fn run(
    settings: &Settings,
    threads: usize,
    known: Vec<CellRecord>,
    observer: &mut Observer<'_>,
) -> Result<Study, Error> {
    settings.validate()?;
    let pool = pool(threads)?;
    let unseen = AtomicU64::new(0);
    let progress = observer.progress.unwrap_or(&unseen);
    let mut known = known.into_iter();
    let mut cells = Vec::new();
    for cell in settings.grid.cells() {
        let before = progress.load(Ordering::Relaxed);
        let record = match known.next() {
            Some(record) if record.cell() == cell => record,
            Some(_) => {
                return Err(Error::Internal(
                    "finished cells are of another study".into(),
                ));
            }
            None => {
                let record = pool.install(|| one_cell(&cell, settings, progress))?;
                if let Some(finished) = &mut observer.finished {
                    finished(&record)?;
                }
                record
            }
        };
        cells.push(record);
        progress.store(before + cell_cost(&cell, settings), Ordering::Relaxed);
    }
    Ok(Study::new(settings, cells))
}

fn one_cell(cell: &Cell, settings: &Settings, progress: &AtomicU64) -> Result<CellRecord, Error> {
    match settings.engine {
        Engine::ExactExpectation => expectation::expect(cell, settings, progress),
        Engine::Exact | Engine::Gibbs => measure::measure(cell, settings, progress),
    }
}

/// What a study costs, in units of about one FK of one replicate.
#[must_use]
pub fn total_cost(settings: &Settings) -> u64 {
    let cells = settings.grid.cells();
    cells.iter().map(|cell| cell_cost(cell, settings)).sum()
}

fn cell_cost(cell: &Cell, settings: &Settings) -> u64 {
    match settings.engine {
        Engine::ExactExpectation => expectation::data_points(),
        Engine::Exact | Engine::Gibbs => cost(cell) * u64::from(settings.replicates),
    }
}

/// Of one replicate: the quadrature weighs as much as some tens of FKs.
fn cost(cell: &Cell) -> u64 {
    const QUADRATURE: u64 = 40;
    cell.k as u64 + QUADRATURE
}
