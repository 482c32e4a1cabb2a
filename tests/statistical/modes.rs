//! Chains cross between modes: the mean of an FK is an importance, or it is noise and σ²_FK small.

use crate::support::{Check, Length, drive, scores};
use fkbayes::diagnostics::r_hat;
use fkbayes::model::{Hierarchy, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{Move, OwnScalesKernel};

/// (ȳ_k, SSW_k) of twenty scores per FK, in units of 10⁻³ and 10⁻⁶, drawn from the means and standard
/// deviations in examples/data/f1_truth.csv: the sixth mean is fifty times the others.
const TOWER: [(f64, f64); 11] = [
    (0.058, 39.8),
    (1.832, 36.35),
    (1.317, 147.6),
    (0.401, 1340.0),
    (0.799, 841.1),
    (131.6, 10850.0),
    (2.281, 412.2),
    (2.815, 530.9),
    (-0.011, 58.2),
    (-0.073, 12.12),
    (-0.996, 48.41),
];

/// Ten times as many sweeps as elsewhere: crossings are worth fewer draws than steps within a mode.
const LENGTH: Length = Length {
    chains: 4,
    warmup: 1000,
    draws: 100_000,
};

fn hierarchy() -> Hierarchy {
    let fks: Vec<_> = TOWER
        .iter()
        .map(|&(mean, square)| (20, mean, square))
        .collect();
    let model = Model {
        noise: Noise::PerFk { c0: 1.0 },
        ..Model::default()
    };
    Hierarchy::resolve(&model, &scores(&fks)).unwrap()
}

/// One check with a false-alarm rate of 2e-7, and R-hat. With the Metropolis ratio of the jump short of
/// the prior of σ²_obs,k the former fails (|z| = 219), short of its proposal too (145); without the jump
/// the latter.
#[test]
fn both_modes_are_visited_in_proportion() {
    let hierarchy = hierarchy();
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    // The mode in which the sixth mean is an importance has about a fifth of the probability.
    let high = 1.0 - exact.sigma2_fk_cdf(100.0);
    assert!((0.1..0.3).contains(&high), "P = {high}");
    let kernel = || OwnScalesKernel::new(&hierarchy, Move::Collapsed);
    let chains = drive(&hierarchy, kernel, LENGTH, 7);
    let mut check = Check::default();
    check.chains("two modes", &chains, &hierarchy, &exact);
    check.assert_passed();
    // Chains that stay in one mode each are apart, and their Monte-Carlo errors hide it from the check.
    let apart = r_hat(chains.sigma2_fk.view()).unwrap();
    assert!(apart < 1.01, "R-hat {apart}");
}
