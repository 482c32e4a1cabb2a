//! Invariances and bounds of the posterior, in closed form and by quadrature.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use fkbayes::posterior::{ExactPosterior, conditional, empirical_bayes, log_marginal};
use fkbayes::variance::corrected_variances;
use proptest::prelude::*;

/// Relative difference allowed between two ways to the same integral.
const TOLERANCE: f64 = 1e-8;

/// (n_k, ȳ_k): at least one FK with scores.
fn fks() -> impl Strategy<Value = Vec<(u64, f64)>> {
    let some = (1_u64..500, -20.0..20.0_f64);
    let any = (0_u64..200, -20.0..20.0_f64);
    (some, prop::collection::vec(any, 0..6)).prop_map(|(first, mut rest)| {
        rest.push(first);
        rest.rotate_right(1);
        rest
    })
}

pub fn data(fks: &[(u64, f64)]) -> Data {
    data_in(fks, 1.0)
}

/// With scores of the variance c².
fn data_in(fks: &[(u64, f64)], c: f64) -> Data {
    let fk = |(k, &(n, mean)): (usize, &(u64, f64))| ForeignKey {
        name: format!("f{k}").into(),
        sample: Sample::Scores(FkStats::from_summary(n, mean, c * c)),
    };
    Data::new(fks.iter().enumerate().map(fk).collect()).unwrap()
}

pub fn hierarchy(fks: &[(u64, f64)], sigma2_obs: f64, hyperprior: Option<Hyperprior>) -> Hierarchy {
    let model = Model {
        hyperprior,
        noise: Noise::known(sigma2_obs).unwrap(),
        ..Model::default()
    };
    Hierarchy::resolve(&model, &data(fks)).unwrap()
}

/// Members with hyperpriors, noise and locations of every kind, in the unit `c`.
fn scaled_member(fks: &[(u64, f64)], c: f64, member: usize) -> Hierarchy {
    let known = Noise::known(7.0 * c * c).unwrap();
    let ig = Some(Hyperprior::inverse_gamma(2.0, 3.0 * c * c).unwrap());
    let cauchy = Some(Hyperprior::half_t(1.0, 2.0 * c).unwrap());
    let (hyperprior, noise, location) = match member {
        0 => (None, known, Location::Zero),
        1 => (ig, known, Location::Flat),
        2 => (cauchy, known, Location::Zero),
        3 => (cauchy, known, Location::Flat),
        4 => (
            ig,
            Noise::sampled(3.0, 20.0 * c * c).unwrap(),
            Location::Zero,
        ),
        _ => (ig, known, Location::Zero),
    };
    let importance = match member {
        5 => Importance::StudentT { nu: 4.0 },
        _ => Importance::Normal,
    };
    let model = Model {
        hyperprior,
        noise,
        importance,
        location,
    };
    Hierarchy::resolve(&model, &data_in(fks, c)).unwrap()
}

