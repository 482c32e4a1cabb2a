//! Bracketed maxima and roots of functions of one variable.

/// Points of the first, coarse look at a function: enough to separate the modes that sums of a few
/// smooth terms on a logarithmic axis can have.
const SCAN: usize = 256;

/// The golden section, by which a bracket shrinks.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Where `f` is largest on `[low, high]`, its local maxima compared: a scan, then golden sections
/// around the best point. Returns the place; its accuracy is about the square root of the machine
/// precision, as for every method that only compares values.
pub fn maximum(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    // By the length of the interval, not by where it lies: on a logarithmic axis that is the unit.
    let near = 1e-9 * (1.0 + (high - low));
    maximum_near(f, (low, high), SCAN, near)
}

/// The same with the number of points of the scan and the width of the bracket at which to stop.
pub fn maximum_near(
    f: impl Fn(f64) -> f64,
    (low, high): (f64, f64),
    points: usize,
    near: f64,
) -> f64 {
    let step = (high - low) / points as f64;
    let at = |i: usize| low + step * i as f64;
    let mut best = (0, f64::NEG_INFINITY);
    for i in 0..=points {
        let value = f(at(i));
        if value > best.1 {
            best = (i, value);
        }
    }
    let bracket = (at(best.0.saturating_sub(1)), at((best.0 + 1).min(points)));
    golden_section(&f, bracket, near)
}

fn golden_section(f: impl Fn(f64) -> f64, (mut low, mut high): (f64, f64), near: f64) -> f64 {
    let mut left = high - GOLDEN * (high - low);
    let mut right = low + GOLDEN * (high - low);
    let (mut f_left, mut f_right) = (f(left), f(right));
    while high - low > near {
        if f_left >= f_right {
            (high, right, f_right) = (right, left, f_left);
            left = high - GOLDEN * (high - low);
            f_left = f(left);
        } else {
            (low, left, f_left) = (left, right, f_right);
            right = low + GOLDEN * (high - low);
            f_right = f(right);
        }
    }
    0.5 * (low + high)
}

/// A zero of `f` on `[low, high]`, where it changes sign, to machine precision: the secant step of
/// Ridders (1979), which keeps the bracket. Where `f` does not change sign the end nearer to zero
/// is returned.
pub fn root(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let (mut f_low, mut f_high) = (f(low), f(high));
    if f_low * f_high > 0.0 {
        return if f_low.abs() < f_high.abs() {
            low
        } else {
            high
        };
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if f_low == 0.0 || middle <= low.min(high) || middle >= low.max(high) {
            return low;
        }
        if f_high == 0.0 {
            return high;
        }
        let f_middle = f(middle);
        let scale = (f_middle * f_middle - f_low * f_high).sqrt();
        if scale == 0.0 {
            return middle;
        }
        let guess = middle + (middle - low) * (f_low - f_high).signum() * f_middle / scale;
        let f_guess = f(guess);
        // The two new points cut the bracket into three: keep the part where the sign changes.
        let mut cuts = [(middle, f_middle), (guess, f_guess)];
        if guess < middle {
            cuts.swap(0, 1);
        }
        let [(first, f_first), (second, f_second)] = cuts;
        if f_low * f_first <= 0.0 {
            (high, f_high) = (first, f_first);
        } else if f_first * f_second <= 0.0 {
            (low, f_low, high, f_high) = (first, f_first, second, f_second);
        } else {
            (low, f_low) = (second, f_second);
        }
    }
    0.5 * (low + high)
}
