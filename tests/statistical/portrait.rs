//! What pictures show, against closed forms, simulation, and the record of the same fit.

use crate::support::{FALSE_ALARM, inverse_gamma, normal, rng, scores, sum_sq};
use fkbayes::data::Data;
use fkbayes::draws::DrawsSource;
use fkbayes::fit::{Control, Fitter, Target, open_fit};
use fkbayes::model::{Model, SamplerSettings};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::portrait::{Effort, Portrait};
use std::sync::atomic::AtomicU64;
use tempfile::TempDir;

/// Probability that right figures fail one simulation test.
/// Simulated data sets per draw.
const REPLICATES: usize = 500;

/// Six FKs, (n_k, ȳ_k, SSW_k), one of them far out, one with a single score.
const SIX: [(u64, f64, f64); 6] = [
    (12, 0.8, 30.0),
    (25, -0.4, 61.0),
    (7, 0.1, 12.0),
    (40, 3.1, 95.0),
    (1, 1.2, 0.0),
    (18, 0.5, 50.0),
];

fn model(noise: &str, importance: &str, location: &str) -> Model {
    Model {
        hyperprior: Some("half-cauchy=1".parse().unwrap()),
        noise: noise.parse().unwrap(),
        importance: importance.parse().unwrap(),
        location: location.parse().unwrap(),
    }
}

/// A fit of 4 chains, and the directory from which its draws are read.
fn portrait(data: &Data, model: Model, draws: u32) -> (Portrait, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("draws.arrow");
    let fitter = Fitter {
        model,
        sampler: SamplerSettings {
            draws,
            seed: 5,
            ..SamplerSettings::default()
        },
        ..Fitter::default()
    };
    let target = Target::new(&path);
    fitter
        .fit_to_file(data, &target, Control::counting(&AtomicU64::new(0)))
        .unwrap();
    (
        Portrait::new(open_fit(&path).unwrap(), Effort::Moment),
        directory,
    )
}

/// All draws of a parameter, chains one after the other; none where it is no parameter.
fn draws(of: &Portrait, name: &str) -> Option<Vec<f64>> {
    let file = &of.opened().file;
    let column = file.columns().position(name)?;
    Some(
        file.block(column..column + 1)
            .unwrap()
            .iter()
            .copied()
            .collect(),
    )
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1e-300)
}

#[test]
fn rank_probabilities_are_those_of_the_record() {
    // Two keys whose scores never vary tie.
    let mut fks = SIX.to_vec();
    fks.extend([(9, 0.0, 0.0), (9, 0.0, 0.0)]);
    let (of, _directory) = portrait(&scores(&fks), model("pooled", "normal", "zero"), 500);
    let found = of.rank_probabilities().unwrap();
    assert_eq!(found.draws, 2000);
    for (row, fk) in found.p.rows().into_iter().zip(&found.fks) {
        let record = of.fit().ranking.iter().find(|rank| rank.fk == *fk).unwrap();
        let ranked = row.iter().zip(1..).map(|(p, rank)| p * f64::from(rank));
        assert!((row.sum() - 1.0).abs() < 1e-9, "{fk}");
        assert!((row[0] - record.p_best).abs() < 1e-9, "{fk}");
        assert!(
            (ranked.sum::<f64>() - record.expected_rank.unwrap()).abs() < 1e-9,
            "{fk}"
        );
    }
    assert!(
        found
            .p
            .columns()
            .into_iter()
            .all(|rank| (rank.sum() - 1.0).abs() < 1e-9)
    );
}