/// Mean, variance where it exists, and corrected plug-in variance of each importance.
fn results(hierarchy: &Hierarchy, fks: &[(u64, f64)]) -> Vec<(f64, Option<f64>, Option<f64>)> {
    let exact = ExactPosterior::new(hierarchy).unwrap();
    let means: Vec<f64> = fks
        .iter()
        .map(|fk| if fk.0 > 0 { fk.1 } else { 0.0 })
        .collect();
    let corrected = corrected_variances(hierarchy, &means);
    means
        .iter()
        .zip(corrected)
        .enumerate()
        .map(|(k, (&mean, corrected))| {
            (
                exact.alpha_mean(k, mean),
                exact.alpha_variance(k, mean),
                corrected,
            )
        })
        .collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

fn both_close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn same(a: &(f64, Option<f64>, Option<f64>), b: &(f64, Option<f64>, Option<f64>)) -> bool {
    close(a.0, b.0) && both_close(a.1, b.1) && both_close(a.2, b.2)
}

fn positive() -> impl Strategy<Value = f64> {
    (-8.0..8.0_f64).prop_map(|x| 10_f64.powf(x))
}

proptest! {
    #[test]
    fn shrinkage_is_a_share(t in positive(), s in positive(), mean in -1e3..1e3_f64) {
        let given = conditional(t, s, mean);
        prop_assert!((0.0..=1.0).contains(&given.shrinkage));
        prop_assert!(given.mean.abs() <= mean.abs());
        // Two roundings.
        prop_assert!(given.variance <= t.min(s) * (1.0 + 1e-15));
        prop_assert!(given.variance > 0.0);
    }

    #[test]
    fn variance_falls_as_scores_come(
        t in positive(), sigma2_obs in positive(), n in 1_u64..10_000, more in 1_u64..10_000
    ) {
        let v = |n: u64| conditional(t, sigma2_obs / n as f64, 0.0).variance;
        // Equal in double precision where λ is beyond 1e15 scores.
        prop_assert!(v(n + more) <= v(n) * (1.0 + 1e-15));
        let lambda = sigma2_obs / t;
        if lambda < 1e6 {
            prop_assert!(v(n + more) < v(n));
        }
        let (n, more) = (n as f64, more as f64);
        let reduction = more / (n + more + lambda);
        prop_assert!(0.0 <= reduction && reduction <= more / (n + more));
        let found = 1.0 - v((n + more) as u64) / v(n as u64);
        prop_assert!((found - reduction).abs() <= 1e-12);
    }

    #[test]
    fn the_correction_is_never_negative(
        fks in fks(), sigma2_obs in 0.01..100.0_f64, a0 in 0.5..5.0_f64, b0 in 0.01..100.0_f64
    ) {
        let means: Vec<f64> = fks.iter().map(|fk| if fk.0 > 0 { fk.1 } else { 0.0 }).collect();
        for prior in [None, Some(Hyperprior::inverse_gamma(a0, b0).unwrap())] {
            for corrected in corrected_variances(&hierarchy(&fks, sigma2_obs, prior), &means) {
                prop_assert!(corrected.is_none_or(|variance| variance >= 0.0), "{corrected:?}");
            }
        }
    }

    #[test]
    fn groups_enter_the_likelihood_as_their_members(
        fks in fks(), t in positive(), sigma2_obs in positive()
    ) {
        let twice = [fks.clone(), fks].concat();
        let hierarchy = hierarchy(&twice, sigma2_obs, None);
        let by_hand: f64 = twice
            .iter()
            .filter(|fk| fk.0 > 0)
            .map(|&(n, mean)| {
                let v = t + sigma2_obs / n as f64;
                -0.5 * (v.ln() + mean * mean / v)
            })
            .sum();
        let found = log_marginal(&hierarchy.evidence, t, sigma2_obs);
        let size: f64 = by_hand.abs() + twice.len() as f64 * t.ln().abs().max(sigma2_obs.ln().abs());
        prop_assert!((found - by_hand).abs() <= 1e-12 * (1.0 + size));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn total_variance_is_the_sum_of_its_parts(fks in fks(), sigma2_obs in 0.01..100.0_f64) {
        let exact = ExactPosterior::new(&hierarchy(&fks, sigma2_obs, None)).unwrap();
        for (k, &(n, mean)) in fks.iter().enumerate() {
            let mean = if n > 0 { mean } else { 0.0 };
            let moments = exact.moments(k);
            let sum = moments
                .conditional_variance
                .map(|variance| variance + mean * mean * moments.shrinkage_variance);
            prop_assert!(both_close(exact.alpha_variance(k, mean), sum));
            prop_assert!((0.0..=1.0).contains(&moments.shrinkage));
            if n > 0 {
                // Of B = V/s: E[V] = s E[B].
                let s = sigma2_obs / n as f64;
                prop_assert!(both_close(moments.conditional_variance, Some(s * moments.shrinkage)));
            }
            // By the mixture itself: the distribution function at quantiles.
            for p in [0.1, 0.7] {
                let q = exact.alpha_quantile(k, mean, p);
                prop_assert!((exact.alpha_cdf(k, mean, q) - p).abs() <= TOLERANCE);
            }
        }
    }

    #[test]
    fn relabelling_permutes_the_results(
        (fks, order) in fks().prop_flat_map(|fks| {
            let order: Vec<usize> = (0..fks.len()).collect();
            (Just(fks), Just(order).prop_shuffle())
        })
    ) {
        let shuffled: Vec<_> = order.iter().map(|&k| fks[k]).collect();
        let plain = results(&hierarchy(&fks, 7.0, None), &fks);
        let permuted = results(&hierarchy(&shuffled, 7.0, None), &shuffled);
        for (found, &k) in permuted.iter().zip(&order) {
            prop_assert!(same(found, &plain[k]), "{found:?} {:?}", plain[k]);
        }
    }

    #[test]
    fn the_unit_of_the_scores_does_not_matter(fks in fks(), log_c in -12.0..12.0_f64) {
        let c = log_c.exp();
        let scaled: Vec<_> = fks.iter().map(|&(n, mean)| (n, c * mean)).collect();
        let plain = results(&hierarchy(&fks, 7.0, None), &fks);
        let found = results(&hierarchy(&scaled, 7.0 * c * c, None), &scaled);
        for (found, plain) in found.iter().zip(&plain) {
            let expected =
                (c * plain.0, plain.1.map(|v| c * c * v), plain.2.map(|v| c * c * v));
            prop_assert!(same(found, &expected), "{found:?} {expected:?}");
        }
    }

    /// Powers of two, in steps that double precision has no rounding for, out to where squares of scores
    /// leave it: the very same digits.
    #[test]
    fn a_power_of_two_changes_no_digit(
        fks in fks(), exponent in -480..480_i32, member in 0..6_usize
    ) {
        let c = 2_f64.powi(exponent);
        let scaled: Vec<_> = fks.iter().map(|&(n, mean)| (n, c * mean)).collect();
        let (plain, found) = (scaled_member(&fks, 1.0, member), scaled_member(&scaled, c, member));
        let exact = [&plain, &found].map(|hierarchy| ExactPosterior::new(hierarchy).unwrap());
        let mean_of = |fk: &(u64, f64)| if fk.0 > 0 { fk.1 } else { 0.0 };
        let same = |x: Option<f64>, y: Option<f64>, by: f64| x.map(|x| x * by) == y;
        prop_assert!(same(exact[0].sigma2_fk().sd, exact[1].sigma2_fk().sd, c * c));
        for p in [0.05, 0.5] {
            let [x, y] = exact.each_ref().map(|one| Some(one.sigma2_fk_quantile(p)));
            prop_assert!(same(x, y, c * c), "{x:?} {y:?}");
        }
        for (k, (one, other)) in fks.iter().zip(&scaled).enumerate() {
            let (one, other) = (mean_of(one), mean_of(other));
            let variances = (exact[0].alpha_variance(k, one), exact[1].alpha_variance(k, other));
            prop_assert!(same(variances.0, variances.1, c * c), "{variances:?}");
            let means = (exact[0].alpha_mean(k, one), exact[1].alpha_mean(k, other));
            prop_assert!(same(Some(means.0), Some(means.1), c), "{means:?}");
            let quantiles = (
                exact[0].alpha_quantile(k, one, 0.95),
                exact[1].alpha_quantile(k, other, 0.95),
            );
            prop_assert!(same(Some(quantiles.0), Some(quantiles.1), c), "{quantiles:?}");
        }
    }

    /// Estimates go through logarithms in the scores' own unit: the same but for rounding.
    #[test]
    fn the_plugin_follows_any_unit(fks in fks(), exponent in -480..480_i32) {
        let c = 2_f64.powi(exponent);
        let scaled: Vec<_> = fks.iter().map(|&(n, mean)| (n, c * mean)).collect();
        let plain = empirical_bayes(&hierarchy(&fks, 7.0, None));
        let found = empirical_bayes(&hierarchy(&scaled, 7.0 * c * c, None));
        let near = |x: f64, y: f64| (x * c * c - y).abs() <= 1e-10 * y;
        prop_assert!(near(plain.sigma2_fk, found.sigma2_fk), "{plain:?} {found:?}");
        prop_assert!(near(plain.se, found.se) || plain.se == found.se, "{plain:?} {found:?}");
    }

    #[test]
    fn an_fk_without_scores_changes_no_other(fks in fks(), at in any::<prop::sample::Index>()) {
        let mut more = fks.clone();
        let at = at.index(fks.len() + 1);
        more.insert(at, (0, 0.0));
        let plain = results(&hierarchy(&fks, 7.0, None), &fks);
        let mut found = results(&hierarchy(&more, 7.0, None), &more);
        found.remove(at);
        for (found, plain) in found.iter().zip(&plain) {
            prop_assert!(same(found, plain), "{found:?} {plain:?}");
        }
    }

    /// FKs of one group, and the same FKs in groups of their own that differ by less than 1e-12.
    #[test]
    fn merging_groups_changes_nothing(
        means in prop::collection::vec(-20.0..20.0_f64, 2..6), n in 2_u64..50
    ) {
        let prior = Some(Hyperprior::inverse_gamma(1.5, 2.0).unwrap());
        let trillion = 1_000_000_000_000;
        let merged: Vec<_> = means.iter().map(|&mean| (n * trillion, mean)).collect();
        let apart: Vec<_> = merged
            .iter()
            .zip(0..)
            .map(|(&(n, mean), k)| (n + k, mean))
            .collect();
        let sigma2_obs = 30.0 * trillion as f64;
        let one = hierarchy(&merged, sigma2_obs, prior);
        let many = hierarchy(&apart, sigma2_obs, prior);
        prop_assert_eq!(one.evidence.groups().len(), 1);
        prop_assert_eq!(many.evidence.groups().len(), means.len());
        for (a, b) in results(&one, &merged).iter().zip(&results(&many, &apart)) {
            prop_assert!(same(a, b), "{a:?} {b:?}");
        }
    }
}
