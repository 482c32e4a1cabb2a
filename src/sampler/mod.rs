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
mod row;
mod slice;
mod state;
mod stream;

pub use crate::model::{SamplerKind, SamplerSettings};
pub(crate) use chain::streams;
pub use chain::{ChainSink, Run, run};
pub use exact::ExactKernel;
pub use gibbs::{GibbsKernel, Move};
pub use own_scales::OwnScalesKernel;
pub use state::{Generator, Kernel, State, Sums};
pub use stream::keyed_stream;
