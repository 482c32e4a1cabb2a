//! Do scores drift over the permutation order?

/// Spearman's rank correlation of scores with their position, ties sharing the average of their ranks;
/// `None` where all are equal. Of exchangeable scores it has mean 0 and variance 1/(n - 1).
///
/// ```
/// assert_eq!(fkbayes::lambda::rank_correlation(&[0.1, 0.4, 0.9]), Some(1.0));
/// ```
#[must_use]
pub fn rank_correlation(scores: &[f64]) -> Option<f64> {
    let ranks = average_ranks(scores);
    let middle = 0.5 * (scores.len() as f64 + 1.0);
    let (mut product, mut of_ranks, mut of_positions) = (0.0, 0.0, 0.0);
    for (position, rank) in (1..).map(f64::from).zip(ranks) {
        product += (rank - middle) * (position - middle);
        of_ranks += (rank - middle) * (rank - middle);
        of_positions += (position - middle) * (position - middle);
    }
    (of_ranks > 0.0).then(|| product / (of_ranks * of_positions).sqrt())
}

/// The rank of each score, from 1, in the order of the scores.
fn average_ranks(scores: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&i, &j| scores[i].total_cmp(&scores[j]));
    let mut ranks = vec![0.0; scores.len()];
    let mut before = 0;
    for ties in order.chunk_by(|&i, &j| scores[i] == scores[j]) {
        let shared = before as f64 + 0.5 * (ties.len() as f64 + 1.0);
        for &place in ties {
            ranks[place] = shared;
        }
        before += ties.len();
    }
    ranks
}
