//! A distribution function in tabulated form, and its inverse.

/// A smooth distribution function on a grid: values and two derivatives at the knots, a quintic
/// between.
///
/// With the hundred or more knots of a [`Rule`](super::Rule) the error is below 1e-8 in probability.
#[derive(Debug, Clone)]
pub struct CdfTable {
    x: Vec<f64>,
    cdf: Vec<f64>,
    density: Vec<f64>,
    /// Derivative of the density.
    slope: Vec<f64>,
}

/// Weights of the six-point rule for the integral over the middle one of five cells.
const SIX_POINT: [f64; 6] = [11.0, -93.0, 802.0, 802.0, -93.0, 11.0];

impl CdfTable {
    /// From the density at `x`, where `step` is the derivative of x to the grid's own, even
    /// coordinate times that coordinate's step.
    #[must_use]
    pub fn from_density(x: Vec<f64>, density: Vec<f64>, step: &[f64]) -> Self {
        let cells: Vec<f64> = density.iter().zip(step).map(|(f, h)| f * h).collect();
        let at = |i: usize, offset: usize| {
            (i + offset)
                .checked_sub(2)
                .and_then(|j| cells.get(j))
                .copied()
                .unwrap_or(0.0)
        };
        let mut cdf = Vec::with_capacity(x.len());
        let mut sum = 0.0;
        for i in 0..x.len() {
            cdf.push(sum);
            let cell: f64 = SIX_POINT
                .iter()
                .enumerate()
                .map(|(j, w)| w * at(i, j))
                .sum();
            sum += (cell / 1440.0).max(0.0);
        }
        let total = cdf
            .last()
            .copied()
            .filter(|&total| total > 0.0)
            .unwrap_or(1.0);
        let density: Vec<f64> = density.into_iter().map(|f| f / total).collect();
        Self {
            cdf: cdf.into_iter().map(|p| p / total).collect(),
            slope: slopes(&density, step),
            density,
            x,
        }
    }

    /// F(x).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        match self.x.partition_point(|&knot| knot <= x) {
            0 => 0.0,
            i if i == self.x.len() => 1.0,
            i => self.quintic(i - 1, (x - self.x[i - 1]) / (self.x[i] - self.x[i - 1])),
        }
    }

    /// F⁻¹(p) for 0 ≤ p ≤ 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let i = self
            .cdf
            .partition_point(|&knot| knot <= p)
            .clamp(1, self.x.len() - 1);
        let (left, right) = (self.x[i - 1], self.x[i]);
        let share = self.share_below(i - 1, p);
        left + share * (right - left)
    }

    /// The quintic of cell `i` at the share `s` of its width, kept between the cell's ends.
    fn quintic(&self, i: usize, s: f64) -> f64 {
        let width = self.x[i + 1] - self.x[i];
        let (low, high) = (self.cdf[i], self.cdf[i + 1]);
        let (d_low, d_high) = (self.density[i] * width, self.density[i + 1] * width);
        let half_square = 0.5 * width * width;
        let (c_low, c_high) = (self.slope[i] * half_square, self.slope[i + 1] * half_square);
        // Hermite: each end's value and derivatives, weighted by a cube that falls to the other end.
        let r = 1.0 - s;
        let from = |value: f64, first: f64, second: f64, s: f64| {
            value * (1.0 + s * (3.0 + 6.0 * s)) + s * first * (1.0 + 3.0 * s) + s * s * second
        };
        let value =
            r.powi(3) * from(low, d_low, c_low, s) + s.powi(3) * from(high, -d_high, c_high, r);
        value.clamp(low, high)
    }

    /// Inverts the quintic of cell `i` by regula falsi (Illinois variant).
    fn share_below(&self, i: usize, p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        let (mut f_low, mut f_high) = (self.cdf[i] - p, self.cdf[i + 1] - p);
        if f_low >= 0.0 || f_high <= f_low {
            return 0.0;
        }
        let mut last_was_low = None;
        for _ in 0..60 {
            let s = (low * f_high - high * f_low) / (f_high - f_low);
            let f = self.quintic(i, s) - p;
            if f.abs() <= 1e-15 || high - low < 1e-12 {
                return s;
            }
            if f < 0.0 {
                (low, f_low) = (s, f);
                if last_was_low == Some(true) {
                    f_high *= 0.5;
                }
            } else {
                (high, f_high) = (s, f);
                if last_was_low == Some(false) {
                    f_low *= 0.5;
                }
            }
            last_was_low = Some(f < 0.0);
        }
        0.5 * (low + high)
    }
}

/// Derivatives of a density at the knots: central differences of fourth order in the grid's own
/// coordinate, the density being zero beyond the grid.
fn slopes(density: &[f64], step: &[f64]) -> Vec<f64> {
    let at = |i: usize, offset: usize| {
        (i + offset)
            .checked_sub(2)
            .and_then(|j| density.get(j))
            .copied()
            .unwrap_or(0.0)
    };
    step.iter()
        .enumerate()
        .map(|(i, h)| (at(i, 0) - 8.0 * at(i, 1) + 8.0 * at(i, 3) - at(i, 4)) / (12.0 * h))
        .collect()
}
