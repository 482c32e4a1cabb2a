//! Ranks of what was drawn from the prior among draws from the posterior given its data.

use super::member::{HALF_CAUCHY, HALF_T, KNOWN, Member, NoisePrior, PER_FK, SAMPLED};
use super::{MOVES, Sweep};
use crate::planted::Planted;
use crate::planted_scales::PlantedScale;
use crate::support::{FALSE_ALARM, rng};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location};
use fkbayes::sampler::{Generator, Move, State};
use statrs::distribution::{ChiSquared, ContinuousCDF};

const N: [u64; 6] = [0, 1, 3, 5, 10, 40];
/// The FK without scores, and one with few.
const NONE: usize = 0;
const FEW: usize = 2;
/// Variances of a score of FKs that are told apart by them.
const GIVEN: [f64; 6] = [1.0, 4.0, 30.0, 10.0, 1.0, 90.0];
/// Draws per replication. Few and far between (see [`thin`]): draws that depend on each other have
/// ranks that are not uniform, however right the kernel is.
const DRAWS: usize = 19;
const WARMUP: usize = 100;
const REPLICATIONS: usize = 4000;
/// For errors that are small, and for errors that are large.
const MANY_REPLICATIONS: usize = 10_000;
const FEW_REPLICATIONS: usize = 2000;

/// Steps between two draws: more where the kernel mixes worse.
fn thin(member: &Member, sweep: Sweep) -> usize {
    match (sweep, member.hyperprior) {
        (Sweep::Gibbs(Move::None), _) => 40,
        (_, Hyperprior::HalfT { .. }) => 15,
        _ => 8,
    }
}

/// Whatever is drawn in the member, of parameters in which the FK of a place is found `at` an index
/// and importances are about `center`. λ is left out where the noise is known: it is 1/σ²_FK.
fn quantities(
    member: &Member,
    state: &State,
    at: impl Fn(usize) -> usize,
    center: f64,
) -> Vec<(&'static str, f64)> {
    let mut found = vec![
        ("σ²_FK", state.sigma2_fk),
        ("α few", center + state.alpha[at(FEW)]),
        ("α none", center + state.alpha[at(NONE)]),
    ];
    match member.noise {
        NoisePrior::Known(_) | NoisePrior::Given(_) => {}
        NoisePrior::Sampled { .. } => {
            found.push(("λ", state.sigma2_obs / state.sigma2_fk));
            found.push(("σ²_obs", state.sigma2_obs));
        }
        NoisePrior::PerFk { .. } => {
            found.push(("σ²_obs,few", state.own_noise[at(FEW)]));
            found.push(("d₀", state.noise_scale));
        }
    }
    if let Importance::StudentT { .. } = member.importance {
        found.push(("ω few", state.mixing[at(FEW)]));
        found.push(("Σ 1/ω", state.mixing.iter().map(|omega| 1.0 / omega).sum()));
    }
    if member.location == Location::Flat {
        found.push(("m", center + state.location));
    }
    found
}

/// The rank of each quantity in one replication.
fn replicate(member: &Member, sweep: Sweep, rng: &mut Generator) -> Vec<usize> {
    let truth = member.draw(&N, rng);
    let hierarchy = member.hierarchy(&member.scores(&N, &truth, rng));
    let truth = quantities(member, &truth, |k| k, 0.0);
    let mut below = vec![0; truth.len()];
    for_each_draw(&hierarchy, sweep, thin(member, sweep), rng, |state| {
        let place = hierarchy.evidence.place();
        let at = |k| place.iter().position(|&p| p == k).unwrap();
        let draw = quantities(member, state, at, hierarchy.evidence.center());
        for (rank, (draw, truth)) in below.iter_mut().zip(draw.iter().zip(&truth)) {
            *rank += usize::from(draw.1 < truth.1);
        }
    });
    below
}

fn for_each_draw(
    hierarchy: &Hierarchy,
    sweep: Sweep,
    thin: usize,
    rng: &mut Generator,
    mut take: impl FnMut(&State),
) {
    let mut state = State::start(hierarchy, rng);
    let mut kernel = sweep.kernel(hierarchy);
    for _ in 0..WARMUP {
        kernel.step(&mut state, rng);
    }
    kernel.end_warmup();
    for _ in 0..DRAWS {
        for _ in 0..thin {
            kernel.step(&mut state, rng);
        }
        take(&state);
    }
}

/// The smallest χ² p-value of the uniformity of the ranks, times their number (Bonferroni).
fn adjusted_p(member: &Member, sweep: Sweep, replications: usize, seed: u64) -> f64 {
    let mut rng = rng(seed);
    let names = quantities(member, &member.draw(&N, &mut rng), |k| k, 0.0);
    let mut counts = vec![[0.0; DRAWS + 1]; names.len()];
    for _ in 0..replications {
        for (counts, rank) in counts.iter_mut().zip(replicate(member, sweep, &mut rng)) {
            counts[rank] += 1.0;
        }
    }
    let p_values: Vec<f64> = counts.iter().map(p_of_uniformity).collect();
    let shown = names.iter().zip(&p_values);
    let shown: Vec<String> = shown.map(|(q, p)| format!("{} {p:.1e}", q.0)).collect();
    println!("{sweep:?}, {member}: p of {}", shown.join(", "));
    p_values.iter().copied().fold(1.0, f64::min) * names.len() as f64
}