#[test]
fn curves_follow_the_closed_form_and_their_density_is_one() {
    // Far apart in the noise's units, and close together: a logarithmic axis and a linear one.
    for (scale, logarithmic) in [(1000.0, true), (0.5, false)] {
        let fks = SIX.map(|(n, mean, sum_sq)| (n, scale * mean, sum_sq));
        let (of, _directory) = portrait(&scores(&fks), model("known=2", "normal", "zero"), 500);
        let curves = of.conditional_curves().unwrap();
        assert_eq!(curves.logarithmic, logarithmic);
        for curve in &curves.fks {
            let place: usize = of
                .fit()
                .fitted
                .data
                .fks
                .iter()
                .position(|fk| fk.fk == curve.fk)
                .unwrap();
            let (n, mean, _) = fks[place];
            for ((sigma, found), sd) in curves.sigma.iter().zip(&curve.mean).zip(&curve.sd) {
                let (t, s) = (sigma * sigma, 2.0 / n as f64);
                assert!(close(*found, mean * t / (t + s), 1e-12));
                assert!(close(*sd, (s * t / (t + s)).sqrt(), 1e-12));
            }
        }
        let at = |sigma: f64| if logarithmic { sigma.ln() } else { sigma };
        let cells = curves.sigma.windows(2).zip(curves.density.windows(2));
        let area = cells
            .filter(|(x, _)| x[0] > 0.0)
            .map(|(x, p)| 0.5 * (p[0] + p[1]) * (at(x[1]) - at(x[0])));
        // 0.5 % is left out at the upper end; what is left is the trapezoidal rule.
        let area: f64 = area.sum();
        assert!((0.985..1.001).contains(&area), "{area}");
    }
}

#[test]
fn densities_of_prior_posterior_and_draws_are_those_of_one_parameter() {
    let (of, _directory) = portrait(&scores(&SIX), model("known=2", "normal", "zero"), 2500);
    let found = of.prior_and_posterior().unwrap();
    assert_eq!(found.len(), 2, "sigma2_fk and lambda");
    for one in &found {
        let step = (one.x[1] / one.x[0]).ln();
        let exact: f64 = one.exact.as_ref().unwrap().iter().sum::<f64>() * step;
        assert!((exact - 1.0).abs() < 2e-3, "{}: {exact}", one.name);
        let bin = (one.histogram.edges[1] / one.histogram.edges[0]).ln();
        let drawn: f64 = one.histogram.density.iter().sum::<f64>() * bin;
        assert!((drawn - 0.998).abs() < 1e-3, "{}: {drawn}", one.name);
        // Half-Cauchy(1) on σ: log t has the density 1/π · σ/(1 + σ²), and λ = 2/t.
        for (x, prior) in one.x.iter().zip(one.prior.as_ref().unwrap()) {
            let sigma = if one.name == "lambda" {
                (2.0 / x).sqrt()
            } else {
                x.sqrt()
            };
            let expected = sigma / (1.0 + sigma * sigma) / std::f64::consts::PI;
            assert!(close(*prior, expected, 1e-9), "{}", one.name);
        }
        let mean_of = |x: &[f64], p: &[f64]| {
            let terms = x.iter().zip(p).map(|(x, p)| x.ln() * p);
            terms.sum::<f64>() / p.iter().sum::<f64>()
        };
        let middles: Vec<f64> = one
            .histogram
            .edges
            .windows(2)
            .map(|e| (e[0] * e[1]).sqrt())
            .collect();
        let (by_draws, by_exact) = (
            mean_of(&middles, &one.histogram.density),
            mean_of(&one.x, one.exact.as_ref().unwrap()),
        );
        // Ten thousand draws of a logarithm with an sd near 1.
        assert!(
            (by_draws - by_exact).abs() < 0.06,
            "{}: {by_draws} {by_exact}",
            one.name
        );
    }
}

#[test]
fn chains_are_counted_whole() {
    let (of, _directory) = portrait(&scores(&SIX), model("pooled", "normal", "zero"), 500);
    let chains = of.chains().unwrap();
    assert_eq!(chains.ranks.len(), 4);
    assert!(
        chains
            .ranks
            .iter()
            .all(|bins| bins.iter().sum::<usize>() == 500)
    );
    let bins = (0..20).map(|bin| chains.ranks.iter().map(|chain| chain[bin]).sum::<usize>());
    assert!(
        bins.into_iter().all(|count| count == 100),
        "ranks fill bins evenly"
    );
    let hyperparameters = of.fit().parameters.hyperparameters();
    let (last, record) = (chains.ess.last().unwrap(), &hyperparameters[0]);
    assert_eq!(
        (last.draws, last.bulk, last.tail),
        (2000, record.ess_bulk, record.ess_tail)
    );
}

