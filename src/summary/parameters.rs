//! Summary of the draws of one parameter.

use crate::data::{Compact, ForeignKey, PerFk};
use crate::diagnostics::{Convergence, Workspace, diagnose_with};
use crate::draws::importance_of;
use crate::numeric::{Possible, finite, norm, quantile_sorted};
use ndarray::ArrayView2;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Figures of one parameter; what is undefined or does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ParameterSummary {
    /// Name of its column in the draws.
    pub name: String,
    /// Posterior mean, where it exists.
    pub mean: Option<f64>,
    /// Posterior standard deviation, where it exists.
    pub sd: Option<f64>,
    /// 5 % quantile.
    pub q5: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
    /// Monte-Carlo standard error of the mean.
    pub mcse_mean: Option<f64>,
    /// Monte-Carlo standard error of the standard deviation.
    pub mcse_sd: Option<f64>,
    /// Monte-Carlo standard error of the 5 % quantile; for tables, which show no more digits.
    #[serde(skip)]
    pub mcse_q5: Option<f64>,
    /// Monte-Carlo standard error of the median.
    #[serde(skip)]
    pub mcse_q50: Option<f64>,
    /// Monte-Carlo standard error of the 95 % quantile.
    #[serde(skip)]
    pub mcse_q95: Option<f64>,
    /// Effective draws for the centre.
    pub ess_bulk: Option<f64>,
    /// Effective draws for the tails.
    pub ess_tail: Option<f64>,
    /// Rank-normalised split R-hat; infinite, null in JSON, for chains that stand still apart.
    pub r_hat: Option<f64>,
}

/// The same without a name, in few bytes; that of an FK's importance has the name of its column in its row.
#[derive(Debug, Clone)]
pub struct Summary {
    mean: Possible,
    sd: Possible,
    quantiles: [Possible; 3],
    sampled: Option<Box<Sampled>>,
}

/// What only draws tell.
#[derive(Debug, Clone, Copy)]
struct Sampled {
    mcse_mean: Possible,
    mcse_sd: Possible,
    mcse_quantiles: [Possible; 3],
    ess_bulk: Possible,
    ess_tail: Possible,
    r_hat: Possible,
}

impl Summary {
    /// Of a parameter without draws: mean, standard deviation, and 5 %, 50 % and 95 % quantiles.
    #[must_use]
    pub fn known(mean: Option<f64>, sd: Option<f64>, quantiles: [Option<f64>; 3]) -> Self {
        Self {
            mean: mean.into(),
            sd: sd.into(),
            quantiles: quantiles.map(Possible::from),
            sampled: None,
        }
    }

    /// Of a parameter that never varies.
    #[must_use]
    pub fn constant(value: f64) -> Self {
        Self::known(Some(value), Some(0.0), [Some(value); 3])
    }

    /// 5 %, 50 % and 95 % quantiles.
    #[must_use]
    pub fn quantiles(&self) -> [Option<f64>; 3] {
        self.quantiles.map(Possible::get)
    }

    /// With the name of its column.
    #[must_use]
    pub fn named(&self, name: String) -> ParameterSummary {
        let [q5, q50, q95] = self.quantiles();
        let known = ParameterSummary {
            name,
            mean: self.mean.get(),
            sd: self.sd.get(),
            q5,
            q50,
            q95,
            ..ParameterSummary::default()
        };
        let Some(sampled) = &self.sampled else {
            return known;
        };
        let [mcse_q5, mcse_q50, mcse_q95] = sampled.mcse_quantiles.map(Possible::get);
        ParameterSummary {
            mcse_mean: sampled.mcse_mean.get(),
            mcse_sd: sampled.mcse_sd.get(),
            mcse_q5,
            mcse_q50,
            mcse_q95,
            ess_bulk: sampled.ess_bulk.get(),
            ess_tail: sampled.ess_tail.get(),
            r_hat: sampled.r_hat.get(),
            ..known
        }
    }

    /// What the verdict on the chains needs of a parameter of this name; none where nothing is known.
    fn convergence<'a>(&self, name: impl FnOnce() -> Cow<'a, str>) -> Option<Convergence<'a>> {
        let sampled = self.sampled.as_ref()?;
        let [r_hat, ess_bulk, ess_tail] =
            [sampled.r_hat, sampled.ess_bulk, sampled.ess_tail].map(Possible::get);
        Some(Convergence {
            name: name(),
            r_hat,
            ess_bulk,
            ess_tail,
        })
    }
}

impl Compact for Summary {
    type Row = ParameterSummary;

    fn row(&self, fk: &ForeignKey) -> ParameterSummary {
        self.named(importance_of(&fk.name))
    }
}

/// Every parameter, in column order.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    hyperparameters: Vec<ParameterSummary>,
    importances: PerFk<Summary>,
}

