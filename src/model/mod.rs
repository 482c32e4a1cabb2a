//! What is believed before the scores are seen, and how it meets them.

mod evidence;
mod file;
mod hyperprior;
mod noise;
mod resolve;
mod settings;
mod structure;

pub use evidence::{BLOCK, Block, Evidence, Group};
pub use file::{ModelFile, SamplerTable};
pub use hyperprior::Hyperprior;
pub(crate) use hyperprior::draw_inverse_gamma;
pub use noise::Noise;
pub use resolve::{Hierarchy, NoiseVariance, Role};
pub use settings::{SamplerKind, SamplerSettings};
pub use structure::{Importance, Location, Model};
