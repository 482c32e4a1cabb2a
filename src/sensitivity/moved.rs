//! A distribution function and the direction in which it moves.

use std::f64::consts::LN_2;

/// Probability beyond either end of the range over which a distance is integrated: that of 4,000 draws.
pub(super) const TAIL: f64 = 1.0 / 4000.0;

/// The distribution function of a quantity and its derivative by a power, on knots.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moved {
    /// The knots, increasing.
    pub x: Vec<f64>,
    /// P.
    pub p: Vec<f64>,
    /// G = ∂P/∂c.
    pub g: Vec<f64>,
}

/// Integrals over x of G²/P, P, G²/(1-P) and 1-P.
#[derive(Debug, Clone, Copy, Default)]
struct Integrals([f64; 4]);

impl Moved {
    /// The derivative of the cumulative Jensen-Shannon distance by log₂ c: the larger of that for x and
    /// for -x; `None` if it is not a number.
    pub fn figure(&self) -> Option<f64> {
        let Integrals([up, whole_up, down, whole_down]) = self.integrals();
        let figure = (LN_2 / 8.0 * (up / whole_up).max(down / whole_down)).sqrt();
        figure.is_finite().then_some(figure)
    }

    /// By the trapezoidal rule on the part of the knots where P is between the tails, its ends
    /// interpolated.
    fn integrals(&self) -> Integrals {
        let points = self.x.iter().zip(&self.p).zip(&self.g);
        let points: Vec<[f64; 3]> = points.map(|((&x, &p), &g)| [x, p, g]).collect();
        let mut sum = Integrals::default();
        for cell in points.windows(2) {
            if let [from, to] = cell {
                sum.add(*from, *to);
            }
        }
        sum
    }
}

impl Integrals {
    fn add(&mut self, from: [f64; 3], to: [f64; 3]) {
        let rise = to[1] - from[1];
        let share = |p: f64| ((p - from[1]) / rise).clamp(0.0, 1.0);
        let (first, last) = if rise > 0.0 {
            (share(TAIL), share(1.0 - TAIL))
        } else if (TAIL..=1.0 - TAIL).contains(&from[1]) {
            (0.0, 1.0)
        } else {
            return;
        };
        if last <= first {
            return;
        }
        let at = |share: f64| [0, 1, 2].map(|i| from[i] + share * (to[i] - from[i]));
        let (from, to) = (at(first), at(last));
        let integrands = |[_, p, g]: [f64; 3]| [g * g / p, p, g * g / (1.0 - p), 1.0 - p];
        let half_width = 0.5 * (to[0] - from[0]);
        let both = integrands(from).into_iter().zip(integrands(to));
        for (sum, (left, right)) in self.0.iter_mut().zip(both) {
            *sum += half_width * (left + right);
        }
    }
}
