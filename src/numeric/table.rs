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
    /// What many quantiles are found faster by.
    inverse: Option<Inverse>,
}

#[derive(Debug, Clone)]
struct Inverse {
    /// For each of as many equal parts of (0, 1) as there are knots, the last cell that begins at or
    /// below it: from there the cell of a probability is a step or two away.
    guide: Vec<u32>,
    /// The quintic of each cell in powers.
    powers: Vec<[f64; 5]>,
}

/// Newton's steps are seldom more than four; so many halvings are as good.
const MAX_STEPS: usize = 60;
/// A step this small, in shares of a cell, was the last: what is left is about its square.
const LAST_STEP: f64 = 1e-7;
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
            inverse: None,
        }
    }

    /// The same, ready for many quantiles.
    #[must_use]
    pub fn for_quantiles(mut self) -> Self {
        let parts = self.x.len();
        let first = |part| self.cell(part as f64 / parts as f64) as u32;
        self.inverse = Some(Inverse {
            guide: (0..parts).map(first).collect(),
            powers: (0..parts - 1).map(|i| self.powers(i)).collect(),
        });
        self
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
        let i = self.cell(p);
        let (left, right) = (self.x[i], self.x[i + 1]);
        let share = self.share_below(i, p);
        left + share * (right - left)
    }

    /// The last cell that begins at or below the probability `p`, or the first.
    fn cell(&self, p: f64) -> usize {
        let last = self.x.len() - 2;
        let Some(Inverse { guide, .. }) = &self.inverse else {
            let behind = self.cdf.partition_point(|&knot| knot <= p);
            return behind.saturating_sub(1).min(last);
        };
        let part = (p * guide.len() as f64) as usize;
        let mut i = guide[part.min(guide.len() - 1)] as usize;
        while i < last && self.cdf[i + 1] <= p {
            i += 1;
        }
        i
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

    /// Inverts the quintic of cell `i`: Newton's steps from where a straight line would be, within a
    /// bracket that is halved where a step would leave it.
    fn share_below(&self, i: usize, p: f64) -> f64 {
        let (target, rise) = (p - self.cdf[i], self.cdf[i + 1] - self.cdf[i]);
        if target <= 0.0 || rise <= 0.0 {
            return 0.0;
        }
        let [c1, c2, c3, c4, c5] = match &self.inverse {
            Some(inverse) => inverse.powers[i],
            None => self.powers(i),
        };
        let (mut low, mut high) = (0.0, 1.0);
        let mut s = target / rise;
        for _ in 0..MAX_STEPS {
            let over = s * (c1 + s * (c2 + s * (c3 + s * (c4 + s * c5)))) - target;
            if over < 0.0 {
                low = s;
            } else {
                high = s;
            }
            let slope = c1 + s * (2.0 * c2 + s * (3.0 * c3 + s * (4.0 * c4 + s * 5.0 * c5)));
            let newton = s - over / slope;
            let next = if low <= newton && newton <= high {
                newton
            } else {
                0.5 * (low + high)
            };
            let step = (next - s).abs();
            s = next;
            if step < LAST_STEP {
                break;
            }
        }
        s
    }

    /// The quintic of cell `i` above its left end, in powers of the share from the first to the fifth.
    fn powers(&self, i: usize) -> [f64; 5] {
        let rise = self.cdf[i + 1] - self.cdf[i];
        let width = self.x[i + 1] - self.x[i];
        let (d_low, d_high) = (self.density[i] * width, self.density[i + 1] * width);
        let half_square = 0.5 * width * width;
        let (c_low, c_high) = (self.slope[i] * half_square, self.slope[i + 1] * half_square);
        // What value, slope and half the curvature at the right end lack of the first two powers.
        let value = rise - d_low - c_low;
        let first = d_high - d_low - 2.0 * c_low;
        let second = c_high - c_low;
        [
            d_low,
            c_low,
            10.0 * value - 4.0 * first + second,
            -15.0 * value + 7.0 * first - 2.0 * second,
            6.0 * value - 3.0 * first + second,
        ]
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
