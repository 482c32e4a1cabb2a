//! Integrals over the real line of densities given by their logarithm.
//!
//! The line is mapped by x = x₀ + w sinh u around the highest mode and summed by the trapezoidal
//! rule in u. For an integrand that is analytic and falls off at both ends the error of that rule
//! falls exponentially with the number of nodes, and tails that fall only as e^(-a|x|) cost no more
//! than Gaussian ones (Takahasi & Mori 1974). Nodes are doubled until the integrals stop moving.

use super::{Axis, log_sum_exp, maximum};

/// How far, in logs, every integrand must have fallen at both ends: e^-42 is below 1e-18.
pub(super) const DROP: f64 = 42.0;
/// The relative change between N and 2N nodes at which 2N is taken; its own error is about the
/// square of that.
pub(super) const STILL: f64 = 1e-9;
/// Nodes of the first and the last attempt.
const NODES: (usize, usize) = (64, 1 << 15);

/// Where the mode of a density is to be sought, and the powers e^(r x) that will be integrated
/// against it besides 1.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// Lower end of an interval that holds every mode.
    pub low: f64,
    /// Upper end of it.
    pub high: f64,
    /// Exponents r of the moments in use; each must exist.
    pub powers: &'a [f64],
}

/// Nodes and weights: Σ exp(log_weight) g(x) approximates ∫ f(x) g(x) dx.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Nodes, increasing.
    pub x: Vec<f64>,
    /// Logarithms of the weights, the density included.
    pub log_weight: Vec<f64>,
    /// log ∫ f.
    pub log_total: f64,
    /// Log density at the nodes.
    pub log_density: Vec<f64>,
    /// dx/du at the nodes, times the step in u.
    step: Vec<f64>,
    axis: Axis,
}

impl Rule {
    /// The same rule for a density e^shift times as large.
    fn raised(mut self, shift: f64) -> Self {
        self.log_total += shift;
        for log in self.log_weight.iter_mut().chain(&mut self.log_density) {
            *log += shift;
        }
        self
    }

    /// Width of the cell of each node, dx.
    #[must_use]
    pub fn step(&self) -> &[f64] {
        &self.step
    }

    /// The axis on which the nodes lie.
    #[must_use]
    pub fn axis(&self) -> Axis {
        self.axis
    }
}

/// Integrates exp(log_f) over the real line; `None` if it does not settle (not integrable, or NaN).
pub fn integrate(log_f: impl Fn(f64) -> f64, span: Span<'_>) -> Option<Rule> {
    let map = Map::around_mode(&log_f, span);
    // Relative to the mode: a log density of 1e9 has no digits left for changes of 1e-9.
    let top = log_f(map.center);
    let log_f = |x: f64| log_f(x) - top;
    let (from, to) = (
        map.end(&log_f, span.powers, -1.0)?,
        map.end(&log_f, span.powers, 1.0)?,
    );
    let mut nodes = NODES.0;
    let mut rule = map.rule(&log_f, from, to, nodes);
    let mut before = moments(&rule, span.powers);
    while nodes < NODES.1 {
        nodes *= 2;
        rule = map.rule(&log_f, from, to, nodes);
        let now = moments(&rule, span.powers);
        if now.iter().zip(&before).all(|(a, b)| (a - b).abs() <= STILL) {
            return rule.log_total.is_finite().then(|| rule.raised(top));
        }
        before = now;
    }
    None
}

/// The figures that must stop moving: log integrals, and the mean of x relative to its spread.
fn moments(rule: &Rule, powers: &[f64]) -> Vec<f64> {
    let tilted = |r: f64| {
        let logs: Vec<f64> = rule
            .x
            .iter()
            .zip(&rule.log_weight)
            .map(|(x, w)| w + r * x)
            .collect();
        log_sum_exp(&logs)
    };
    let mut figures = vec![rule.log_total];
    figures.extend(powers.iter().map(|&r| tilted(r)));
    let mean_of = |g: &dyn Fn(f64) -> f64| -> f64 {
        rule.x
            .iter()
            .zip(&rule.log_weight)
            .map(|(&x, w)| (w - rule.log_total).exp() * g(x))
            .sum()
    };
    let mean = mean_of(&|x| x);
    let spread = mean_of(&|x| (x - mean).powi(2)).sqrt();
    figures.push(mean / spread.max(f64::MIN_POSITIVE));
    figures.push(spread.ln());
    figures
}

/// The substitution x = x₀ + w sinh u.
struct Map {
    center: f64,
    width: f64,
}

impl Map {
    fn around_mode(log_f: &impl Fn(f64) -> f64, span: Span<'_>) -> Self {
        let center = maximum(log_f, span.low, span.high);
        Self {
            center,
            width: half_width(log_f, center),
        }
    }

    fn x(&self, u: f64) -> f64 {
        self.center + self.width * u.sinh()
    }

    /// The u beyond which every integrand stays [`DROP`] logs below its largest value.
    fn end(&self, log_f: &impl Fn(f64) -> f64, powers: &[f64], direction: f64) -> Option<f64> {
        let mut tops = vec![f64::NEG_INFINITY; powers.len() + 1];
        let step = 0.125;
        for i in 0..320 {
            let u = direction * step * f64::from(i);
            let x = self.x(u);
            // The Jacobian w cosh u belongs to the integrand.
            let base = log_f(x) + u.cosh().ln();
            if base.is_nan() {
                return None;
            }
            let mut fallen = true;
            for (top, r) in tops.iter_mut().zip(std::iter::once(&0.0).chain(powers)) {
                let value = base + r * (x - self.center);
                *top = top.max(value);
                fallen &= value < *top - DROP;
            }
            if fallen {
                return Some(u);
            }
        }
        None
    }

    fn rule(&self, log_f: &impl Fn(f64) -> f64, from: f64, to: f64, nodes: usize) -> Rule {
        let axis = Axis {
            center: self.center,
            width: self.width,
            from,
            to,
            cells: nodes,
        };
        let mut rule = Rule {
            x: Vec::with_capacity(nodes + 1),
            log_weight: Vec::with_capacity(nodes + 1),
            log_total: 0.0,
            log_density: Vec::with_capacity(nodes + 1),
            step: Vec::with_capacity(nodes + 1),
            axis,
        };
        for i in 0..=nodes {
            let x = axis.x(i);
            let step = axis.du() * axis.slope(i);
            let log_density = log_f(x);
            rule.x.push(x);
            rule.log_density.push(log_density);
            rule.log_weight.push(log_density + step.ln());
            rule.step.push(step);
        }
        rule.log_total = log_sum_exp(&rule.log_weight);
        rule
    }
}

/// Distance from the mode at which the density has fallen by half a log, the standard deviation of
/// a normal density: the smaller of both sides, so that no side is too coarse.
pub(super) fn half_width(log_f: &impl Fn(f64) -> f64, mode: f64) -> f64 {
    let top = log_f(mode);
    let fallen =
        |distance: f64| top - log_f(mode + distance) > 0.5 || top - log_f(mode - distance) > 0.5;
    let mut width = 1e-8 * (1.0 + mode.abs());
    while width < 8.0 && !fallen(width) {
        width *= 1.5;
    }
    width
}
