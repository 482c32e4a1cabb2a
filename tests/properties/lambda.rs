//! λ has no unit, lies in its intervals, and comes back from the reduction that it makes.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::lambda::{Estimate, estimates};
use fkbayes::model::{Hierarchy, Model, Noise};
use fkbayes::posterior::{lambda_from_reduction, variance_reduction};
use proptest::prelude::*;

/// (n, mean, variance) of each FK.
fn fks() -> impl Strategy<Value = Vec<(u64, f64, f64)>> {
    prop::collection::vec((2..200_u64, -3.0..3.0_f64, 0.1..9.0_f64), 2..9)
}

fn found(fks: &[(u64, f64, f64)], unit: f64, noise: Noise) -> Vec<Estimate> {
    let key = |(k, &(n, mean, variance)): (usize, &(u64, f64, f64))| ForeignKey {
        name: format!("f{k}").into(),
        sample: Sample::Scores(FkStats::from_summary(
            n,
            unit * mean,
            unit * unit * variance,
        )),
    };
    let data = Data::new(fks.iter().enumerate().map(key).collect()).unwrap();
    let model = Model {
        noise,
        ..Model::default()
    };
    estimates(&Hierarchy::resolve(&model, &data).unwrap()).0
}

/// Equal to what root finding leaves, or both absent.
fn near(left: Option<f64>, right: Option<f64>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => (left / right - 1.0).abs() < 1e-6,
        (left, right) => left == right,
    }
}

proptest! {
    #[test]
    fn lambda_has_no_unit(fks in fks(), power in -6..7_i32) {
        let unit = 2.0_f64.powi(4 * power);
        let (plain, scaled) = (found(&fks, 1.0, Noise::Pooled), found(&fks, unit, Noise::Pooled));
        for (plain, scaled) in plain.iter().zip(&scaled) {
            prop_assert!(near(plain.lambda, scaled.lambda), "{plain:?} {scaled:?}");
            prop_assert!(near(plain.q5, scaled.q5), "{plain:?} {scaled:?}");
            prop_assert!(near(plain.q95, scaled.q95), "{plain:?} {scaled:?}");
        }
    }

    #[test]
    fn likelihood_estimates_lie_in_their_intervals(fks in fks(), per_fk in any::<bool>()) {
        let noise = if per_fk { Noise::PerFkFixed } else { Noise::Pooled };
        for e in found(&fks, 1.0, noise) {
            let t = e.sigma2_fk.unwrap();
            prop_assert!(t >= 0.0 && t.is_finite());
            prop_assert_eq!(e.lambda.is_some(), !per_fk && t > 0.0);
            if e.interval == Some("profile likelihood") {
                let (low, high) = (e.sigma2_fk_q5.unwrap(), e.sigma2_fk_q95.unwrap());
                prop_assert!(low <= t && t < high && high.is_finite(), "{:?}", e);
            }
            if let (Some(low), Some(high)) = (e.q5, e.q95) {
                prop_assert!(0.0 < low && low < high);
            }
        }
    }

    #[test]
    fn the_inversion_inverts(n in 0..10_000_u64, delta in 1..10_000_u64, log in -5.0..8.0_f64) {
        let lambda = log.exp();
        let reduction = variance_reduction(n, delta, lambda);
        let again = lambda_from_reduction(n, delta, reduction).unwrap();
        // The difference of Δ/R and n + Δ loses what λ is smaller than they.
        let lost = 1e-14 * (n + delta) as f64 + 1e-13 * lambda;
        prop_assert!((again - lambda).abs() <= lost, "{again} for {lambda}");
    }
}
