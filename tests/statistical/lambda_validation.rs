//! Held-out scores: predicted as promised where the model is right, not where it is wrong.

use crate::lambda_checks::data_of;
use crate::support::{Check, inverse_gamma, normal, rng};
use fkbayes::fit::{Fitter, Lambda};
use fkbayes::lambda::{ValidationRow, validate};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Model, Noise};
use fkbayes::posterior::{ExactPosterior, empirical_bayes};
use rand::RngExt;
use rand_distr::ChiSquared;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::atomic::AtomicU64;

/// FKs of a data set, and their scores.
const K: usize = 6;
const N: usize = 20;

/// A model all of whose parameters can be drawn.
fn model(noise: Noise, importance: Importance) -> Model {
    Model {
        hyperprior: Some(Hyperprior::inverse_gamma(3.0, 2.0).unwrap()),
        noise,
        importance,
        ..Model::default()
    }
}

/// Scores drawn from a model, hyperparameters included.
fn draw(model: &Model, rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<f64>> {
    let t = inverse_gamma(3.0, 2.0, rng);
    let sigma2_obs = match model.noise {
        Noise::Known(variance) => variance,
        Noise::Sampled { c0, d0 } => inverse_gamma(c0, d0, rng),
        _ => panic!("no law to draw from"),
    };
    let alpha = |rng: &mut Xoshiro256PlusPlus| {
        let scale = match model.importance {
            Importance::StudentT { nu } => nu / rng.sample(ChiSquared::new(nu).unwrap()),
            _ => 1.0,
        };
        (t * scale).sqrt() * normal(rng)
    };
    let fks = (0..K).map(|_| {
        let alpha = alpha(rng);
        let score = |_| alpha + sigma2_obs.sqrt() * normal(rng);
        (0..N).map(score).collect()
    });
    fks.collect()
}

fn rows(model: &Model, fks: &[Vec<f64>], seed: u64) -> Vec<ValidationRow> {
    let (data, scores) = data_of(fks);
    let hierarchy = Hierarchy::resolve(model, &data).unwrap();
    let found = validate((model, &data), &hierarchy, &scores, (seed, 1)).unwrap();
    assert_eq!(found.unavailable, None);
    found.rows
}

/// Over data drawn from the model, hyperparameters included, the relative error is 1 and the coverage
/// 0.9 in expectation, and reductions are observed as they are predicted: each in standard errors over
/// independent data sets, refused with probability 2e-7 for each member where all is right.
#[test]
fn predictions_hold_where_the_model_is_right() {
    let known = Noise::known(4.0).unwrap();
    let sampled = Noise::sampled(4.0, 12.0).unwrap();
    let student = Importance::student_t(5.0).unwrap();
    for (name, model, data_sets) in [
        ("known", model(known, Importance::Normal), 60),
        ("sampled, by chains", model(sampled, Importance::Normal), 40),
        ("student-t, by chains", model(known, student), 20),
    ] {
        let mut rng = rng(23);
        let mut found: Vec<Vec<ValidationRow>> = vec![Vec::new(); 2];
        for seed in 0..data_sets {
            let fks = draw(&model, &mut rng);
            for (of_n, row) in found.iter_mut().zip(rows(&model, &fks, seed)) {
                of_n.push(row);
            }
        }
        let mut check = Check::default();
        for of_n in &found {
            let n = of_n[0].n;
            let all = |of: fn(&ValidationRow) -> f64| of_n.iter().map(of).collect::<Vec<f64>>();
            check.independent(
                &format!("{name}, n = {n}: error"),
                &all(|r| r.relative_error.unwrap()),
                1.0,
            );
            // A Student-t given σ²_FK is taken for normal in its intervals.
            if model.importance == Importance::Normal {
                check.independent(
                    &format!("{name}, n = {n}: coverage"),
                    &all(|r| r.coverage),
                    0.9,
                );
            }
            let excess = all(|r| r.observed_error - r.predicted_error);
            check.independent(&format!("{name}, n = {n}: squared error"), &excess, 0.0);
        }
        check.assert_passed();
    }
}

/// Equal scores leave nothing to chance: whatever is drawn, the training part has the same means. With
/// noise known all the same, every figure follows from the exact posterior given n scores: μ, and W with
/// the variance of μ in it, 3 % and 7 % of W here.
#[test]
fn figures_are_those_of_the_exact_posterior() {
    let means = [3.0, -0.5, 0.2];
    let fks = means.map(|mean| vec![mean; N]);
    let model = model(Noise::known(20.0).unwrap(), Importance::Normal);
    let all = Hierarchy::resolve(&model, &data_of(&fks).0).unwrap();
    let t = empirical_bayes(&all).sigma2_fk;
    for row in rows(&model, &fks, 1) {
        let hierarchy =
            Hierarchy::resolve(&model, &data_of(&means.map(|m| vec![m; row.n])).0).unwrap();
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let sum =
            |of: &dyn Fn(usize, f64) -> f64| (0..3).map(|k| of(k, means[k])).sum::<f64>() / 3.0;
        let variance = |k, mean| exact.alpha_variance(k, mean).unwrap();
        let expected = sum(&variance);
        let square = sum(&|k, mean| variance(k, mean) + exact.alpha_mean(k, mean).powi(2));
        let error = sum(&|k, mean| (mean - exact.alpha_mean(k, mean)).powi(2));
        let spread = sum(&|k, mean| exact.variance_of_mean(k, mean));
        let near = |found: f64, expected: f64| {
            // What 200 equally probable values of σ²_FK leave.
            assert!(
                (found / expected - 1.0).abs() < 1e-3,
                "{found} for {expected}"
            );
        };
        println!(
            "n = {}: variance of the means {:.2} of W",
            row.n,
            spread / expected
        );
        near(row.predicted_error, expected);
        near(row.observed_error, error);
        near(1.0 - row.predicted_reduction.unwrap(), expected / square);
        near(
            1.0 - row.observed_reduction.unwrap(),
            error / sum(&|_, mean| mean * mean),
        );
        near(row.formula, t / (t + 20.0 / row.n as f64));
    }
}

/// All that `fkbayes lambda` says of these scores.
fn answer(fks: &[Vec<f64>], noise: Noise) -> Lambda {
    let (data, scores) = data_of(fks);
    let fitter = Fitter {
        model: model(noise, Importance::Normal),
        ..Fitter::default()
    };
    fitter.lambda(&data, &scores, &AtomicU64::new(0)).unwrap()
}

/// Ten FKs of a hundred scores, σ²_FK = 0.5 and noise of variance `sigma2_obs[k]`.
fn strong(sigma2_obs: [f64; 10], seed: u64) -> Vec<Vec<f64>> {
    let mut rng = rng(seed);
    let fk = |variance: f64| {
        let alpha = 0.5_f64.sqrt() * normal(&mut rng);
        let score = |_| alpha + variance.sqrt() * normal(&mut rng);
        (0..100).map(score).collect()
    };
    sigma2_obs.map(fk).to_vec()
}

#[test]
fn nothing_is_said_against_sound_scores() {
    let found = answer(&strong([4.0; 10], 1), Noise::Pooled);
    assert!(found.validation.iter().all(ValidationRow::holds));
    assert!(found.checks.iter().all(|check| !check.significant()));
    assert!(
        found
            .verdict
            .unwrap()
            .starts_with("held-out scores are predicted as promised")
    );
}

/// Noise said to be a sixth of what it is: held-out means lie farther off than promised.
#[test]
fn wrong_noise_is_seen_in_held_out_scores() {
    let found = answer(&strong([6.0; 10], 2), Noise::known(1.0).unwrap());
    let first = &found.validation[0];
    assert!(
        first.relative_error.unwrap() > 2.5 && first.coverage < 0.75,
        "{first:?}"
    );
    assert!(!first.holds());
    assert!(found.verdict.unwrap().contains("NOT as promised"));
}

/// One FK ten times as noisy as the rest, noise pooled by force: its own check sees it, and so does the
/// verdict; the intervals of the others are too wide.
#[test]
fn noise_that_differs_is_seen() {
    let mut noise = [1.0; 10];
    noise[7] = 100.0;
    let found = answer(&strong(noise, 3), Noise::Pooled);
    let check = &found.checks[0];
    assert!(check.p_value < 1e-9 && check.worst.fk == "f7");
    assert!(check.log_bayes_factor.unwrap() > 100.0);
    assert!(found.verdict.unwrap().starts_with("noise differs"));
}

/// Order is nothing to a random split: autocorrelated and drifting scores are predicted as if nothing
/// were wrong. The checks see what the splits cannot, and the verdict follows them.
#[test]
fn what_random_splits_cannot_see_the_checks_do() {
    let mut correlated = strong([4.0; 10], 4);
    for scores in &mut correlated {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        for i in 1..scores.len() {
            scores[i] = mean + 0.6 * (scores[i - 1] - mean) + 0.8 * (scores[i] - mean);
        }
    }
    let mut drifting = strong([4.0; 10], 5);
    for scores in &mut drifting {
        scores
            .iter_mut()
            .zip(0..)
            .for_each(|(y, i)| *y += 0.04 * f64::from(i));
    }
    for (fks, name) in [(correlated, "autocorrelation"), (drifting, "drift")] {
        let found = answer(&fks, Noise::Pooled);
        assert!(found.validation.iter().all(ValidationRow::holds));
        let check = found
            .checks
            .iter()
            .find(|check| check.check == name)
            .unwrap();
        assert!(check.p_value < 1e-9, "{check:?}");
        let verdict = found.verdict.unwrap();
        assert!(verdict.starts_with("no: scores"), "{verdict}");
    }
}

/// What one positively correlated score is worth, as against (1 - r)/(1 + r) at r = 0.6.
#[test]
fn the_price_of_autocorrelation_is_told() {
    let mut fks = strong([4.0; 10], 6);
    let scores = &mut fks[2];
    for i in 1..scores.len() {
        scores[i] = 0.6 * scores[i - 1] + 0.8 * scores[i];
    }
    let found = answer(&fks, Noise::Pooled);
    let check = found
        .checks
        .iter()
        .find(|c| c.check == "autocorrelation")
        .unwrap();
    assert_eq!(check.worst.fk, "f2");
    let r = check.worst.statistic;
    assert!((check.worth.unwrap() - (1.0 - r) / (1.0 + r)).abs() < 1e-12);
    // Three standard errors of r are 0.24.
    assert!((r - 0.6).abs() < 0.24, "{r}");
}

/// Where so few scores are drawn that some training part has no noise to estimate, that row is left out,
/// and those after it stand.
#[test]
fn a_row_that_cannot_be_learnt_is_left_out() {
    let fks: Vec<Vec<f64>> = [1.0, 2.0, 3.0]
        .map(|level| {
            (0..160)
                .map(|i| level + f64::from(u8::from(i % 16 == 7)))
                .collect()
        })
        .to_vec();
    let (data, scores) = data_of(&fks);
    let model = model(Noise::Pooled, Importance::Normal);
    let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
    let found = validate((&model, &data), &hierarchy, &scores, (1, 1)).unwrap();
    let learnt: Vec<usize> = found.rows.iter().map(|row| row.n).collect();
    assert_eq!(learnt, [50], "{:?}", found.unavailable);
    assert_eq!(found.unavailable, None);
}

/// The same seed gives the same figures whatever the number of threads.
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (data, scores) = data_of(&strong([4.0; 10], 7));
    let model = model(Noise::per_fk(1.0).unwrap(), Importance::Normal);
    let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
    let with = |threads| validate((&model, &data), &hierarchy, &scores, (9, threads)).unwrap();
    assert_eq!(with(1), with(3));
}
