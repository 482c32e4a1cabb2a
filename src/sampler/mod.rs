//! Drawing from the posterior: kernels, chains, and the trait through which draws leave.

mod chain;
mod collapsed;
mod exact;
mod gibbs;
mod interweave;
mod location;
mod slice;
mod state;

pub use crate::model::{SamplerKind, SamplerSettings};
pub use chain::{ChainSink, Run, run};
pub use exact::ExactKernel;
pub use gibbs::{GibbsKernel, Move};
pub use state::{Generator, Kernel, State, Sums};
