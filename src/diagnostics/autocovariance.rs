//! Autocovariance of many chains, computed no further than it is asked for.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::moments::{dot, mean};

/// Lags taken one by one; from here on all at once by FFT, which costs about as much as these.
const DIRECT_LAGS: usize = 32;

/// The biased autocovariance (divisor: length of a chain) averaged over chains of equal length.
///
/// Geyer's sequence mostly ends after a few lags, for which plain sums are much faster than an FFT.
#[derive(Default)]
pub(super) struct Autocovariance {
    /// Each chain less its own mean, one after the other.
    centred: Vec<f64>,
    chain_len: usize,
    /// Filled by the first lag that is out of direct reach.
    all_lags: Vec<f64>,
    fft: Option<Fft>,
}

impl Autocovariance {
    /// Takes chains of `chain_len` values each, one after the other.
    pub(super) fn load(&mut self, chains: &[f64], chain_len: usize) {
        self.chain_len = chain_len.max(1);
        self.all_lags.clear();
        self.centred.clear();
        for chain in chains.chunks_exact(self.chain_len) {
            let mean = mean(chain);
            self.centred.extend(chain.iter().map(|x| x - mean));
        }
    }

    /// The autocovariance at `lag`; 0 beyond the end of the chains.
    pub(super) fn at(&mut self, lag: usize) -> f64 {
        if lag >= self.chain_len {
            return 0.0;
        }
        if lag < DIRECT_LAGS {
            let chains = self.centred.chunks_exact(self.chain_len);
            let sum: f64 = chains.map(|chain| dot(chain, &chain[lag..])).sum();
            return sum / self.centred.len() as f64;
        }
        if self.all_lags.is_empty() {
            self.transform();
        }
        self.all_lags
            .get(lag)
            .map_or(f64::NAN, |sum| sum / self.centred.len() as f64)
    }

    /// Wiener-Khinchin: adds up the chains' power spectra and goes back once.
    fn transform(&mut self) {
        let len = fft_len(2 * self.chain_len);
        let fft = match &mut self.fft {
            Some(fft) if fft.len == len => fft,
            slot => slot.insert(Fft::new(len)),
        };
        fft.power.fill(Complex::default());
        for chain in self.centred.chunks_exact(self.chain_len) {
            fft.add_power(chain);
        }
        fft.invert(&mut self.all_lags);
        self.all_lags.truncate(self.chain_len);
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
