//! The joint density of parameters and scores, which is stored with every draw.

use super::state::{State, Sums};
use crate::model::{Hierarchy, NoiseVariance};
use fearless_simd::{Level, dispatch};

impl State {
    /// Log joint density of the parameters (σ²_FK, the noise variances where sampled, α) and the
    /// scores, up to a constant that does not depend on the parameters; the densities are those of the
    /// variances themselves, not of their logarithms. The mixing scales of Student-t importances are
    /// integrated out.
    #[must_use]
    pub fn log_density(&self, hierarchy: &Hierarchy) -> f64 {
        let log_t = self.sigma2_fk.ln();
        let prior = hierarchy.hyperprior.log_kernel(log_t) - log_t;
        // One pass for both terms, compiled for several instruction sets like the draw.
        let sums = dispatch!(Level::new(), _simd => self.squares(hierarchy));
        let importances = -0.5 * (self.alpha.len() as f64 * log_t + self.tails(hierarchy, &sums));
        prior + importances + self.log_density_of_scores(hierarchy, &sums)
    }

    /// What the density takes of the sums.
    #[inline(always)]
    fn squares(&self, hierarchy: &Hierarchy) -> Sums {
        let sums = self.sums(hierarchy);
        Sums {
            alpha_sq: sums.alpha_sq,
            residual_sq: sums.residual_sq,
            ..Sums::default()
        }
    }

    /// Minus twice the log density of the importances, but for their scale.
    fn tails(&self, hierarchy: &Hierarchy, sums: &Sums) -> f64 {
        let (t, m) = (self.sigma2_fk, self.location);
        let Some(nu) = hierarchy.nu() else {
            return sums.alpha_sq / t;
        };
        let squares = self.alpha.iter().map(|alpha| (alpha - m) * (alpha - m));
        squares
            .map(|square| (nu + 1.0) * (square / (nu * t)).ln_1p())
            .sum()
    }

    fn log_density_of_scores(&self, hierarchy: &Hierarchy, sums: &Sums) -> f64 {
        let evidence = &hierarchy.evidence;
        let (degrees, sum_sq) = evidence.within();
        match hierarchy.noise {
            NoiseVariance::Known(v) => -0.5 * sums.residual_sq / v,
            NoiseVariance::Sampled { c0, d0 } => {
                let scores = degrees + evidence.k_observed() as f64;
                let v = self.sigma2_obs;
                let rest = d0 + 0.5 * (sum_sq + sums.residual_sq);
                -(c0 + 1.0 + 0.5 * scores) * v.ln() - rest / v
            }
            NoiseVariance::PerFk { c0, scale_prior } => {
                let d0 = self.noise_scale;
                let each = evidence.place().iter().enumerate().map(|(i, &place)| {
                    let spread = hierarchy.spreads[place];
                    if spread.n == 0.0 {
                        return 0.0;
                    }
                    let (v, error) = (self.own_noise[i], evidence.means()[i] - self.alpha[i]);
                    let rest = d0 + 0.5 * (spread.sum_sq + spread.n * error * error);
                    c0 * d0.ln() - (c0 + 1.0 + 0.5 * spread.n) * v.ln() - rest / v
                });
                (scale_prior.0 - 1.0) * d0.ln() - scale_prior.1 * d0 + each.sum::<f64>()
            }
        }
    }
}
