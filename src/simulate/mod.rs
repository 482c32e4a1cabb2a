//! Scores drawn from a model, with the truth beside them.
//!
//! ```
//! use fkbayes::model::{Hyperprior, Model, Noise};
//! use fkbayes::simulate::{Request, Sizes};
//!
//! # fn main() -> Result<(), fkbayes::Error> {
//! let model = Model {
//!     hyperprior: Some(Hyperprior::inverse_gamma(2.0, 1.0)?),
//!     noise: Noise::known(10.0)?,
//!     ..Model::default()
//! };
//! let simulated = Request::new(model, 8, Sizes::Given(vec![5, 20])).draw(7)?;
//! assert_eq!(simulated.truth().fks.len(), 8);
//! assert_eq!(simulated.data()?.fks()[1].sample.n(), Some(20));
//! # Ok(()) }
//! ```

mod draw;
mod files;
mod law;
mod record;
mod settle;
mod sizes;
mod tables;

pub use draw::{Hyperparameters, Simulated, TrueFk, Truth};
pub use files::Output;
pub(crate) use law::{Law, NoiseLaw, NoiseScale, ScaleLaw};
pub use record::{SimulatedData, Simulation, SimulationFiles, TrueAlpha, TruthRecord};
pub use settle::Request;
pub(crate) use settle::{check_number_of_fks, proper};
pub use sizes::Sizes;
pub use tables::ScoreLayout;