impl Parameters {
    pub(crate) fn new(hyperparameters: Vec<ParameterSummary>, importances: PerFk<Summary>) -> Self {
        Self {
            hyperparameters,
            importances,
        }
    }

    /// Those that stand before the importances.
    #[must_use]
    pub fn hyperparameters(&self) -> &[ParameterSummary] {
        &self.hyperparameters
    }

    /// The importance of every FK, in input order.
    #[must_use]
    pub fn importances(&self) -> &PerFk<Summary> {
        &self.importances
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hyperparameters.len() + self.importances.len()
    }

    /// Whether there are none, which does not happen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = ParameterSummary> + '_ {
        self.hyperparameters
            .iter()
            .cloned()
            .chain(&self.importances)
    }

    /// The hyperparameter of a name.
    #[must_use]
    pub fn hyperparameter(&self, name: &str) -> Option<&ParameterSummary> {
        self.hyperparameters.iter().find(|p| p.name == name)
    }

    /// What the verdict on the chains needs, of those of which anything is known.
    pub fn convergences(&self) -> impl Iterator<Item = Convergence<'_>> {
        let first = self
            .hyperparameters
            .iter()
            .map(ParameterSummary::convergence);
        let importances = self.importances.both();
        let others = importances.filter_map(|(fk, summary)| {
            summary.convergence(|| Cow::Owned(importance_of(&fk.name)))
        });
        first.chain(others).filter(Convergence::is_known)
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl ParameterSummary {
    /// What the verdict on the chains needs.
    #[must_use]
    pub fn convergence(&self) -> Convergence<'_> {
        Convergence {
            name: Cow::Borrowed(&self.name),
            r_hat: self.r_hat,
            ess_bulk: self.ess_bulk,
            ess_tail: self.ess_tail,
        }
    }
}

/// Which moments of a parameter's posterior exist: a sample has all of them, and would lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExistingMoments {
    /// The mean.
    pub mean: bool,
    /// The variance, and with it the Monte-Carlo error of the mean.
    pub variance: bool,
    /// The fourth moment, and with it the Monte-Carlo error of the standard deviation.
    pub fourth: bool,
}

impl ExistingMoments {
    /// All of them.
    pub const ALL: Self = Self {
        mean: true,
        variance: true,
        fourth: true,
    };

    /// By a test of whether the r-th moment exists.
    #[must_use]
    pub fn by(exists: impl Fn(f64) -> bool) -> Self {
        Self {
            mean: exists(1.0),
            variance: exists(2.0),
            fourth: exists(4.0),
        }
    }
}

/// Summarises the draws (chain × draw) of one parameter.
#[must_use]
pub fn summarise(
    draws: ArrayView2<'_, f64>,
    moments: ExistingMoments,
    workspace: &mut Workspace,
) -> Summary {
    let diagnostics = diagnose_with(workspace, draws);
    let quantiles = match diagnostics.ess_bulk {
        Some(_) => [0.05, 0.5, 0.95].map(|p| finite(workspace.quantile(p))),
        // Constant or very few draws: nothing was sorted.
        None => {
            let mut sorted: Vec<f64> = draws.iter().copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            [0.05, 0.5, 0.95].map(|p| quantile_sorted(&sorted, p).and_then(finite))
        }
    };
    // The centre and the tails are worth different numbers of draws.
    let (bulk, tail) = (diagnostics.ess_bulk, diagnostics.ess_tail);
    let mcse_quantiles = [(0.05, tail), (0.5, bulk), (0.95, tail)]
        .map(|(prob, ess)| workspace.mcse_quantile_at(prob, ess?));
    let (mean, sd) = mean_and_sd(draws);
    let (mean, sd) = (
        finite(mean).filter(|_| moments.mean),
        finite(sd).filter(|_| moments.variance),
    );
    let sampled = Sampled {
        mcse_mean: diagnostics.mcse_mean.filter(|_| moments.variance).into(),
        mcse_sd: diagnostics.mcse_sd.filter(|_| moments.fourth).into(),
        mcse_quantiles: mcse_quantiles.map(Possible::from),
        ess_bulk: bulk.into(),
        ess_tail: tail.into(),
        r_hat: diagnostics.r_hat.into(),
    };
    Summary {
        sampled: Some(Box::new(sampled)),
        ..Summary::known(mean, sd, quantiles)
    }
}

/// Mean and standard deviation (divisor S - 1), in two passes.
fn mean_and_sd(draws: ArrayView2<'_, f64>) -> (f64, f64) {
    let size = draws.len() as f64;
    let first = draws.first().copied().unwrap_or(f64::NAN);
    // About the first draw, so that a constant has exactly its value as mean and 0 as sd.
    let mean = first + draws.iter().map(|x| x - first).sum::<f64>() / size;
    let deviation = norm(draws.iter().map(|x| x - mean));
    (mean, deviation / (size - 1.0).sqrt())
}
