//! The estimates of λ and their intervals.

use crate::support::{FALSE_ALARM, hierarchy, named, normal, rng, scores};
use fkbayes::data::Sample;
use fkbayes::lambda::{Estimate, estimates, q_profile_interval};
use fkbayes::model::{Hierarchy, Location, Model, Noise};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::ExactPosterior;
use serde_json::Value;

/// The reference maximises by golden section: about the root of the machine precision.
const OF_ESTIMATES: f64 = 1e-7;
const OF_INTERVALS: f64 = 1e-9;
/// The reference sums on a grid.
const OF_POSTERIOR: f64 = 1e-6;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/lambda.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|x| x.as_f64().unwrap()).collect()
}

/// Means with known sampling variances.
fn known(means: &[f64], s: &[f64]) -> Hierarchy {
    let estimate = |(&mean, &s): (&f64, &f64)| Sample::Estimate {
        n: None,
        mean,
        se: s.sqrt(),
    };
    let data = named(means.iter().zip(s).map(estimate));
    Hierarchy::resolve(&Model::default(), &data).unwrap()
}

fn method<'a>(found: &'a [Estimate], name: &str) -> &'a Estimate {
    found.iter().find(|e| e.method == name).unwrap()
}

fn assert_close(name: &str, found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs();
    assert!(
        off <= tolerance * expected.abs(),
        "{name}: {found} against {expected}"
    );
}

/// Among them the BCG trials, for which metafor publishes REML and DerSimonian-Laird, and data on which
/// the likelihood has two modes and the interval spans both.
#[test]
fn estimates_and_intervals_equal_the_reference() {
    for case in golden()["variances"].as_array().unwrap() {
        let (found, left_out) = estimates(&known(&numbers(&case["means"]), &numbers(&case["s"])));
        assert!(left_out.is_empty());
        for name in ["marginal-ml", "moments", "anova", "reml"] {
            let label = format!("{} {name}", case["name"]);
            let found = method(&found, name);
            let t = found.sigma2_fk.unwrap();
            assert_close(&label, t, case[name].as_f64().unwrap(), OF_ESTIMATES);
            let ends = numbers(&case[format!("{name}_interval")]);
            assert_close(&label, found.sigma2_fk_q5.unwrap(), ends[0], OF_INTERVALS);
            assert_close(&label, found.sigma2_fk_q95.unwrap(), ends[1], OF_INTERVALS);
            assert!(found.lambda.is_none() && found.q5.is_none() && found.q95.is_none());
            assert_eq!(found.at_boundary, t == 0.0);
        }
    }
}

/// Under common noise analysis of variance is the textbook's: (MSB - MSW)/n₀ about the grand mean.
#[test]
fn analysis_of_variance_is_the_textbooks() {
    let fks = [
        (4, 2.0, 3.0),
        (7, -1.0, 5.0),
        (12, 0.2, 14.0),
        (30, 1.1, 33.0),
    ];
    let hierarchy = hierarchy(&scores(&fks), Noise::Pooled, None);
    let n: f64 = fks.iter().map(|fk| fk.0 as f64).sum();
    let grand = fks.iter().map(|fk| fk.0 as f64 * fk.1).sum::<f64>() / n;
    let between = fks.iter().map(|fk| fk.0 as f64 * (fk.1 - grand).powi(2));
    let within = fks.iter().map(|fk| fk.2).sum::<f64>() / (n - 4.0);
    let squares = fks.iter().map(|fk| (fk.0 as f64).powi(2)).sum::<f64>();
    let n0 = (n - squares / n) / 3.0;
    let expected = (between.sum::<f64>() / 3.0 - within) / n0;
    let (found, _) = estimates(&hierarchy);
    let anova = method(&found, "anova");
    assert_close("anova", anova.sigma2_fk.unwrap(), expected, 1e-12);
    assert_close("lambda", anova.lambda.unwrap(), within / expected, 1e-12);
}

/// λ under sampled noise is a mixture over σ²_obs.
#[test]
fn the_exact_posterior_of_lambda_equals_the_reference() {
    for case in golden()["posterior"].as_array().unwrap() {
        let fks: Vec<(u64, f64, f64)> = serde_json::from_value(case["fks"].clone()).unwrap();
        let prior = (case["a0"].as_f64().unwrap(), case["b0"].as_f64().unwrap());
        let noise = Noise::sampled(0.0, 0.0).unwrap();
        let hierarchy = hierarchy(&scores(&fks), noise, Some(prior));
        let lambda = ExactPosterior::new(&hierarchy).unwrap().lambda().unwrap();
        let mean = case["mean"].as_f64().unwrap();
        assert_close("mean", lambda.mean().unwrap(), mean, OF_POSTERIOR);
        for (p, quantile) in [0.05, 0.5, 0.95]
            .into_iter()
            .zip(numbers(&case["quantiles"]))
        {
            let found = lambda.quantile(p).unwrap();
            assert_close(&format!("{p}"), found, quantile, OF_POSTERIOR);
            assert!((lambda.cdf(found) - p).abs() < 1e-12);
        }
    }
}

/// The Q-profile interval covers exactly 90 %, whatever K, s and σ²_FK: 4,000 data sets for each of two
/// locations; a right interval is refused with probability 4e-7.
#[test]
fn the_q_profile_interval_covers_as_claimed() {
    const DATA_SETS: usize = 4000;
    let s = [0.2, 0.5, 1.0, 3.0, 8.0];
    let t = 0.7_f64;
    let mut rng = rng(11);
    for location in [Location::Zero, Location::Flat] {
        let covered = (0..DATA_SETS).filter(|_| {
            let means = s.map(|s| (t + s).sqrt() * normal(&mut rng));
            let evidence = known(&means, &s).evidence.about(location);
            q_profile_interval(&evidence, 1.0)
                .is_some_and(|interval| (interval.low..=interval.high).contains(&t))
        });
        let share = covered.count() as f64 / DATA_SETS as f64;
        let reach = two_sided_normal_bound(FALSE_ALARM, 1) * (0.09 / DATA_SETS as f64).sqrt();
        println!("{location:?}: {share} within {reach} of 0.9");
        assert!((share - 0.9).abs() < reach);
    }
}

/// At the boundary there is no λ, and the interval for it has no upper end.
#[test]
fn at_the_boundary_lambda_does_not_exist() {
    let fks = [(4, 0.1, 30.0), (4, -0.1, 30.0), (4, 0.2, 30.0)];
    let (found, _) = estimates(&hierarchy(&scores(&fks), Noise::Pooled, None));
    for estimate in &found {
        assert!(estimate.at_boundary && estimate.lambda.is_none() && estimate.q95.is_none());
        assert_eq!(estimate.sigma2_fk, Some(0.0));
    }
    // Means so close together that even 0 is too large for the exact interval.
    let moments = method(&found, "moments");
    assert!(moments.interval.is_none() && moments.sigma2_fk_q95.is_none());
    assert!(moments.note.as_ref().unwrap().contains("closer together"));
}
