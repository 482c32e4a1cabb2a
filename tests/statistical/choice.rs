//! Bayes factors: common noise or each FK's own, normal importances or heavier tails.

use crate::support::{FALSE_ALARM, named, normal, rng, sum_sq};
use fkbayes::data::Sample;
use fkbayes::model::{Hierarchy, Hyperprior, Model, Noise, Spread, log_bayes_factor_of_noise};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::{empirical_bayes, heavy_tails};
use rand::Rng;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    noise: Vec<NoiseCase>,
    importances: Vec<ImportanceCase>,
}

#[derive(Deserialize)]
struct NoiseCase {
    c0: f64,
    fks: Vec<(f64, f64)>,
    log_bayes_factor: f64,
}

#[derive(Deserialize)]
struct ImportanceCase {
    a0: f64,
    b0: f64,
    s: Vec<f64>,
    means: Vec<f64>,
    log_bayes_factor: f64,
    p_largest: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/choice.json")).unwrap()
}

fn spreads(fks: &[(f64, f64)]) -> Vec<Spread> {
    fks.iter()
        .map(|&(n, sum_sq)| Spread { n, sum_sq })
        .collect()
}

#[test]
fn the_bayes_factor_of_noise_is_that_of_quadrature() {
    for case in golden().noise {
        let found = log_bayes_factor_of_noise(&spreads(&case.fks), case.c0).unwrap();
        let error = (found - case.log_bayes_factor).abs();
        assert!(error < 1e-10, "{found} for {}", case.log_bayes_factor);
    }
}

/// The program lays the mixing scales coarsely, to 1e-6 per FK.
#[test]
fn the_bayes_factor_of_heavy_tails_is_that_of_quadrature() {
    for case in golden().importances {
        let fks = case
            .means
            .iter()
            .zip(&case.s)
            .map(|(&mean, s)| Sample::Estimate {
                n: None,
                mean,
                se: s.sqrt(),
            });
        let model = Model {
            hyperprior: Some(Hyperprior::inverse_gamma(case.a0, case.b0).unwrap()),
            ..Model::default()
        };
        let hierarchy = Hierarchy::resolve(&model, &named(fks)).unwrap();
        let found = heavy_tails(&hierarchy, &empirical_bayes(&hierarchy)).unwrap();
        let error = (found.log_bayes_factor - case.log_bayes_factor).abs();
        assert!(error < 1e-5, "{found:?} for {}", case.log_bayes_factor);
        assert!((found.p_largest - case.p_largest).abs() < 1e-8, "{found:?}");
        let farthest = case.means.iter().position(|m| m.abs() >= 6.0);
        assert_eq!(Some(found.largest), farthest);
        assert_eq!(found.win_clearly(), case.log_bayes_factor > 3.0);
        assert!(!found.shrunk_more.contains(&found.largest));
    }
}

const N: [u64; 5] = [2, 3, 5, 10, 20];
const C0: f64 = 1.0;

/// Spreads of FKs whose noise variances are `variance()`.
fn simulated(
    rng: &mut impl Rng,
    mut variance: impl FnMut(&mut dyn FnMut() -> f64) -> f64,
) -> Vec<Spread> {
    let fk = |n: u64, rng: &mut _| {
        let mut gaussian = || normal(rng);
        let v = variance(&mut gaussian);
        Spread {
            n: n as f64,
            sum_sq: sum_sq(n, v, rng),
        }
    };
    let mut each = fk;
    N.iter().map(|&n| each(n, rng)).collect()
}

/// What a Bayes factor is: for every bound c, P(B ≤ c) under per-FK noise is E[B; B ≤ c] under common
/// noise. Both sides are invariant to scale, so d₀ and σ²_obs may be anything. A right program fails
/// once in five million runs (two comparisons); a factor a fifth off must be found.
#[test]
fn the_bayes_factor_of_noise_is_a_ratio_of_densities() {
    const SIMULATIONS: usize = 40_000;
    let mut rng = rng(20_261_122);
    let factor = |spreads: &[Spread]| log_bayes_factor_of_noise(spreads, C0).unwrap().exp();
    // IG(1, 1/2) is the reciprocal of a χ²₂, a sum of two squares.
    let own: Vec<f64> = (0..SIMULATIONS)
        .map(|_| factor(&simulated(&mut rng, |z| 1.0 / (z().powi(2) + z().powi(2)))))
        .collect();
    let common: Vec<f64> = (0..SIMULATIONS)
        .map(|_| factor(&simulated(&mut rng, |_| 7.0)))
        .collect();
    let z_scaled_by = |scale: f64, bound: f64| {
        let left = own.iter().map(|b| f64::from(u8::from(scale * b <= bound)));
        let right = common.iter().map(|b| scale * b);
        let right = right.map(|b| if b <= bound { b } else { 0.0 });
        difference(left.collect(), right.collect())
    };
    let reach = two_sided_normal_bound(FALSE_ALARM, 2);
    for bound in [1.0, 20.0] {
        let z = z_scaled_by(1.0, bound);
        println!("at {bound}: z = {z:.2} within {reach:.2}");
        assert!(z.abs() < reach, "at {bound}: z = {z}");
    }
    let planted = z_scaled_by(1.2, 20.0);
    println!("planted: z = {planted:.2}");
    assert!(planted.abs() > reach, "planted: z = {planted}");
}

/// The difference of two means in standard errors.
fn difference(a: Vec<f64>, b: Vec<f64>) -> f64 {
    let moments = |x: &[f64]| {
        let size = x.len() as f64;
        let mean = x.iter().sum::<f64>() / size;
        let square: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
        (mean, square / (size * (size - 1.0)))
    };
    let ((a, error_a), (b, error_b)) = (moments(&a), moments(&b));
    (a - b) / (error_a + error_b).sqrt()
}

#[test]
fn auto_follows_the_spreads() {
    let resolve = |fks: &[(u64, f64, f64)]| {
        let hierarchy =
            Hierarchy::resolve(&Model::default(), &crate::support::scores(fks)).unwrap();
        hierarchy.model.noise
    };
    let alike = [(20, 0.1, 19.0), (30, 1.0, 31.0), (12, -0.4, 10.0)];
    assert_eq!(resolve(&alike), Noise::Pooled);
    let unlike = [(20, 0.1, 19.0), (30, 1.0, 3100.0), (12, -0.4, 0.1)];
    assert_eq!(resolve(&unlike), Noise::PerFk { c0: 1.0 });
    // A single spread cannot differ from others.
    assert_eq!(resolve(&[(20, 0.1, 19.0), (1, 1.0, 0.0)]), Noise::Pooled);
}