/// The largest mean, and spreads, against as many simulated ones: three models, 8 and 3 × 5 comparisons
/// each, together at a false-alarm rate of 2e-7 per model.
#[test]
fn predictive_distributions_are_those_of_simulated_data() {
    // So few draws that no picture leaves any out.
    for (noise, importance, location) in [
        ("sampled", "normal", "zero"),
        ("known=2", "student-t=3", "flat"),
        ("sampled", "normal", "flat"),
    ] {
        let data = scores(&SIX);
        let (of, _directory) = portrait(&data, model(noise, importance, location), 100);
        let nu = importance
            .strip_prefix("student-t=")
            .map(|nu| nu.parse::<f64>().unwrap());
        check_largest_mean(&of, nu);
        check_spreads(&of);
    }
}

fn check_largest_mean(of: &Portrait, nu: Option<f64>) {
    let found = of.predictive().unwrap().largest.unwrap();
    let center = of.opened().file.hierarchy().evidence.center();
    let t = draws(of, "sigma2_fk").unwrap();
    let noise = draws(of, "sigma2_obs").unwrap_or_else(|| vec![2.0; t.len()]);
    let location = draws(of, "location").unwrap_or_else(|| vec![center; t.len()]);
    let mut rng = rng(11);
    let mut largest = Vec::with_capacity(t.len() * REPLICATES);
    for i in 0..t.len() {
        for _ in 0..REPLICATES {
            let means = SIX.map(|(n, _, _)| {
                let scale = nu.map_or(1.0, |nu| inverse_gamma(0.5 * nu, 0.5 * nu, &mut rng));
                let alpha = location[i] + (t[i] * scale).sqrt() * normal(&mut rng);
                alpha + (noise[i] / n as f64).sqrt() * normal(&mut rng) - center
            });
            largest.push(means.iter().fold(0.0, |top: f64, mean| top.max(mean.abs())));
        }
    }
    let bound = two_sided_normal_bound(FALSE_ALARM, 8);
    for i in (5..found.x.len()).step_by(10) {
        let (x, p) = (found.x[i], found.cdf[i]);
        assert_share(&largest, x, p, bound);
    }
    let at = largest.iter().filter(|m| **m >= found.observed).count();
    assert!((at as f64 / largest.len() as f64 - found.p).abs() < 0.01);
}

/// The share of values up to `x` must be `p`.
fn assert_share(values: &[f64], x: f64, p: f64, bound: f64) {
    let share = values.iter().filter(|value| **value <= x).count() as f64 / values.len() as f64;
    let error = (p * (1.0 - p) / values.len() as f64).sqrt().max(1e-6);
    let z = (share - p) / error;
    assert!(
        z.abs() < bound,
        "{share} of the simulated, {p} expected: z = {z}"
    );
}

fn check_spreads(of: &Portrait) {
    let found = of.predictive().unwrap().spreads;
    assert_eq!(found.len(), 5, "one score has no spread");
    let mut rng = rng(12);
    let bound = two_sided_normal_bound(FALSE_ALARM, 3 * found.len());
    for row in &found {
        let place = of
            .fit()
            .fitted
            .data
            .fks
            .iter()
            .position(|fk| fk.fk == row.fk)
            .unwrap();
        let (n, _, observed) = SIX[place];
        assert!(close(
            row.observed,
            (observed / (n - 1) as f64).sqrt(),
            1e-12
        ));
        // A hundred draws, evenly spaced, are what the figures rest on.
        let noise = draws(of, "sigma2_obs")
            .map_or(vec![2.0], |noise| noise.into_iter().step_by(4).collect());
        let each = 40 * REPLICATES / noise.len();
        let spreads: Vec<f64> = noise
            .iter()
            .flat_map(|&noise| vec![noise; each])
            .map(|noise| (sum_sq(n, noise, &mut rng) / (n - 1) as f64).sqrt())
            .collect();
        for (x, p) in row.expected.into_iter().zip([0.05, 0.5, 0.95]) {
            assert_share(&spreads, x, p, bound);
        }
    }
}
