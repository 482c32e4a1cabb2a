//! Autocovariance of many chains, computed no further than it is asked for.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::indicator::Indicators;
use super::moments::{dot, mean};

/// Lags taken one by one; from here on many at once by FFT, which costs about as much as these.
const DIRECT_LAGS: usize = 16;
/// The same for chains of 0 and 1, which are much faster to multiply.
const INDICATOR_LAGS: usize = 96;
/// How far an FFT reaches beyond the lag that called for it: zeros after a chain cost time, and few
/// sequences go on for long.
const REACH: usize = 8;

/// The biased autocovariance (divisor: length of a chain) averaged over chains of equal length.
///
/// Geyer's sequence mostly ends after a few lags, for which plain sums are much faster than an FFT.
#[derive(Default)]
pub(super) struct Autocovariance {
    /// Each chain less its own mean (if `is_centred` yet), one after the other.
    centred: Vec<f64>,
    is_centred: bool,
    chain_len: usize,
    means: Vec<f64>,
    indicators: Indicators,
    is_indicator: bool,
    /// Sums at lags from 0, as far as an FFT has reached; filled by the first lag out of direct
    /// reach.
    sums: Vec<f64>,
    /// One per length met so far.
    plans: Vec<Fft>,
}

impl Autocovariance {
    /// Takes chains of `chain_len` values each, one after the other.
    pub(super) fn load(&mut self, chains: &[f64], chain_len: usize) {
        self.chain_len = chain_len.max(1);
        self.sums.clear();
        self.means.clear();
        self.centred.clear();
        self.is_indicator = self.indicators.load(chains, self.chain_len);
        self.is_centred = !self.is_indicator;
        if self.is_indicator {
            self.means.extend(self.indicators.means());
            self.centred.extend_from_slice(chains);
            return;
        }
        for chain in chains.chunks_exact(self.chain_len) {
            let mean = mean(chain);
            self.means.push(mean);
            self.centred.extend(chain.iter().map(|x| x - mean));
        }
    }

    fn centre(&mut self) {
        if !self.is_centred {
            let chains = self.centred.chunks_exact_mut(self.chain_len);
            for (chain, mean) in chains.zip(&self.means) {
                chain.iter_mut().for_each(|x| *x -= mean);
            }
            self.is_centred = true;
        }
    }

    /// Mean of each chain.
    pub(super) fn means(&self) -> &[f64] {
        &self.means
    }

    /// The autocovariance at `lag`; 0 beyond the end of the chains.
    pub(super) fn at(&mut self, lag: usize) -> f64 {
        self.sum_at(lag) / self.centred.len() as f64
    }

    fn sum_at(&mut self, lag: usize) -> f64 {
        if lag >= self.chain_len {
            return 0.0;
        }
        if self.is_indicator && lag < INDICATOR_LAGS {
            return self.indicators.sum_at(lag);
        }
        if lag < DIRECT_LAGS {
            let chains = self.centred.chunks_exact(self.chain_len);
            return chains.map(|chain| dot(chain, &chain[lag..])).sum();
        }
        if lag >= self.sums.len() {
            self.transform(lag);
        }
        self.sums.get(lag).copied().unwrap_or(f64::NAN)
    }

    /// Wiener-Khinchin: adds up the chains' power spectra and goes back once. Padded to a length of
    /// L, chains of n values give the lags up to L - n.
    fn transform(&mut self, lag: usize) {
        self.centre();
        let n = self.chain_len;
        let len = fft_len(n + n.min(REACH * lag));
        let known = self.plans.iter().position(|fft| fft.len == len);
        let at = known.unwrap_or_else(|| {
            self.plans.push(Fft::new(len));
            self.plans.len() - 1
        });
        let Some(fft) = self.plans.get_mut(at) else {
            return;
        };
        fft.power.fill(Complex::default());
        for chain in self.centred.chunks_exact(n) {
            fft.add_power(chain);
        }
        fft.invert(&mut self.sums);
        self.sums.truncate(n.min(len - n + 1));
    }
}

/// Plan and buffers for one length.
struct Fft {
    len: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    real: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    power: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Fft {
    fn new(len: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(len), planner.plan_fft_inverse(len));
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        Self {
            len,
            real: forward.make_input_vec(),
            spectrum: forward.make_output_vec(),
            power: forward.make_output_vec(),
            scratch: vec![Complex::default(); scratch],
            forward,
            inverse,
        }
    }

    /// Adds the power spectrum of one chain, padded with zeros.
    fn add_power(&mut self, chain: &[f64]) {
        self.real.fill(0.0);
        self.real[..chain.len()].copy_from_slice(chain);
        let done = self.forward.process_with_scratch(
            &mut self.real,
            &mut self.spectrum,
            &mut self.scratch,
        );
        // Lengths come from the plan itself, so this cannot fail; if it did the result must show it.
        let unit = if done.is_ok() { 1.0 } else { f64::NAN };
        for (power, s) in self.power.iter_mut().zip(&self.spectrum) {
            power.re += s.norm_sqr() * unit;
        }
    }

    /// Sums of products at every lag, from the power spectrum.
    fn invert(&mut self, out: &mut Vec<f64>) {
        let done =
            self.inverse
                .process_with_scratch(&mut self.power, &mut self.real, &mut self.scratch);
        let unit = if done.is_ok() {
            1.0 / self.len as f64
        } else {
            f64::NAN
        };
        out.clear();
        out.extend(self.real.iter().map(|x| x * unit));
    }
}

/// The smallest length 2^k · {1, 3, 5} that is no shorter than `at_least`.
fn fft_len(at_least: usize) -> usize {
    let fit = |odd: usize| odd * at_least.div_ceil(odd).next_power_of_two();
    fit(1).min(fit(3)).min(fit(5))
}
