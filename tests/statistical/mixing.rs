//! Effective draws per draw where the plain alternation mixes badly: fifty FKs with ten scores each,
//! at σ²_FK = 1 and σ²_obs = 101.

use crate::support::{Length, normal, rng, run, scores, sum_sq};
use fkbayes::data::Data;
use fkbayes::diagnostics::ess_mean;
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{GibbsKernel, Kernel, Move, OwnScalesKernel, SamplerKind, State};
use ndarray::Array2;

const SEEDS: std::ops::Range<u64> = 0..3;
const LENGTH: Length = Length {
    chains: 4,
    warmup: 500,
    draws: 2000,
};
/// What every member must reach.
const ENOUGH: f64 = 0.2;

const KNOWN: Noise = Noise::Known(101.0);
const SAMPLED: Noise = Noise::Sampled { c0: 0.0, d0: 0.0 };
const PER_FK: Noise = Noise::PerFk { c0: 1.0 };
const NORMAL: Importance = Importance::Normal;
const STUDENT_4: Importance = Importance::StudentT { nu: 4.0 };
const CAUCHY: Importance = Importance::StudentT { nu: 1.0 };
const IG: Hyperprior = Hyperprior::InverseGamma { a0: 2.0, b0: 1.0 };
/// At the noise floor, √s̄.
const HALF_CAUCHY: Hyperprior = Hyperprior::HalfT {
    nu: 1.0,
    scale: 3.178,
};

fn weak_data(seed: u64) -> Data {
    let mut rng = rng(seed);
    let mut fk = |_| {
        let mean = (1.0 + 10.1_f64).sqrt() * normal(&mut rng);
        (10, mean, sum_sq(10, 101.0, &mut rng))
    };
    scores(&(0..50).map(&mut fk).collect::<Vec<_>>())
}

/// A member of the family.
#[derive(Debug, Clone, Copy)]
struct Member(Hyperprior, Noise, Importance, Location);

impl Member {
    fn hierarchy(self, data: &Data) -> Hierarchy {
        let Self(hyperprior, noise, importance, location) = self;
        let model = Model {
            hyperprior: Some(hyperprior),
            noise,
            importance,
            location,
        };
        Hierarchy::resolve(&model, data).unwrap()
    }

    fn kernel(self, hierarchy: &Hierarchy, with: Move) -> Box<dyn Kernel + '_> {
        match self {
            Self(_, Noise::PerFk { .. }, ..) | Self(_, _, Importance::StudentT { .. }, _) => {
                Box::new(OwnScalesKernel::new(hierarchy, with))
            }
            _ => Box::new(GibbsKernel::new(hierarchy, with)),
        }
    }

    fn name(self) -> String {
        let Self(hyperprior, noise, importance, location) = self;
        let location = match location {
            Location::Flat => ", flat location",
            _ => "",
        };
        format!("{hyperprior}, {noise}, {importance}{location}")
    }
}

/// What is looked at: log σ²_FK, then what there is of log σ²_obs, log d₀, one log σ²_obs,k and m.
fn quantities(hierarchy: &Hierarchy, state: &State) -> Vec<(&'static str, f64)> {
    let mut found = vec![("log σ²_FK", state.sigma2_fk.ln())];
    if let Some(own) = state.own_noise.first() {
        found.push(("log d₀", state.noise_scale.ln()));
        found.push(("log σ²_obs,1", own.ln()));
    } else if matches!(hierarchy.model.noise, Noise::Sampled { .. }) {
        found.push(("log σ²_obs", state.sigma2_obs.ln()));
    }
    if hierarchy.evidence.location() == Location::Flat {
        found.push(("m", state.location));
    }
    found
}

