//! The second-order correction in log σ²_FK against the exact posterior, on simulated data.

use crate::support::{FALSE_ALARM, hierarchy, means_at_one, rng, scores};
use fkbayes::model::Noise;
use fkbayes::numeric::{median, two_sided_normal_bound};
use fkbayes::posterior::ExactPosterior;
use fkbayes::variance::corrected_variances;

const REPLICATIONS: usize = 400;
/// Replications per batch, from whose medians the simulation error is taken.
const BATCH: usize = 20;

/// Relative errors of the correction over data sets drawn at σ²_FK = 1: one list per data set.
fn relative_errors(k: usize, lambda_over_n: f64, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = rng(seed);
    let mut errors = Vec::with_capacity(REPLICATIONS);
    for _ in 0..REPLICATIONS {
        let means = means_at_one(k, lambda_over_n, &mut rng);
        let fks: Vec<_> = means.iter().map(|&mean| (10, mean, 0.0)).collect();
        let noise = Noise::known(10.0 * lambda_over_n).unwrap();
        let hierarchy = hierarchy(&scores(&fks), noise, None);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let corrected = corrected_variances(&hierarchy, &means);
        let error = |(k, (corrected, &mean)): (usize, (&Option<f64>, &f64))| {
            let corrected = corrected.unwrap();
            assert!(corrected >= 0.0, "a variance of {corrected}");
            (corrected / exact.alpha_variance(k, mean).unwrap() - 1.0).abs()
        };
        errors.push(
            corrected
                .iter()
                .zip(&means)
                .enumerate()
                .map(error)
                .collect(),
        );
    }
    errors
}

/// Median and its simulation error: the standard error of the mean of the batches' medians.
fn median_and_error(errors: &[Vec<f64>]) -> (f64, f64) {
    let medians: Vec<f64> = errors
        .chunks(BATCH)
        .map(|batch| median(&batch.concat()).unwrap())
        .collect();
    let count = medians.len() as f64;
    let mean = medians.iter().sum::<f64>() / count;
    let variance = medians.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (median(&errors.concat()).unwrap(), (variance / count).sqrt())
}

/// The table of docs/theory.md, column "in log t": two decimals.
#[test]
fn medians_are_those_of_the_table() {
    for (k, lambda_over_n, table, seed) in [
        (3, 0.5, 0.04, 61),
        (20, 0.5, 0.00, 62),
        (3, 3.0, 0.04, 63),
        (20, 3.0, 0.01, 64),
    ] {
        let (median, error) = median_and_error(&relative_errors(k, lambda_over_n, seed));
        println!("K = {k}, λ/n = {lambda_over_n}: {median:.4} ± {error:.4}, table {table}");
        // The table is rounded to 0.01.
        assert!((median - table).abs() <= 0.005 + two_sided_normal_bound(FALSE_ALARM, 4) * error);
    }
}
