//! Diagnostics of chains for which ArviZ has said what they are.

use super::record::CheckRecord;
use crate::diagnostics::{ess_bulk, ess_tail, mcse_mean, mcse_sd, r_hat};
use ndarray::Array2;

/// Largest relative error: what is left of sums in another order.
const ROUNDING: f64 = 1e-9;
const CHAINS: usize = 4;
const DRAWS: usize = 500;

/// Name, distance between neighbouring chains, and R-hat, bulk and tail ESS, and the errors of mean and
/// standard deviation of [`chains`] by ArviZ 0.23.4 (tests/golden/selftest.py).
const KNOWN: [(&str, f64, [f64; 5]); 2] = [
    (
        "chains that agree",
        0.0,
        [
            1.0642738098705877,
            318.73882340667114,
            290.0595724573712,
            0.13764655078121105,
            0.1471950398371844,
        ],
    ),
    (
        "chains that stand apart",
        1.0,
        [
            1.0939981599801443,
            219.03410951170346,
            204.84311784838653,
            0.19183800469071388,
            0.1556168628959879,
        ],
    ),
];

/// Chains without random numbers: x ← 0.6 x + log(u/(1 - u)), nearly, u stepping evenly through (0, 1).
fn chains(apart: f64) -> Array2<f64> {
    let mut chains = Array2::zeros((CHAINS, DRAWS));
    for (c, mut chain) in chains.rows_mut().into_iter().enumerate() {
        let c = c as f64;
        let mut x = 0.0;
        let mut u = 0.5 * (c + 1.0) * 0.618_033_988_749_894_9;
        for draw in &mut chain {
            u = (u + 0.754_877_666_246_692_7 * (1.0 + 0.1 * c)) % 1.0;
            x = 0.6 * x + f64::ln((u + 0.001) / (1.001 - u));
            *draw = x + apart * c;
        }
    }
    chains
}

pub(super) fn check() -> CheckRecord {
    let mut worst = (0.0, String::new());
    let mut compared = 0;
    for (name, apart, known) in KNOWN {
        let chains = chains(apart);
        let draws = chains.view();
        let found = [
            ("R-hat", r_hat(draws)),
            ("bulk ESS", ess_bulk(draws)),
            ("tail ESS", ess_tail(draws)),
            ("error of the mean", mcse_mean(draws)),
            ("error of the standard deviation", mcse_sd(draws)),
        ];
        for ((what, found), known) in found.into_iter().zip(known) {
            let error = found.map_or(f64::INFINITY, |found| (found / known - 1.0).abs());
            compared += 1;
            if error > worst.0 {
                worst = (error, format!("{what} of {name}"));
            }
        }
    }
    CheckRecord {
        check: "diagnostics",
        what: "R-hat, ESS and errors with ArviZ",
        runs: KNOWN.len(),
        compared,
        statistic: "max_relative_error",
        worst: Some(worst.0).filter(|error| error.is_finite()),
        bound: ROUNDING,
        worst_at: worst.1,
        ok: worst.0 <= ROUNDING,
    }
}
