//! The whole sampler against its own prior: simulation-based calibration (Talts, Betancourt,
//! Simpson, Vehtari & Gelman 2018) and the joint-distribution test (Geweke 2004), for every member
//! of the family that has a prior to simulate from.
//!
//! Neither looks at a posterior density: where the model that simulates and the kernel that draws
//! disagree, ranks are not uniform and the prior is not what the alternation of the two leaves.
//! The flat hyperprior is improper, in no way that an invariance could make up for: there is no
//! prior to simulate from. It is compared with the exact posterior, in `family`. Nor is p(d₀) ∝ 1/d₀:
//! d₀ has a proper Gamma prior here, one term more in the same conditionals.

mod joint;
mod member;
mod ranks;

use crate::family::CertainLocation;
use crate::planted::{Planted, PlantedKernel};
use crate::planted_scales::{PlantedScale, PlantedScalesKernel};
use fkbayes::model::Hierarchy;
use fkbayes::sampler::{GibbsKernel, Kernel, Move, OwnScalesKernel};

const MOVES: [Move; 3] = [Move::None, Move::Scale, Move::Collapsed];

/// What draws from the posterior, rightly or not.
#[derive(Debug, Clone, Copy)]
enum Sweep {
    Gibbs(Move),
    OwnScales(Move),
    /// Plants an error in the former.
    Planted(Planted),
    /// Plants an error in the latter.
    PlantedScale(PlantedScale),
    CertainLocation,
}

impl Sweep {
    fn kernel<'a>(self, hierarchy: &'a Hierarchy) -> Box<dyn Kernel + 'a> {
        match self {
            Self::Gibbs(with) => Box::new(GibbsKernel::new(hierarchy, with)),
            Self::OwnScales(with) => Box::new(OwnScalesKernel::new(hierarchy, with)),
            Self::Planted(planted) => Box::new(PlantedKernel { hierarchy, planted }),
            Self::PlantedScale(planted) => Box::new(PlantedScalesKernel { hierarchy, planted }),
            Self::CertainLocation => {
                let kernel = GibbsKernel::new(hierarchy, Move::Collapsed);
                Box::new(CertainLocation(kernel, hierarchy))
            }
        }
    }
}
