//! The whole sampler against its own prior: simulation-based calibration (Talts, Betancourt,
//! Simpson, Vehtari & Gelman 2018) and the joint-distribution test (Geweke 2004).
//!
//! Neither looks at a posterior density: where the model that simulates and the kernel that draws
//! disagree, ranks are not uniform and the prior is not what the alternation of the two leaves.

use crate::planted::{Planted, PlantedKernel};
use crate::support::{Check, hierarchy, inverse_gamma, normal, rng, scores, sum_sq};
use fkbayes::model::{Evidence, Hierarchy, Location, Noise};
use fkbayes::sampler::{Generator, GibbsKernel, Kernel, Move, State};
use ndarray::Array2;
use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, StudentsT};
use statrs::function::gamma::gamma_ur;

/// Hyperprior of both tests.
const PRIOR: (f64, f64) = (2.0, 3.0);
const KNOWN: Noise = Noise::Known(10.0);
const SAMPLED: Noise = Noise::Sampled { c0: 3.0, d0: 20.0 };
const MOVES: [Move; 3] = [Move::None, Move::Scale, Move::Collapsed];

/// Everything that the model says of five FKs.
struct Simulated {
    sigma2_fk: f64,
    sigma2_obs: f64,
    /// By place.
    alpha: Vec<f64>,
    /// (n_k, ȳ_k, SSW_k).
    fks: Vec<(u64, f64, f64)>,
}

impl Simulated {
    fn draw(n: &[u64], noise: Noise, rng: &mut Generator) -> Self {
        let sigma2_fk = inverse_gamma(PRIOR.0, PRIOR.1, rng);
        let sigma2_obs = match noise {
            Noise::Sampled { c0, d0 } => inverse_gamma(c0, d0, rng),
            Noise::Known(v) => v,
            other => panic!("no prior to simulate {other} from"),
        };
        let alpha: Vec<f64> = n.iter().map(|_| sigma2_fk.sqrt() * normal(rng)).collect();
        let fks = simulate_scores(n, &alpha, sigma2_obs, rng);
        Self {
            sigma2_fk,
            sigma2_obs,
            alpha,
            fks,
        }
    }
}

/// (n_k, ȳ_k, SSW_k) given the importances.
fn simulate_scores(
    n: &[u64],
    alpha: &[f64],
    sigma2_obs: f64,
    rng: &mut Generator,
) -> Vec<(u64, f64, f64)> {
    n.iter()
        .zip(alpha)
        .map(|(&n, a)| match n {
            0 => (0, 0.0, 0.0),
            _ => {
                let mean = a + (sigma2_obs / n as f64).sqrt() * normal(rng);
                (n, mean, sum_sq(n, sigma2_obs, rng))
            }
        })
        .collect()
}

/// Ranks of what was drawn from the prior among draws from the posterior given its data.
mod ranks {
    use super::*;

    const N: [u64; 5] = [0, 2, 5, 10, 40];
    /// Draws per replication: 20 bins of 5 ranks.
    const DRAWS: usize = 99;
    const BINS: usize = 20;
    const REPLICATIONS: usize = 8000;
    const WARMUP: usize = 200;
    /// Of all p-values of this module: 3 moves × (3 quantities under known noise, 4 under sampled), and
    /// 4 of a right kernel among the wrong ones.
    const FALSE_ALARM: f64 = 2e-5;
    const P_VALUE: f64 = FALSE_ALARM / (3.0 * (3.0 + 4.0) + 4.0);

