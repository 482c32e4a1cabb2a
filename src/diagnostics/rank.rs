//! Rank normalisation and folding, both from one sorted order.

use statrs::function::erf::erfc_inv;

use super::sort::Draw;

/// The normal scores of ranks in samples of one size: Φ⁻¹((r - 3/8) / (S + 1/4)) (Blom 1958).
///
/// Scores depend on ranks alone, so they are computed once per sample size. Tied draws share the
/// average of their ranks: whole or half, hence a table in half steps.
#[derive(Default)]
pub(super) struct NormalScores {
    size: usize,
    /// Score of rank 1 + k/2 at k.
    half_steps: Vec<f64>,
}

impl NormalScores {
    fn prepare(&mut self, size: usize) {
        if self.size == size {
            return;
        }
        self.size = size;
        let steps = (2 * size).saturating_sub(1);
        self.half_steps.clear();
        self.half_steps.resize(steps, 0.0);
        for k in 0..steps / 2 {
            let rank = 1.0 + k as f64 / 2.0;
            let score = inverse_normal_cdf((rank - 0.375) / (size as f64 + 0.25));
            self.half_steps[k] = score;
            self.half_steps[steps - 1 - k] = -score;
        }
    }

    /// Writes the score of each draw's rank at its position. `sorted` must be in order; draws
    /// without a position are not counted in.
    pub(super) fn z_scale(&mut self, sorted: &[Draw], size: usize, out: &mut Vec<f64>) {
        self.prepare(size);
        out.resize(size, 0.0);
        let tied = |pair: &[Draw]| pair[0].value == pair[1].value;
        if sorted.len() == size && !sorted.windows(2).any(tied) {
            for (draw, score) in sorted.iter().zip(self.half_steps.iter().step_by(2)) {
                if let Some(position) = draw.position {
                    out[position as usize] = *score;
                }
            }
            return;
        }
        let mut before = 0;
        for ties in sorted.chunk_by(|a, b| a.value == b.value) {
            let count = ties.iter().filter(|draw| draw.position.is_some()).count();
            if count == 0 {
                continue;
            }
            let score = self.half_steps[2 * before + count - 1];
            for position in ties.iter().filter_map(|draw| draw.position) {
                out[position as usize] = score;
            }
            before += count;
        }
    }
}

/// Φ⁻¹(p).
fn inverse_normal_cdf(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// Folds sorted draws about `median`: the distances |x - median|, sorted again by merging the two
/// sides outwards.
pub(super) fn fold(sorted: &[Draw], median: f64, out: &mut Vec<Draw>) {
    let distance = |draw: &Draw| Draw {
        value: (draw.value - median).abs(),
        ..*draw
    };
    let middle = sorted.partition_point(|draw| draw.value < median);
    out.clear();
    out.reserve(sorted.len());
    // Draws taken from below; all others came from above. Counted rather than branched upon: which
    // side comes next cannot be predicted.
    let mut taken = 0;
    while taken < middle && middle + out.len() - taken < sorted.len() {
        let left = distance(&sorted[middle - 1 - taken]);
        let right = distance(&sorted[middle + out.len() - taken]);
        taken += usize::from(left.value < right.value);
        out.push(if left.value < right.value {
            left
        } else {
            right
        });
    }
    let above = middle + out.len() - taken;
    out.extend(sorted[..middle - taken].iter().rev().map(distance));
    out.extend(sorted[above..].iter().map(distance));
}
