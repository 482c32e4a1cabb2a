//! The core routine: effective sample size of chains as they come.

use super::autocovariance::Autocovariance;
use super::moments::{constant, mean_and_sum_sq};

/// An effective sample size, and whether it was cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ess {
    /// Number of independent draws worth as much.
    pub(super) draws: f64,
    /// Whether this is the cap S log10 S rather than an estimate.
    pub(super) capped: bool,
}

/// ESS = S / τ of chains of `chain_len` values, one after the other (section 3.2 of the paper).
pub(super) fn ess(chains: &[f64], chain_len: usize, work: &mut Buffers) -> Option<Ess> {
    if chain_len < 2 || constant(chains) {
        return None;
    }
    work.autocovariance.load(chains, chain_len);
    work.autocorrelation(chain_len);
    let size = chains.len() as f64;
    let (tau, least) = (autocorrelation_time(&mut work.rho), 1.0 / size.log10());
    (tau.is_finite() && size > 1.0).then(|| Ess {
        draws: size / tau.max(least),
        capped: tau <= least,
    })
}

/// What [`ess`] works in.
#[derive(Default)]
pub(super) struct Buffers {
    autocovariance: Autocovariance,
    rho: Vec<f64>,
}

impl Buffers {
    /// ρ_t in pairs (even, odd) as long as their sum is positive (Geyer's initial positive
    /// sequence); the last pair is the one that ended it.
    fn autocorrelation(&mut self, chain_len: usize) {
        let n = chain_len as f64;
        let within = self.autocovariance.at(0) * n / (n - 1.0);
        let var_plus = within * (n - 1.0) / n + between(self.autocovariance.means());
        let mut rho_at = |lag| 1.0 - (within - self.autocovariance.at(lag)) / var_plus;

        self.rho.clear();
        let mut pair = (1.0, rho_at(1));
        self.rho.extend([pair.0, pair.1]);
        let mut lag = 2;
        while lag + 2 < chain_len && pair.0 + pair.1 > 0.0 {
            pair = (rho_at(lag), rho_at(lag + 1));
            self.rho.extend([pair.0, pair.1]);
            lag += 2;
        }
    }
}

/// Between-chain variance B/n; 0 for a single chain.
fn between(means: &[f64]) -> f64 {
    match means.len() {
        0 | 1 => 0.0,
        count => mean_and_sum_sq(means).1 / (count - 1) as f64,
    }
}

/// τ = -1 + 2 Σ ρ_t over all pairs but the last, made monotone (Geyer's initial monotone
/// sequence), plus the even half of the last pair where that improves the estimate.
fn autocorrelation_time(rho: &mut [f64]) -> f64 {
    let Some(last) = rho.len().checked_sub(2) else {
        return f64::NAN;
    };
    let (even, odd) = (rho[last], rho[last + 1]);
    let improvement = if even > 0.0 || even + odd >= 0.0 {
        even
    } else {
        0.0
    };
    for t in (2..last).step_by(2) {
        let before = rho[t - 2] + rho[t - 1];
        if rho[t] + rho[t + 1] > before {
            rho[t] = before / 2.0;
            rho[t + 1] = before / 2.0;
        }
    }
    -1.0 + 2.0 * rho[..last].iter().sum::<f64>() + improvement
}
