//! Which move yields most: effective draws of log σ²_FK per second of CPU time, for each kernel, and
//! whether `Move::fastest` picks the best of its three. A draw includes its log density and storing.

#![allow(dead_code, clippy::unwrap_used)]

mod support;

use fkbayes::diagnostics::ess_mean;
use fkbayes::model::{Hierarchy, Hyperprior, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{ExactKernel, GibbsKernel, Kernel, Move, State};
use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;
use std::time::{Duration, Instant};

const CHAINS: usize = 4;
const WARMUP: usize = 1000;
const DRAWS: usize = 10_000;
/// How long a kernel is timed, per chain: the system's clock of CPU time ticks every few milliseconds.
const TIMED: Duration = Duration::from_millis(100);
/// Two moves this close are equally good.
const TIE: f64 = 0.9;

fn main() {
    println!(
        "{:26}{:>7}{:>10}{:>10}{:>10}{:>10}  {:12}ESS per draw (none, scale, collapsed)",
        "ESS of log sigma2_fk / s", "groups", "none", "scale", "collapsed", "exact", "rule"
    );
    let simulated = |k, distinct| {
        let label = format!("K = {k}, {distinct} distinct n");
        (label, support::simulated(&support::uneven(k, distinct)))
    };
    row("K = 50, n = 10", &support::simulated(&[10; 50]).unwrap());
    row("f1", &support::f1_hierarchy(Noise::Pooled).unwrap());
    for (k, distinct) in [
        (3, 1),
        (3, 3),
        (11, 1),
        (11, 8),
        (20, 12),
        (20, 16),
        (50, 12),
        (50, 20),
        (50, 50),
        (200, 50),
        (200, 200),
        (1000, 1),
        (1000, 20),
        (1000, 200),
        (1000, 500),
        (1000, 1000),
    ] {
        let (label, hierarchy) = simulated(k, distinct);
        row(&label, &hierarchy.unwrap());
    }
    println!("under half-Cauchy(1) on sigma_fk");
    let half_cauchy = Hyperprior::half_t(1.0, 1.0).unwrap();
    for (k, distinct) in [(11, 8), (20, 16), (50, 12), (50, 50), (200, 200)] {
        let n = support::uneven(k, distinct);
        let hierarchy = support::simulated_under(half_cauchy, &n).unwrap();
        row(&format!("K = {k}, {distinct} distinct n"), &hierarchy);
    }
}

fn row(label: &str, hierarchy: &Hierarchy) {
    let moves = [Move::None, Move::Scale, Move::Collapsed];
    let found = moves.map(|with| yields(hierarchy, || GibbsKernel::new(hierarchy, with)));
    let exact = ExactPosterior::new(hierarchy).unwrap();
    let independent = yields(hierarchy, || ExactKernel::new(hierarchy, &exact));
    let rates = found.map(|(rate, _)| rate);
    let best = rates.iter().copied().fold(0.0, f64::max);
    let chosen = Move::fastest(hierarchy);
    let rate = moves
        .iter()
        .zip(rates)
        .find(|(with, _)| **with == chosen)
        .map_or(0.0, |(_, rate)| rate);
    let rule = match rate / best {
        1.0 => "best".to_owned(),
        share if share >= TIE => format!("tie {share:.2}"),
        share => format!("WRONG {share:.2}"),
    };
    println!(
        "{label:26}{:>7}{:>10.0}{:>10.0}{:>10.0}{:>10.0}  {rule:12}{:.3} {:.3} {:.3}",
        hierarchy.evidence.observed().count(),
        rates[0],
        rates[1],
        rates[2],
        independent.0,
        found[0].1,
        found[1].1,
        found[2].1,
    );
}

/// Effective draws per second of CPU time, and per draw.
fn yields<K: Kernel>(hierarchy: &Hierarchy, kernel: impl Fn() -> K) -> (f64, f64) {
    let mut log_t = Array2::zeros((CHAINS, DRAWS));
    let mut seconds_per_draw = 0.0;
    for (seed, mut chain) in log_t.rows_mut().into_iter().enumerate() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
        let mut state = State::start(hierarchy, &mut rng);
        let mut kernel = kernel();
        let mut stored = vec![0.0; state.alpha.len()];
        for _ in 0..WARMUP {
            kernel.step(&mut state, &mut rng);
        }
        kernel.end_warmup();
        let mut draw = || {
            kernel.step(&mut state, &mut rng);
            black_box(state.log_density(hierarchy));
            black_box(&mut stored).copy_from_slice(&state.alpha);
            state.sigma2_fk.ln()
        };
        chain.iter_mut().for_each(|slot| *slot = draw());
        let (clock, mut draws) = (Clock::start(), 0);
        while clock.wall.elapsed() < TIMED {
            for _ in 0..100 {
                black_box(draw());
            }
            draws += 100;
        }
        seconds_per_draw += clock.seconds() / f64::from(draws) / CHAINS as f64;
    }
    let ess_per_draw = ess_mean(log_t.view()).unwrap_or(f64::NAN) / (CHAINS * DRAWS) as f64;
    (ess_per_draw / seconds_per_draw, ess_per_draw)
}

/// CPU time of this thread where the system tells it, else wall-clock time.
struct Clock {
    wall: Instant,
    cpu: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu_seconds(),
        }
    }

    fn seconds(&self) -> f64 {
        match (self.cpu, cpu_seconds()) {
            (Some(start), Some(end)) => end - start,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// The first field of Linux's schedstat: nanoseconds that the thread ran.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(1e-9 * nanoseconds)
}
