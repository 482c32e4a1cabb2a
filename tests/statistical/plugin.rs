//! The empirical-Bayes estimate: closed form, search, boundary.

use crate::support::{hierarchy, means_at_one, normal, rng, scores};
use fkbayes::model::{Hierarchy, Noise};
use fkbayes::posterior::{empirical_bayes, log_marginal, log_marginal_derivative};

const SIGMA2_OBS: f64 = 30.0;

fn of(fks: &[(u64, f64)], sigma2_obs: f64) -> Hierarchy {
    let fks: Vec<_> = fks.iter().map(|&(n, mean)| (n, mean, 0.0)).collect();
    hierarchy(&scores(&fks), Noise::known(sigma2_obs).unwrap(), None)
}

/// Data with unequal n, at σ²_FK from weak to strong.
fn unequal(seed: u64) -> Hierarchy {
    let mut rng = rng(seed);
    let sigma2_fk: f64 = [0.01, 0.3, 1.0, 30.0][seed as usize % 4];
    let fks: Vec<_> = [1, 3, 8, 20, 55, 149, 403]
        .map(|n| {
            let v = sigma2_fk + SIGMA2_OBS / n as f64;
            (n, v.sqrt() * normal(&mut rng))
        })
        .to_vec();
    of(&fks, SIGMA2_OBS)
}

#[test]
fn closed_form_equals_the_search() {
    let n = 1_000_000_000;
    let (mut interior, mut boundary) = (0, 0);
    for seed in 0..40 {
        let means = means_at_one(6, 2.0, &mut rng(seed));
        let sigma2_obs = 2.0 * n as f64;
        let equal: Vec<_> = means.iter().map(|&mean| (n, mean)).collect();
        let mut nearly = equal.clone();
        nearly[0].0 += 1;
        let closed = empirical_bayes(&of(&equal, sigma2_obs));
        let searched = empirical_bayes(&of(&nearly, sigma2_obs));
        assert_ne!(closed.method, searched.method);
        let by_hand = (means.iter().map(|m| m * m).sum::<f64>() / 6.0 - 2.0).max(0.0);
        assert!((closed.sigma2_fk - by_hand).abs() <= 1e-12);
        let se = (2.0_f64 / 6.0).sqrt() * (by_hand + 2.0);
        assert!((closed.se / se - 1.0).abs() <= 1e-12);
        // n differs by a billionth.
        assert!(
            (closed.sigma2_fk - searched.sigma2_fk).abs() <= 1e-7,
            "seed {seed}"
        );
        assert_eq!(closed.at_boundary(), searched.at_boundary());
        match closed.at_boundary() {
            true => boundary += 1,
            false => interior += 1,
        }
    }
    assert!(interior >= 10 && boundary >= 5, "{interior}, {boundary}");
}

#[test]
fn the_maximum_beats_a_fine_grid() {
    let mut interior = 0;
    for seed in 0..40 {
        let hierarchy = unequal(seed);
        let found = empirical_bayes(&hierarchy);
        let at = |t: f64| log_marginal(&hierarchy.evidence, t, SIGMA2_OBS);
        let best = (0..=20_000)
            .map(|i| at((-14.0 + 24.0 * f64::from(i) / 20_000.0).exp()))
            .fold(at(0.0), f64::max);
        assert!(
            at(found.sigma2_fk) >= best - 1e-12,
            "seed {seed}: {found:?}"
        );
        if !found.at_boundary() {
            interior += 1;
            let slope = log_marginal_derivative(&hierarchy.evidence, found.sigma2_fk, SIGMA2_OBS);
            assert!(
                (slope * found.sigma2_fk).abs() <= 1e-8,
                "seed {seed}: slope {slope:e}"
            );
        }
    }
    assert!((10..40).contains(&interior), "{interior}");
}

/// The estimate is 0 where the likelihood falls from 0 on and nothing further out is higher.
#[test]
fn the_boundary_is_found() {
    let flat = of(&[(5, 0.4), (20, -0.2), (80, 0.1)], 20.0);
    assert!(log_marginal_derivative(&flat.evidence, 0.0, 20.0) < 0.0);
    assert!(empirical_bayes(&flat).at_boundary());
    let zero = of(&[(5, 0.0), (20, 0.0)], 20.0);
    assert!(empirical_bayes(&zero).at_boundary());
    // One mean far out: falling at 0, highest elsewhere.
    let two = of(&[(551, 0.2), (551, -0.15), (551, 0.1), (1, 62.0)], 101.0);
    assert!(log_marginal_derivative(&two.evidence, 0.0, 101.0) < 0.0);
    assert!(!empirical_bayes(&two).at_boundary());
    // Both sides of the boundary, a thousandth away from it.
    for (excess, at_boundary) in [(0.999, true), (1.001, false)] {
        let mean = 2.0 * f64::sqrt(excess);
        assert_eq!(
            empirical_bayes(&of(&[(5, mean), (5, -mean)], 20.0)).at_boundary(),
            at_boundary
        );
        let tiny = of(
            &[
                (5, mean),
                (5, -mean),
                (6, 2.0 * f64::sqrt(5.0 / 6.0 * excess)),
            ],
            20.0,
        );
        assert_eq!(empirical_bayes(&tiny).at_boundary(), at_boundary);
    }
}
