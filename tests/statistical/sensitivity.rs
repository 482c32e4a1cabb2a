//! Power-scaling: brute force, limits, invariances; P(best) beside a closed form.

use crate::support::{FALSE_ALARM, hierarchy, named, scores};
use fkbayes::data::{Data, Sample};
use fkbayes::model::{Hierarchy, Hyperprior, Model, Noise};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::ExactPosterior;
use fkbayes::sensitivity::power_scaling::{Figures, of_importances, of_sigma2_fk};
use fkbayes::sensitivity::sensitivity;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    prior: String,
    sigma2_obs: f64,
    fks: Vec<(u64, f64)>,
    #[serde(rename = "sigma2_fk")]
    top: Pair,
    alpha: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    prior: f64,
    likelihood: f64,
}

/// The distance is taken at powers 2^±0.002 there, and the derivative here: they differ by the square of
/// that. What is left is the trapezoidal rule, here and there.
const CLOSE: f64 = 2e-4;

fn assert_close(name: &str, found: Figures, expected: &Pair) {
    for (what, found, expected) in [
        ("prior", found.prior, expected.prior),
        ("likelihood", found.likelihood, expected.likelihood),
    ] {
        let off = found / expected - 1.0;
        assert!(
            off.abs() < CLOSE,
            "{name}, {what}: {found} for {expected} ({off:e})"
        );
    }
}

#[test]
fn the_figures_are_those_of_brute_force() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../golden/power_scaling.json")).unwrap();
    for case in cases {
        let fks: Vec<_> = case.fks.iter().map(|&(n, mean)| (n, mean, 0.0)).collect();
        let model = Model {
            hyperprior: Some(case.prior.parse().unwrap()),
            noise: Noise::known(case.sigma2_obs).unwrap(),
            ..Model::default()
        };
        let hierarchy = Hierarchy::resolve(&model, &scores(&fks)).unwrap();
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let top = of_sigma2_fk(&hierarchy, &exact).unwrap();
        assert_close(&case.prior, top, &case.top);
        let means: Vec<f64> = case.fks.iter().map(|fk| fk.1).collect();
        for (k, found) in of_importances(&hierarchy, &means).unwrap() {
            assert_close(&format!("{} f{k}", case.prior), found, &case.alpha[k]);
        }
    }
}

/// K equally often permuted FKs whose means have the mean square v exactly, noise variance s of each.
fn equal(k: usize, v: f64, s: f64) -> Data {
    named((0..k).map(|i| Sample::Estimate {
        n: None,
        mean: if i % 2 == 0 { v.sqrt() } else { -v.sqrt() },
        se: s.sqrt(),
    }))
}

/// Of log σ²_FK, and of the first importance, under σ²_FK ~ IG(2, 1) and weak data at σ²_FK = 1.
fn figures(k: usize) -> (Figures, Figures) {
    let hierarchy = hierarchy(&equal(k, 2.0, 1.0), Noise::Auto, Some((2.0, 1.0)));
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    let importances = of_importances(&hierarchy, &vec![2f64.sqrt(); k]).unwrap();
    let top = of_sigma2_fk(&hierarchy, &exact).unwrap();
    (top, importances[0].1)
}

/// The figure of a normal law whose precision is scaled: G = ½ x φ(x) on the range of 4,000 draws.
fn figure_of_a_scaled_normal() -> f64 {
    let end = -fkbayes::numeric::normal_quantile(1.0 / 4000.0);
    let step = 2.0 * end / 20_000.0;
    let (mut up, mut whole) = (0.0, 0.0);
    for i in 0..20_000 {
        let x = -end + step * (f64::from(i) + 0.5);
        let p = fkbayes::numeric::normal_cdf(x);
        let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        up += step * (0.5 * x * density).powi(2) / p;
        whole += step * p;
    }
    (std::f64::consts::LN_2 / 8.0 * up / whole).sqrt()
}

/// The prior's say falls as 1/√K. The likelihood's grows, from nothing to that of a normal law: the
/// distance is relative to the spread, so that it does not grow beyond.
#[test]
fn the_hyperprior_yields_to_many_fks() {
    let found: Vec<_> = [1, 4, 16, 64, 4096, 32_768].map(figures).to_vec();
    println!("{found:?}");
    assert!(found[0].0.prior > 0.2 && found[0].0.likelihood < 0.03);
    assert!(found[5].0.prior < 0.01 && found[5].1.prior < 0.001);
    for pair in found.windows(2) {
        assert!(pair[1].0.prior < pair[0].0.prior, "{pair:?}");
    }
    for pair in found[..4].windows(2) {
        assert!(pair[1].0.likelihood > pair[0].0.likelihood, "{pair:?}");
    }
    let fall = found[4].0.prior / found[5].0.prior;
    assert!((fall / 8f64.sqrt() - 1.0).abs() < 0.05, "{fall}");
    let limit = figure_of_a_scaled_normal();
    let last = found[5].0.likelihood;
    assert!((last / limit - 1.0).abs() < 0.05, "{last} for {limit}");
}

