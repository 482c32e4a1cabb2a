//! The same draws as tests/golden/diagnostics.py makes: same operations, same order.

use ndarray::Array2;
use serde::Deserialize;

/// One case of the reference values.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    pub name: String,
    pub chains: usize,
    pub draws: usize,
    pub rho: f64,
    pub shape: Shape,
    pub apart: f64,
    pub offset: f64,
    pub unit: f64,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    Plain,
    Cauchy,
    Rounded,
    Binary,
}

/// AR(1) chains of nearly normal draws.
pub fn ar1(chains: usize, draws: usize, rho: f64, seed: u64) -> Array2<f64> {
    let (shape, name) = (Shape::Plain, String::new());
    let case = Case {
        name,
        chains,
        draws,
        rho,
        shape,
        apart: 0.0,
        offset: 0.0,
        unit: 1.0,
        seed,
    };
    case.draws()
}

impl Case {
    /// The draws, before they are put into `unit`.
    pub fn draws(&self) -> Array2<f64> {
        let mut all = Array2::zeros((self.chains, self.draws));
        for (chain, mut row) in all.rows_mut().into_iter().enumerate() {
            let mut state = self.seed * 1000 + chain as u64;
            let mut x = 0.0;
            for slot in &mut row {
                x = self.rho * x + nearly_normal(&mut state);
                let y = match self.shape {
                    Shape::Plain => x,
                    Shape::Cauchy => x / nearly_normal(&mut state),
                    Shape::Rounded => (x * 2.0 + 0.5).floor(),
                    Shape::Binary => f64::from(u8::from(x > 1.0)),
                };
                *slot = y + chain as f64 * self.apart + self.offset;
            }
        }
        all
    }
}

/// The sum of twelve uniform numbers, less 6.
fn nearly_normal(state: &mut u64) -> f64 {
    (0..12).fold(0.0, |total, _| total + uniform(state)) - 6.0
}

/// splitmix64, its upper 53 bits as a number in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 * 2.0_f64.powi(-53)
}
