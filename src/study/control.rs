//! Averages over replicates, their Monte-Carlo errors, and control variates.

/// Replicates that each control variate needs: fewer would bend the fit.
const PER_CONTROL: usize = 10;
/// Pivots smaller than this share of the largest are rounding: that control says nothing new.
const PIVOT: f64 = 1e-9;

/// An average with its Monte-Carlo error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Average {
    pub mean: f64,
    pub mcse: f64,
}

/// The average of one figure per replicate.
///
/// Where replicate i was drawn in stratum i (`in_strata`), successive replicates differ by what is
/// left within strata, and half their mean squared difference is its variance (it includes the
/// difference between neighbouring strata, so it errs upwards). Else replicates are independent, or
/// better than that.
pub(super) fn average(values: &[f64], in_strata: bool) -> Average {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = if in_strata {
        let steps = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2));
        0.5 * steps.sum::<f64>() / (count - 1.0)
    } else {
        values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0)
    };
    Average {
        mean,
        mcse: (variance / count).sqrt(),
    }
}

/// The same, with what a linear fit on `controls` explains taken out: their expectations are zero.
/// `controls` holds one row per replicate.
pub(super) fn controlled(values: &[f64], controls: &[Vec<f64>], in_strata: bool) -> Average {
    let width = controls.first().map_or(0, Vec::len);
    if values.len() < PER_CONTROL * (width + 1) {
        return average(values, in_strata);
    }
    let slopes = slopes(values, controls, width);
    let residual = |(value, row): (&f64, &Vec<f64>)| {
        value - row.iter().zip(&slopes).map(|(c, b)| c * b).sum::<f64>()
    };
    let residuals: Vec<f64> = values.iter().zip(controls).map(residual).collect();
    average(&residuals, in_strata)
}

/// Least squares of `values` on `controls` and a constant, by elimination on the normal equations of
/// standardised controls.
fn slopes(values: &[f64], controls: &[Vec<f64>], width: usize) -> Vec<f64> {
    let count = values.len() as f64;
    let means: Vec<f64> = (0..width)
        .map(|j| controls.iter().map(|row| row[j]).sum::<f64>() / count)
        .collect();
    let scales: Vec<f64> = (0..width)
        .map(|j| {
            let squares = controls.iter().map(|row| (row[j] - means[j]).powi(2));
            (squares.sum::<f64>() / count).sqrt()
        })
        .collect();
    let center = values.iter().sum::<f64>() / count;
    let mut equations = vec![vec![0.0; width + 1]; width];
    for (value, row) in values.iter().zip(controls) {
        let standard = |j: usize| {
            if scales[j] > 0.0 {
                (row[j] - means[j]) / scales[j]
            } else {
                0.0
            }
        };
        let z: Vec<f64> = (0..width).map(standard).collect();
        for (i, equation) in equations.iter_mut().enumerate() {
            for (entry, zj) in equation.iter_mut().zip(&z) {
                *entry += z[i] * zj / count;
            }
            if let Some(right) = equation.last_mut() {
                *right += z[i] * (value - center) / count;
            }
        }
    }
    let solution = solve(equations);
    solution
        .iter()
        .zip(&scales)
        .map(|(b, scale)| if *scale > 0.0 { b / scale } else { 0.0 })
        .collect()
}

/// Gauss-Jordan elimination of a correlation matrix with its right-hand side as last column; what has
/// no pivot left gets 0.
fn solve(mut equations: Vec<Vec<f64>>) -> Vec<f64> {
    let width = equations.len();
    let mut used = vec![false; width];
    for column in 0..width {
        // Symmetric and positive: the diagonal holds the pivots.
        let pivot = equations[column][column];
        if pivot < PIVOT {
            continue;
        }
        used[column] = true;
        let scaled: Vec<f64> = equations[column].iter().map(|x| x / pivot).collect();
        for (i, equation) in equations.iter_mut().enumerate() {
            if i == column {
                equation.clone_from(&scaled);
                continue;
            }
            let factor = equation[column];
            for (x, y) in equation.iter_mut().zip(&scaled) {
                *x -= factor * y;
            }
        }
    }
    let solution = |(i, equation): (usize, &Vec<f64>)| {
        let right = equation.last().copied().unwrap_or(0.0);
        if used[i] { right } else { 0.0 }
    };
    equations.iter().enumerate().map(solution).collect()
}
