//! How much of a ranking is right.

/// Draws of all importances in one simulated future.
const DRAWS: usize = 16;

/// FKs in the order of their posterior means, the largest first; those set aside come with their value.
pub(super) struct Order<'a> {
    order: Vec<usize>,
    constants: &'a [f64],
    top: usize,
}

/// What a ranking by posterior means gets right, on average over the posterior.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Right {
    /// Probability that the first ranks hold the largest importances, in whichever order.
    pub top: f64,
    /// Share of neighbours whose importances stand in the same order.
    pub order: f64,
}

impl<'a> Order<'a> {
    /// Of the FKs of the hierarchy by `means`, and of those set aside.
    pub fn new(mut means: Vec<f64>, constants: &'a [f64], top: usize) -> Self {
        means.extend(constants);
        let mut order: Vec<usize> = (0..means.len()).collect();
        order.sort_by(|&i, &j| means[j].total_cmp(&means[i]));
        Self {
            top: top.min(order.len()),
            order,
            constants,
        }
    }

    /// From draws of the importances of the hierarchy's FKs.
    pub fn right(&self, mut draw: impl FnMut() -> Vec<f64>) -> Right {
        let mut sum = Right::default();
        for _ in 0..DRAWS {
            let mut alpha = draw();
            alpha.extend(self.constants);
            let right = self.of(&alpha);
            sum.top += right.top / DRAWS as f64;
            sum.order += right.order / DRAWS as f64;
        }
        sum
    }

    fn of(&self, alpha: &[f64]) -> Right {
        let (first, rest) = self.order.split_at(self.top);
        let lowest = first
            .iter()
            .map(|&k| alpha[k])
            .fold(f64::INFINITY, f64::min);
        let highest = rest
            .iter()
            .map(|&k| alpha[k])
            .fold(f64::NEG_INFINITY, f64::max);
        let neighbours = self.order.windows(2);
        let pairs = neighbours.len();
        let right = neighbours
            .filter(|pair| alpha[pair[0]] >= alpha[pair[1]])
            .count();
        Right {
            top: f64::from(lowest >= highest),
            order: if pairs == 0 {
                1.0
            } else {
                right as f64 / pairs as f64
            },
        }
    }
}