    /// How a kernel is made for a hierarchy.
    trait Recipe {
        fn kernel<'a>(&self, hierarchy: &'a Hierarchy) -> impl Kernel + 'a;
    }

    impl Recipe for Move {
        fn kernel<'a>(&self, hierarchy: &'a Hierarchy) -> impl Kernel + 'a {
            GibbsKernel::new(hierarchy, *self)
        }
    }

    impl Recipe for Planted {
        fn kernel<'a>(&self, hierarchy: &'a Hierarchy) -> impl Kernel + 'a {
            PlantedKernel {
                hierarchy,
                planted: *self,
            }
        }
    }

    /// Ranks of σ²_FK, of the α with five scores, of λ and of σ²_obs in one replication.
    fn ranks(recipe: &impl Recipe, noise: Noise, thin: usize, rng: &mut Generator) -> [usize; 4] {
        let truth = Simulated::draw(&N, noise, rng);
        let hierarchy = hierarchy(&scores(&truth.fks), noise, Some(PRIOR));
        let place = hierarchy.evidence.place();
        let five = place.iter().position(|&k| k == 2).unwrap();
        let mut state = State::start(&hierarchy, rng);
        let mut kernel = recipe.kernel(&hierarchy);
        for _ in 0..WARMUP {
            kernel.step(&mut state, rng);
        }
        kernel.end_warmup();
        let mut below = [0; 4];
        for _ in 0..DRAWS {
            for _ in 0..thin {
                kernel.step(&mut state, rng);
            }
            let lambda = state.sigma2_obs / state.sigma2_fk;
            let pairs = [
                (state.sigma2_fk, truth.sigma2_fk),
                (state.alpha[five], truth.alpha[2]),
                (lambda, truth.sigma2_obs / truth.sigma2_fk),
                (state.sigma2_obs, truth.sigma2_obs),
            ];
            for (slot, (draw, truth)) in below.iter_mut().zip(pairs) {
                *slot += usize::from(draw < truth);
            }
        }
        below
    }

    /// The smallest χ² p-value of the uniformity of the ranks.
    fn smallest_p(name: &str, recipe: &impl Recipe, noise: Noise, thin: usize, seed: u64) -> f64 {
        let quantities = match noise {
            Noise::Sampled { .. } => 4,
            _ => 3,
        };
        let mut rng = rng(seed);
        let mut counts = [[0_usize; BINS]; 4];
        for _ in 0..REPLICATIONS {
            let ranks = ranks(recipe, noise, thin, &mut rng);
            for (counts, rank) in counts.iter_mut().zip(ranks) {
                counts[rank * BINS / (DRAWS + 1)] += 1;
            }
        }
        let expected = REPLICATIONS as f64 / BINS as f64;
        let law = ChiSquared::new((BINS - 1) as f64).unwrap();
        let p_values = counts.map(|counts| {
            let terms = counts.map(|count| (count as f64 - expected).powi(2) / expected);
            law.sf(terms.iter().sum())
        });
        let shown = p_values.map(|p| format!("{p:.1e}"));
        println!("{name}, {noise}: p {}", shown[..quantities].join(", "));
        p_values[..quantities].iter().copied().fold(1.0, f64::min)
    }

    fn assert_calibrated(with: Move, thin: usize) {
        for (noise, seed) in [(KNOWN, 31), (SAMPLED, 32)] {
            let p = smallest_p(&format!("{with:?}"), &with, noise, thin, seed);
            assert!(p > P_VALUE, "{with:?}, {noise}: p = {p:e}");
        }
    }

    #[test]
    fn of_the_plain_alternation_are_uniform() {
        assert_calibrated(Move::None, 15);
    }

    #[test]
    fn of_the_scale_move_are_uniform() {
        assert_calibrated(Move::Scale, 5);
    }

    #[test]
    fn of_the_collapsed_slice_are_uniform() {
        assert_calibrated(Move::Collapsed, 4);
    }

    #[test]
    fn of_a_wrong_kernel_are_not() {
        let p = |planted: Planted| smallest_p(&format!("{planted:?}"), &planted, SAMPLED, 5, 33);
        assert!(p(Planted::Nothing) > P_VALUE);
        for planted in [Planted::Shape, Planted::Jacobian, Planted::Variance] {
            assert!(p(planted) < P_VALUE, "{planted:?} was not found");
        }
    }
}

/// Scores given parameters and parameters given scores in turn: what is left is the prior, whose
/// distribution functions are known.
mod joint {
    use super::*;

    /// Few scores: with many, parameters and scores hardly let each other go.
    const N: [u64; 5] = [0, 1, 2, 3, 4];
    const CHAINS: usize = 4;
    const DRAWS: usize = 80_000;
    /// Steps between two draws.
    const THIN: usize = 2;

