//! Parameters and scores, drawn.

use super::law::{Law, out_of_range};
use super::sizes::Sizes;
use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample, is_score};
use crate::model::Model;
use crate::sampler::Generator;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Scores of all FKs together.
const MOST_SCORES: u64 = 1_000_000_000;

/// What all FKs share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyperparameters {
    /// σ²_FK, in squared score units; none where the importances were given and nothing needs it.
    pub sigma2_fk: Option<f64>,
    /// σ²_obs, in squared score units; none where every FK has its own.
    pub sigma2_obs: Option<f64>,
    /// d₀, the scale from which these come.
    pub d0: Option<f64>,
    /// Centre of the importances, in score units.
    pub location: f64,
}

/// The parameters of one FK.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueFk {
    /// Name.
    pub fk: String,
    /// Number of scores.
    pub n: u64,
    /// Importance α_k, in score units.
    pub alpha: f64,
    /// Variance of one score, in squared score units.
    pub sigma2_obs: f64,
}

/// The parameters from which scores are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// What all FKs share.
    pub shared: Hyperparameters,
    /// The FKs, in the order of their names.
    pub fks: Vec<TrueFk>,
}

/// Parameters, and scores that can be drawn as often as they are needed, the same each time: every FK
/// has a stream of random numbers of its own.
#[derive(Debug, Clone)]
pub struct Simulated {
    model: Model,
    truth: Truth,
    streams: Vec<Generator>,
    stats: Vec<FkStats>,
}

impl Simulated {
    /// Draws from a law; stream 0 is that of the hyperparameters, stream k that of the kth FK.
    pub(super) fn draw(
        law: &Law,
        model: impl FnOnce(&Hyperparameters) -> Model,
        k: usize,
        sizes: &Sizes,
        seed: u64,
    ) -> Result<Self, Error> {
        let mut rng = Generator::seed_from_u64(seed);
        let mut next = rng.clone();
        let shared = law.draw_hyperparameters(&mut rng)?;
        let digits = k.to_string().len();
        let (mut fks, mut streams) = (Vec::with_capacity(k), Vec::with_capacity(k));
        for place in 0..k {
            next.jump();
            let mut stream = next.clone();
            fks.push(TrueFk {
                fk: format!("fk_{:0digits$}", place + 1),
                n: sizes.draw(place, &mut stream),
                sigma2_obs: law.draw_noise(&shared, &mut stream)?,
                alpha: law.draw_alpha(place, &shared, &mut stream),
            });
            streams.push(stream);
        }
        let mut simulated = Self {
            model: model(&shared),
            truth: Truth { shared, fks },
            streams,
            stats: Vec::new(),
        };
        simulated.check_number()?;
        simulated.stats = simulated.observe()?;
        Ok(simulated)
    }

    /// The model that was drawn from; common noise is known.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The parameters.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The scores, aggregated, in the order of the FKs.
    #[must_use]
    pub fn stats(&self) -> &[FkStats] {
        &self.stats
    }

    /// Number of scores of all FKs together.
    #[must_use]
    pub fn n_total(&self) -> u64 {
        let sizes = self.truth.fks.iter().map(|fk| fk.n);
        sizes.fold(0, u64::saturating_add)
    }

    /// The scores as data to fit.
    ///
    /// # Errors
    /// None that is known: names differ and numbers are finite.
    pub fn data(&self) -> Result<Data, Error> {
        let fks = self.truth.fks.iter().zip(&self.stats);
        let key = |(fk, stats): (&TrueFk, &FkStats)| ForeignKey {
            name: fk.fk.as_str().into(),
            sample: Sample::Scores(*stats),
        };
        Data::new(fks.map(key).collect())
    }

    /// The scores of every FK, in order.
    pub(super) fn scores(&self) -> Vec<Scores> {
        let fks = self.truth.fks.iter().zip(&self.streams);
        fks.map(|(fk, stream)| Scores {
            left: fk.n,
            alpha: fk.alpha,
            sd: fk.sigma2_obs.sqrt(),
            rng: stream.clone(),
        })
        .collect()
    }

    fn check_number(&self) -> Result<(), Error> {
        let total = self.n_total();
        if total > MOST_SCORES {
            return Err(Error::Setting {
                setting: "--n".into(),
                problem: format!(
                    "makes {total} scores, more than {MOST_SCORES}; simulate fewer, or fewer FKs"
                ),
            });
        }
        if total == 0 {
            return Err(Error::Setting {
                setting: "--n".into(),
                problem: "leaves every foreign key without scores; raise it".into(),
            });
        }
        Ok(())
    }

    /// Draws every score once.
    fn observe(&self) -> Result<Vec<FkStats>, Error> {
        let aggregate = |scores: Scores| {
            let mut stats = FkStats::default();
            for score in scores {
                if !is_score(score) {
                    return Err(out_of_range());
                }
                stats.observe(score);
            }
            Ok(stats)
        };
        self.scores().into_iter().map(aggregate).collect()
    }
}

/// The scores of one FK: y ~ N(α_k, σ²_obs,k).
#[derive(Debug, Clone)]
pub(super) struct Scores {
    left: u64,
    alpha: f64,
    sd: f64,
    rng: Generator,
}

impl Iterator for Scores {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.left = self.left.checked_sub(1)?;
        let z: f64 = self.rng.sample(StandardNormal);
        Some(self.alpha + self.sd * z)
    }
}