/// Shift and scale of a quantity leave its figure alone, so the unit of the scores does.
#[test]
fn the_unit_of_the_scores_does_not_matter() {
    let fks = [
        (5, 1.9, 8.0),
        (12, -0.7, 20.0),
        (40, 0.4, 70.0),
        (0, 0.0, 0.0),
    ];
    let scaled = |unit: f64| {
        let fks = fks.map(|(n, mean, sum_sq)| (n, unit * mean, unit * unit * sum_sq));
        let hierarchy = hierarchy(&scores(&fks), Noise::Pooled, None);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let means = fks.map(|fk| fk.1);
        let mut all = vec![of_sigma2_fk(&hierarchy, &exact).unwrap()];
        all.extend(
            of_importances(&hierarchy, &means)
                .unwrap()
                .iter()
                .map(|x| x.1),
        );
        all
    };
    for (one, other) in scaled(1.0).iter().zip(scaled(1e-6)) {
        assert!(
            (one.prior / other.prior - 1.0).abs() < 1e-5,
            "{one:?} {other:?}"
        );
        assert!((one.likelihood / other.likelihood - 1.0).abs() < 1e-5);
    }
}

/// A flat density to any power is itself.
#[test]
fn a_flat_hyperprior_cannot_be_scaled() {
    let model = Model {
        hyperprior: Some(Hyperprior::Flat),
        ..Model::default()
    };
    let hierarchy = Hierarchy::resolve(&model, &equal(5, 2.0, 1.0)).unwrap();
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    let found = of_sigma2_fk(&hierarchy, &exact).unwrap();
    assert!(found.prior == 0.0 && found.likelihood > 0.05, "{found:?}");
}

/// Two FKs with equal precision: given σ²_FK their difference is normal, so P(best) is an average of
/// Φ(B (ȳ₁ - ȳ₂)/√(2 V)). A right program is farther off once in five million runs.
#[test]
fn p_best_is_an_average_over_the_posterior() {
    let data = scores(&[(5, 1.6, 16.0), (5, -0.2, 19.0)]);
    let found = sensitivity(&Model::default(), &data, &[]).unwrap();
    let (noise, k) = ((16.0 + 19.0) / 8.0, 20_000);
    let hierarchy = hierarchy(&data, Noise::Pooled, None);
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    let expected = (0..k).map(|i| {
        let t = exact.sigma2_fk_quantile((f64::from(i) + 0.5) / f64::from(k));
        let b = t / (t + noise / 5.0);
        fkbayes::numeric::normal_cdf(b * 1.8 / (2.0 * b * noise / 5.0).sqrt())
    });
    let expected = expected.sum::<f64>() / f64::from(k);
    let error = (expected * (1.0 - expected) / found.p_best_draws as f64).sqrt();
    let z = (found.current.p_best.unwrap() - expected) / error;
    assert!(z.abs() < two_sided_normal_bound(FALSE_ALARM, 1), "z = {z}");
}

/// Shift and ratio are what they are said to be.
#[test]
fn shifts_and_ratios_are_those_of_the_exact_posteriors() {
    let data = scores(&[(5, 1.6, 16.0), (9, -0.2, 19.0), (3, 0.9, 5.0)]);
    let found = sensitivity(&Model::default(), &data, &[]).unwrap();
    let moments = |hyperprior: Hyperprior| {
        let model = Model {
            hyperprior: Some(hyperprior),
            ..Model::default()
        };
        let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        [1.6, -0.2, 0.9]
            .into_iter()
            .enumerate()
            .map(move |(k, mean)| {
                let sd = exact.alpha_variance(k, mean).unwrap().sqrt();
                (exact.alpha_mean(k, mean), sd)
            })
    };
    for other in &found.alternatives {
        let pairs = moments(found.current.prior).zip(moments(other.answer.prior));
        let pairs: Vec<_> = pairs.collect();
        let shifts = pairs
            .iter()
            .map(|(now, then)| (then.0 - now.0).abs() / now.1);
        let ratios = pairs
            .iter()
            .map(|(now, then)| (then.1 / now.1).max(now.1 / then.1));
        let (shift, ratio) = (shifts.fold(0.0, f64::max), ratios.fold(0.0, f64::max));
        assert!((other.max_shift_sd.unwrap() - shift).abs() < 1e-12);
        assert!((other.max_sd_ratio.unwrap() - ratio).abs() < 1e-12);
    }
}