    /// Alternates a kernel with the simulation of scores. The kernel is made anew for each step:
    /// its slice keeps the width it starts with, so that nothing adapts.
    fn check(
        name: &str,
        noise: Noise,
        seed: u64,
        mut step: impl FnMut(&Hierarchy, &mut State, &mut Generator),
    ) -> Check {
        let shape = (CHAINS, DRAWS);
        let mut figures: [Array2<f64>; 5] = std::array::from_fn(|_| Array2::zeros(shape));
        let student = StudentsT::new(0.0, 1.0, 2.0 * PRIOR.0).unwrap();
        let scale = (PRIOR.1 / PRIOR.0).sqrt();
        for chain in 0..CHAINS {
            let mut rng = rng(seed + chain as u64);
            let start = Simulated::draw(&N, noise, &mut rng);
            let mut hierarchy = hierarchy(&scores(&start.fks), noise, Some(PRIOR));
            let place = hierarchy.evidence.place().to_vec();
            let n: Vec<u64> = place.iter().map(|&k| N[k]).collect();
            let alpha: Vec<f64> = place.iter().map(|&k| start.alpha[k]).collect();
            let mut state = State {
                sigma2_fk: start.sigma2_fk,
                sigma2_obs: start.sigma2_obs,
                location: 0.0,
                alpha,
            };
            for i in 0..DRAWS * THIN {
                let fks = simulate_scores(&n, &state.alpha, state.sigma2_obs, &mut rng);
                hierarchy.evidence = evidence(&fks);
                step(&hierarchy, &mut state, &mut rng);
                if i % THIN > 0 {
                    continue;
                }
                let u = inverse_gamma_cdf(PRIOR, state.sigma2_fk);
                let v = match noise {
                    Noise::Sampled { c0, d0 } => inverse_gamma_cdf((c0, d0), state.sigma2_obs),
                    _ => 0.5,
                };
                let ratio = match noise {
                    Noise::Sampled { c0, d0 } => {
                        let f = FisherSnedecor::new(2.0 * PRIOR.0, 2.0 * c0).unwrap();
                        let unit = (d0 / c0) / (PRIOR.1 / PRIOR.0);
                        f.cdf(state.sigma2_obs / state.sigma2_fk / unit)
                    }
                    _ => 1.0 - u,
                };
                // Groups are ordered by decreasing n: first the FK with four scores, last the one
                // with none.
                let row = [
                    u,
                    student.cdf(state.alpha[0] / scale),
                    student.cdf(state.alpha[4] / scale),
                    v,
                    ratio,
                ];
                for (figure, value) in figures.iter_mut().zip(row) {
                    figure[[chain, i / THIN]] = value;
                }
            }
        }
        let mut check = Check::default();
        let [u, most, none, v, ratio] = &figures;
        check.uniform(&format!("{name}: σ²_FK"), u);
        check.uniform(&format!("{name}: α with four scores"), most);
        check.uniform(&format!("{name}: α without"), none);
        if matches!(noise, Noise::Sampled { .. }) {
            check.uniform(&format!("{name}: σ²_obs"), v);
            check.uniform(&format!("{name}: λ"), ratio);
        }
        check
    }

    fn evidence(fks: &[(u64, f64, f64)]) -> Evidence {
        let means: Vec<(f64, f64)> = fks
            .iter()
            .map(|&(n, mean, _)| {
                (
                    mean,
                    if n == 0 {
                        f64::INFINITY
                    } else {
                        1.0 / n as f64
                    },
                )
            })
            .collect();
        let degrees: u64 = fks.iter().map(|fk| fk.0.saturating_sub(1)).sum();
        let within = (degrees as f64, fks.iter().map(|fk| fk.2).sum());
        Evidence::new(&means, within, Location::Zero)
    }

    fn inverse_gamma_cdf((a, b): (f64, f64), x: f64) -> f64 {
        gamma_ur(a, b / x)
    }

    fn check_planted(planted: Planted, noise: Noise) -> Check {
        check(
            &format!("{planted:?}"),
            noise,
            52,
            |hierarchy, state, rng| {
                PlantedKernel { hierarchy, planted }.step(state, rng);
            },
        )
    }

    #[test]
    fn of_every_move_is_the_prior() {
        for with in MOVES {
            for (noise, seed) in [(KNOWN, 41), (SAMPLED, 45)] {
                check(
                    &format!("{with:?}, {noise}"),
                    noise,
                    seed,
                    |hierarchy, state, rng| {
                        GibbsKernel::new(hierarchy, with).step(state, rng);
                    },
                )
                .assert_passed();
            }
        }
    }

    #[test]
    fn of_a_wrong_kernel_is_not() {
        check_planted(Planted::Nothing, SAMPLED).assert_passed();
        for planted in [
            Planted::Shape,
            Planted::Jacobian,
            Planted::Variance,
            Planted::Noise,
        ] {
            check_planted(planted, SAMPLED).assert_failed();
        }
    }
}