fn p_of_uniformity(counts: &[f64; DRAWS + 1]) -> f64 {
    let expected = counts.iter().sum::<f64>() / counts.len() as f64;
    let terms = counts.map(|count| (count - expected).powi(2) / expected);
    let law = ChiSquared::new(DRAWS as f64).unwrap();
    law.sf(terms.iter().sum())
}

fn assert_uniform(member: Member, sweep: Sweep, seed: u64) {
    let p = adjusted_p(&member, sweep, REPLICATIONS, seed);
    assert!(p > FALSE_ALARM, "{sweep:?}, {member}: p = {p:e}");
}

fn assert_not_uniform(member: Member, sweep: Sweep, replications: usize, seed: u64) {
    let p = adjusted_p(&member, sweep, replications, seed);
    assert!(
        p < FALSE_ALARM,
        "{sweep:?}, {member}: p = {p:e} finds nothing"
    );
}

#[test]
fn of_every_move_are_uniform() {
    for with in MOVES {
        for (noise, seed) in [(KNOWN, 31), (SAMPLED, 32)] {
            assert_uniform(Member::first(noise), Sweep::Gibbs(with), seed);
        }
    }
}

#[test]
fn under_given_standard_errors_are_uniform() {
    let member = Member::first(NoisePrior::Given(&GIVEN));
    assert_uniform(member, Sweep::Gibbs(Move::Scale), 33);
}

/// Without the textbook alternation, which hardly moves where σ²_FK is far below the noise: a
/// half-t does not keep it from there.
#[test]
fn under_half_t_hyperpriors_are_uniform() {
    for with in [Move::Scale, Move::Collapsed] {
        for (hyperprior, seed) in [(HALF_T, 34), (HALF_CAUCHY, 35)] {
            let member = Member::first(KNOWN).hyperprior(hyperprior);
            assert_uniform(member, Sweep::Gibbs(with), seed);
        }
    }
}

/// A flat location has no prior to draw from. Scores are simulated at one location: ranks do not
/// change when scores and location are translated together, so they are uniform at every location
/// if they are under the flat prior, the rank of m itself included.
#[test]
fn under_a_flat_location_are_uniform() {
    for with in [Move::Scale, Move::Collapsed] {
        let member = Member::first(KNOWN).flat_location();
        assert_uniform(member, Sweep::Gibbs(with), 36);
    }
}

const OWN_SCALES: Sweep = Sweep::OwnScales(Move::Collapsed);

#[test]
fn under_per_fk_noise_are_uniform() {
    assert_uniform(Member::first(PER_FK), OWN_SCALES, 37);
}

#[test]
fn of_student_t_importances_are_uniform() {
    assert_uniform(Member::first(KNOWN).student(4.0), OWN_SCALES, 38);
}

#[test]
fn of_student_t_importances_under_per_fk_noise_are_uniform() {
    assert_uniform(Member::first(PER_FK).student(4.0), OWN_SCALES, 39);
}

#[test]
fn of_student_t_importances_about_a_flat_location_are_uniform() {
    let member = Member::first(KNOWN).student(4.0).flat_location();
    assert_uniform(member, OWN_SCALES, 40);
}

#[test]
fn of_everything_at_once_are_uniform() {
    let member = Member::first(PER_FK).student(1.0).flat_location();
    assert_uniform(member.hyperprior(HALF_CAUCHY), OWN_SCALES, 45);
}

#[test]
fn of_student_t_importances_under_sampled_noise_are_uniform() {
    assert_uniform(Member::first(SAMPLED).student(4.0), OWN_SCALES, 46);
}

#[test]
fn under_half_t_hyperpriors_and_sampled_noise_are_uniform() {
    let member = Member::first(SAMPLED).hyperprior(HALF_T).flat_location();
    assert_uniform(member, Sweep::Gibbs(Move::Collapsed), 47);
}

#[test]
fn of_a_wrong_kernel_are_not() {
    let member = Member::first(SAMPLED);
    let planted = Sweep::Planted;
    assert_uniform(member, planted(Planted::Nothing), 41);
    assert_not_uniform(member, planted(Planted::Shape), MANY_REPLICATIONS, 41);
    for error in [Planted::Jacobian, Planted::Variance] {
        assert_not_uniform(member, planted(error), FEW_REPLICATIONS, 41);
    }
    let member = Member::first(KNOWN).hyperprior(HALF_CAUCHY);
    assert_not_uniform(member, planted(Planted::Shape), FEW_REPLICATIONS, 42);
    let member = Member::first(KNOWN).flat_location();
    assert_not_uniform(member, Sweep::CertainLocation, FEW_REPLICATIONS, 43);
}

/// Where ν is small, so that half a degree of freedom shows. Ranks of single quantities do not see
/// [`PlantedScale::Stale`], which gets wrong how σ²_FK and ω hang together; `joint` does.
#[test]
fn of_a_wrong_kernel_of_own_scales_are_not() {
    let member = Member::first(PER_FK).student(1.0);
    let planted = Sweep::PlantedScale;
    assert_uniform(member, planted(PlantedScale::Nothing), 44);
    let seen = |error: &PlantedScale| *error != PlantedScale::Stale;
    for error in PlantedScale::ERRORS.into_iter().filter(seen) {
        assert_not_uniform(member, planted(error), FEW_REPLICATIONS, 44);
    }
}
