//! What is believed before the scores are seen, and how it meets them.

mod choose;
mod evidence;
mod file;
mod hyperprior;
mod importance;
mod kept;
mod moments;
mod noise;
mod resolve;
mod settings;
mod structure;
mod units;

pub use choose::log_bayes_factor_of_noise;
pub use evidence::{BLOCK, Block, Evidence, Group};
pub use file::{ModelFile, SamplerTable};
pub use hyperprior::Hyperprior;
pub(crate) use hyperprior::{Number, REPRESENTABLE, draw_inverse_gamma};
pub use importance::Importance;
pub use kept::Kept;
pub use noise::Noise;
pub use resolve::{Hierarchy, NoiseVariance, Role, Spread};
pub use settings::{SamplerKind, SamplerSettings};
pub use structure::{Location, Model};
pub(crate) use units::Unit;
