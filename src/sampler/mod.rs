//! Drawing from the posterior: kernels, chains, and the trait through which draws leave.

mod alpha;
mod chain;
mod collapsed;
mod exact;
mod gibbs;
mod interweave;
mod jump;
mod location;
mod log_density;
mod own_scales;
mod rounds;
mod row;
mod schedule;
mod slice;
mod snapshot;
mod state;
mod stream;

pub use crate::model::{SamplerKind, SamplerSettings};
pub use chain::ChainSink;
pub use exact::ExactKernel;
pub use gibbs::{GibbsKernel, Move};
pub use own_scales::OwnScalesKernel;
pub(crate) use rounds::streams;
pub use rounds::{Chains, Run, run};
pub use slice::Slice;
pub use snapshot::Snapshot;
pub use state::{Generator, Kernel, State, Sums};
pub use stream::keyed_stream;
