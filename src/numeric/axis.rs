//! The map x = x₀ + w sinh u, and even steps of u on it.

/// Nodes on a line, even in u: tails that fall only as e^(-a|x|), or as a power of |x|, end as soon as
/// Gaussian ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// x₀, the place of the finest nodes.
    pub center: f64,
    /// w, over which nodes are about even.
    pub width: f64,
    /// First u.
    pub from: f64,
    /// Last u.
    pub to: f64,
    /// Steps from the first to the last.
    pub cells: usize,
}

impl Axis {
    /// An axis of one node of weight 1.
    #[must_use]
    pub fn point(x: f64) -> Self {
        Self {
            center: x,
            width: 1.0,
            from: 0.0,
            to: 0.0,
            cells: 0,
        }
    }

    /// Number of nodes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cells + 1
    }

    /// The step in u.
    #[must_use]
    pub fn du(&self) -> f64 {
        if self.cells == 0 {
            return 1.0;
        }
        (self.to - self.from) / self.cells as f64
    }

    fn u(&self, i: usize) -> f64 {
        self.from + self.du() * i as f64
    }

    /// Node `i`.
    #[must_use]
    pub fn x(&self, i: usize) -> f64 {
        self.center + self.width * self.u(i).sinh()
    }

    /// dx/du at node `i`.
    #[must_use]
    pub fn slope(&self, i: usize) -> f64 {
        self.width * self.u(i).cosh()
    }

    /// dx/du at `x`.
    #[must_use]
    pub fn slope_at(&self, x: f64) -> f64 {
        self.width.hypot(x - self.center)
    }

    /// Where `x` lies, counted in nodes.
    #[must_use]
    pub fn position(&self, x: f64) -> f64 {
        (((x - self.center) / self.width).asinh() - self.from) / self.du()
    }

    /// The same ends, `factor` times as many steps.
    #[must_use]
    pub fn finer(&self, factor: usize) -> Self {
        Self {
            cells: factor * self.cells,
            ..*self
        }
    }
}