/// Draws of each quantity as (chain × draw).
fn chains(member: Member, with: Move, seed: u64) -> Vec<(&'static str, Array2<f64>)> {
    let hierarchy = member.hierarchy(&weak_data(seed));
    let shape = (LENGTH.chains as usize, LENGTH.draws as usize);
    let mut found = Vec::new();
    let mut stream = rng(1000 + seed);
    for chain in 0..shape.0 {
        let mut rng = stream.clone();
        stream.jump();
        let mut kernel = member.kernel(&hierarchy, with);
        let mut state = State::start(&hierarchy, &mut rng);
        for _ in 0..LENGTH.warmup {
            kernel.step(&mut state, &mut rng);
        }
        kernel.end_warmup();
        for draw in 0..shape.1 {
            kernel.step(&mut state, &mut rng);
            for (i, (name, value)) in quantities(&hierarchy, &state).into_iter().enumerate() {
                if found.len() == i {
                    found.push((name, Array2::zeros(shape)));
                }
                found[i].1[[chain, draw]] = value;
            }
        }
    }
    found
}

fn per_draw(draws: &Array2<f64>) -> f64 {
    ess_mean(draws.view()).unwrap() / draws.len() as f64
}

/// Effective draws per draw of each quantity, the mean over the seeds.
fn efficiencies(member: Member, with: Move) -> Vec<(&'static str, f64)> {
    let mut found: Vec<(&str, f64)> = Vec::new();
    for seed in SEEDS {
        let chains = chains(member, with, seed);
        found.resize(chains.len(), ("", 0.0));
        for (slot, (name, draws)) in found.iter_mut().zip(chains) {
            *slot = (name, slot.1 + per_draw(&draws) / SEEDS.count() as f64);
        }
    }
    let shown: Vec<String> = found.iter().map(|(q, e)| format!("{q} {e:.3}")).collect();
    println!("{}, {with:?}: {}", member.name(), shown.join(", "));
    found
}

/// Of log σ²_FK.
fn efficiency(member: Member, with: Move) -> f64 {
    efficiencies(member, with)[0].1
}

/// Of everything that is looked at.
fn assert_mixes(member: Member) {
    for (name, found) in efficiencies(member, Move::Collapsed) {
        assert!(found >= ENOUGH, "{}: {name} {found:.3}", member.name());
    }
}

/// Every noise model, law of the importances and location under a hyperprior.
fn members(hyperprior: Hyperprior) -> Vec<Member> {
    let mut found = Vec::new();
    for noise in [KNOWN, SAMPLED, PER_FK] {
        for importance in [NORMAL, STUDENT_4, CAUCHY] {
            let located = |location| Member(hyperprior, noise, importance, location);
            found.extend([Location::Zero, Location::Flat].map(located));
        }
    }
    found
}

#[test]
fn every_member_mixes_under_inverse_gamma() {
    for member in members(IG) {
        assert_mixes(member);
    }
}

/// σ²_FK may be anything below the noise, and the slice has a long way to go.
#[test]
fn every_member_mixes_under_half_cauchy() {
    for member in members(HALF_CAUCHY) {
        assert_mixes(member);
    }
}

#[test]
fn every_member_mixes_under_flat() {
    for member in members(Hyperprior::Flat) {
        assert_mixes(member);
    }
}

#[test]
fn the_scale_move_mixes() {
    let member = Member(IG, KNOWN, NORMAL, Location::Zero);
    assert!(efficiency(member, Move::Scale) >= 0.3);
}

/// What all of this would look like without the moves.
#[test]
fn the_plain_alternation_does_not_mix() {
    for member in members(IG) {
        let found = efficiency(member, Move::None);
        assert!(found < ENOUGH, "{}: {found:.3}", member.name());
    }
}

fn of_library(kind: SamplerKind) -> f64 {
    let per_seed = |seed| {
        let data = weak_data(seed);
        let hierarchy = Member(IG, KNOWN, NORMAL, Location::Zero).hierarchy(&data);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let chains = run(&data, &hierarchy, &exact, (kind, LENGTH, seed));
        per_draw(&chains.sigma2_fk.mapv(f64::ln))
    };
    let mean = SEEDS.map(per_seed).sum::<f64>() / SEEDS.count() as f64;
    println!("{kind}: {mean:.3} effective draws per draw");
    mean
}

#[test]
fn the_default_mixes() {
    assert!(of_library(SamplerKind::Gibbs) >= 0.3);
}

#[test]
fn exact_draws_are_independent() {
    assert!(of_library(SamplerKind::Exact) >= 0.9);
}
