//! Rank normalisation and folding, both from one sorted order.

use crate::numeric::Placed;
use statrs::function::erf::erfc_inv;

/// The normal scores of ranks in samples of one size: Φ⁻¹((r - 3/8) / (S + 1/4)) (Blom 1958).
///
/// Scores depend on ranks alone, so they are computed once per sample size. Tied draws share the
/// average of their ranks, which is whole or half: the scores of half ranks wait for the first tie.
#[derive(Default)]
pub(super) struct NormalScores {
    size: usize,
    /// Score of rank 1 + k at k.
    whole: Vec<f64>,
    /// Score of rank 3/2 + k at k; empty until there was a tie.
    half: Vec<f64>,
}

impl NormalScores {
    fn prepare(&mut self, size: usize) {
        if self.size != size {
            self.size = size;
            self.half.clear();
            fill_scores(&mut self.whole, 1.0, size, size);
        }
    }

    /// The score of the average of the ranks `before` + 1 to `before` + `count`.
    fn shared(&mut self, before: usize, count: usize) -> f64 {
        if count % 2 == 1 {
            return self.whole[before + count / 2];
        }
        if self.half.is_empty() {
            fill_scores(&mut self.half, 1.5, self.size - 1, self.size);
        }
        self.half[before + count / 2 - 1]
    }

    /// Writes the score of each draw's rank at its position. `sorted` must be in order; draws
    /// without a position are not counted in.
    pub(super) fn z_scale(&mut self, sorted: &[Placed], size: usize, out: &mut Vec<f64>) {
        self.prepare(size);
        out.resize(size, 0.0);
        // Without a way out of the loop: ties are rare, and eight pairs are compared as fast as one.
        let tied = sorted
            .windows(2)
            .fold(false, |tied, pair| tied | (pair[0].value == pair[1].value));
        if sorted.len() == size && !tied {
            for (draw, score) in sorted.iter().zip(&self.whole) {
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
            let score = self.shared(before, count);
            for position in ties.iter().filter_map(|draw| draw.position) {
                out[position as usize] = score;
            }
            before += count;
        }
    }
}

/// Scores of the ranks `first`, `first` + 1, ... in a sample of `size`, which are symmetric.
fn fill_scores(scores: &mut Vec<f64>, first: f64, len: usize, size: usize) {
    scores.clear();
    scores.resize(len, 0.0);
    for k in 0..len / 2 {
        let score = inverse_normal_cdf((first + k as f64 - 0.375) / (size as f64 + 0.25));
        scores[k] = score;
        scores[len - 1 - k] = -score;
    }
}

/// Φ⁻¹(p).
fn inverse_normal_cdf(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// Folds sorted draws about `median`: the distances |x - median|, sorted again by merging the two
/// sides, from the inside out and from the outside in at once.
///
/// Of equal distances those above the median come first, seen from either end. Steps are counted
/// rather than branched upon: which side comes next cannot be predicted, and two merges keep the
/// processor busier than one.
pub(super) fn fold(
    sorted: &[Placed],
    median: f64,
    distances: &mut Vec<f64>,
    out: &mut Vec<Placed>,
) {
    distances.clear();
    distances.extend(sorted.iter().map(|draw| (draw.value - median).abs()));
    let folded = |at: usize| Placed {
        value: distances[at],
        position: sorted[at].position,
    };
    out.resize(sorted.len(), Placed::default());
    let middle = sorted.partition_point(|draw| draw.value < median);
    // Still to be placed: `below` and `above`, in the places `todo`.
    let (mut below, mut above, mut todo) = (0..middle, middle..sorted.len(), 0..sorted.len());
    while below.len() > 1 && above.len() > 1 {
        let from_below = usize::from(distances[below.end - 1] < distances[above.start]);
        let at = [above.start, below.end - 1][from_below];
        out[todo.start] = folded(at);
        let from_above = usize::from(distances[below.start] < distances[above.end - 1]);
        let at = [below.start, above.end - 1][from_above];
        out[todo.end - 1] = folded(at);
        below = below.start + 1 - from_above..below.end - from_below;
        above = above.start + 1 - from_below..above.end - from_above;
        todo = todo.start + 1..todo.end - 1;
    }
    for place in todo {
        let from_below = match (below.clone().next_back(), above.clone().next()) {
            (Some(left), Some(right)) => distances[left] < distances[right],
            (left, _) => left.is_some(),
        };
        let next = if from_below {
            below.next_back()
        } else {
            above.next()
        };
        if let Some(at) = next {
            out[place] = folded(at);
        }
    }
}
