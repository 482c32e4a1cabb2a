//! Chains that are saved, brought back and go on give the bits of chains that never stopped, for every
//! member of the family.

use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::{ChainSink, Chains, Run, SamplerKind, SamplerSettings, Snapshot};
use std::sync::atomic::AtomicU64;

const WARMUP: u32 = 40;
const THIN: u32 = 2;
/// In the warm-up, at its end, and later; the slices adapt from the twentieth update on.
const CUTS: [u64; 3] = [25, 40, 53];

/// Few groups of equal n, under which σ²_FK is drawn by the collapsed slice, or one for each FK, under
/// which it is not.
fn data(few_groups: bool) -> Data {
    of_size(7, few_groups)
}

fn of_size(fks: u64, few_groups: bool) -> Data {
    let fk = |k: u64| {
        let n = match (k, few_groups) {
            (0, _) => 0,
            (_, true) => 8,
            (_, false) => 3 + k,
        };
        let mean = if n == 0 { 0.0 } else { 0.7 * k as f64 - 1.5 };
        ForeignKey {
            name: format!("f{k}").into(),
            sample: Sample::Scores(FkStats::from_parts(n, mean, 0.9 * n as f64)),
        }
    };
    Data::new((0..fks).map(fk).collect()).unwrap()
}

fn members(hyperpriors: &[Hyperprior]) -> Vec<Hierarchy> {
    let mut members = Vec::new();
    for &hyperprior in hyperpriors {
        for noise in [
            "known=1.1",
            "pooled",
            "sampled",
            "sampled=2,2",
            "per-fk",
            "per-fk=fixed",
        ] {
            for importance in [Importance::Normal, Importance::student_t(4.0).unwrap()] {
                for (location, few_groups) in [(Location::Zero, true), (Location::Flat, false)] {
                    let model = Model {
                        hyperprior: Some(hyperprior),
                        noise: noise.parse::<Noise>().unwrap(),
                        importance,
                        location,
                    };
                    members.push(Hierarchy::resolve(&model, &data(few_groups)).unwrap());
                }
            }
        }
    }
    members
}

struct Case<'a> {
    hierarchy: &'a Hierarchy,
    exact: Option<&'a ExactPosterior>,
    settings: SamplerSettings,
}

impl Case<'_> {
    fn run<'a>(&'a self, progress: &'a AtomicU64) -> Run<'a> {
        Run {
            hierarchy: self.hierarchy,
            exact: self.exact,
            settings: &self.settings,
            kept: None,
            threads: 1,
            progress,
        }
    }

    /// The draws of each chain, and all that it carries on at its end.
    fn whole(&self) -> (Vec<Rows>, Snapshot) {
        let progress = AtomicU64::new(0);
        let mut sinks = self.recorders();
        let mut chains = Chains::start(self.run(&progress), sinks.len()).unwrap();
        while !chains.are_complete() {
            chains.round(&mut sinks).unwrap();
        }
        (sinks, chains.snapshot())
    }

    fn recorders(&self) -> Vec<Rows> {
        (0..self.settings.chains).map(|_| Rows::default()).collect()
    }

    /// The same with a break after `cut` sweeps.
    fn broken(&self, cut: u64) -> (Vec<Rows>, Snapshot) {
        let progress = AtomicU64::new(0);
        let mut sinks = self.recorders();
        let mut chains = Chains::start(self.run(&progress), sinks.len()).unwrap();
        chains.advance(cut, &mut sinks).unwrap();
        let bytes = chains.snapshot().to_bytes().unwrap();
        drop(chains);
        let saved = Snapshot::from_bytes(&bytes).unwrap();
        let mut chains = Chains::restore(self.run(&progress), &saved).unwrap();
        while !chains.are_complete() {
            chains.advance(7, &mut sinks).unwrap();
        }
        (sinks, chains.snapshot())
    }

    fn assert_unbroken(&self) {
        let whole = self.whole();
        for cut in CUTS {
            let name = format!(
                "{:?}, {:?}, cut at {cut}",
                self.hierarchy.model, self.settings
            );
            assert!(self.broken(cut) == whole, "{name}");
        }
    }
}

/// Keeps the bits of what it is given.
#[derive(Default, PartialEq)]
struct Rows(Vec<u64>);

impl ChainSink for Rows {
    fn record(&mut self, row: &[f64]) -> Result<(), fkbayes::Error> {
        self.0.extend(row.iter().map(|value| value.to_bits()));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), fkbayes::Error> {
        Ok(())
    }
}

fn settings(kind: SamplerKind, interweave: bool) -> SamplerSettings {
    SamplerSettings {
        kind,
        interweave,
        chains: 2,
        warmup: WARMUP,
        draws: 30,
        thin: THIN,
        seed: 5,
    }
}

#[test]
fn gibbs_chains_go_on_as_if_never_stopped() {
    let hyperpriors = ["ig=2,1", "half-cauchy=1", "half-t=4,0.5", "flat"];
    for hierarchy in members(&hyperpriors.map(|text| text.parse().unwrap())) {
        for interweave in [true, false] {
            let case = Case {
                hierarchy: &hierarchy,
                exact: None,
                settings: settings(SamplerKind::Gibbs, interweave),
            };
            case.assert_unbroken();
        }
    }
}

#[test]
fn exact_draws_go_on_as_if_never_stopped() {
    let mut available = 0;
    for hierarchy in members(&["ig=2,1".parse().unwrap()]) {
        let Ok(exact) = ExactPosterior::new(&hierarchy) else {
            continue;
        };
        available += 1;
        let case = Case {
            hierarchy: &hierarchy,
            exact: Some(&exact),
            settings: settings(SamplerKind::Exact, true),
        };
        case.assert_unbroken();
    }
    assert_eq!(available, 19);
}

#[test]
fn independent_draws_carry_no_importances() {
    let bytes = |fks: u64| {
        let model = Model {
            noise: Noise::known(1.1).unwrap(),
            ..Model::default()
        };
        let hierarchy = Hierarchy::resolve(&model, &of_size(fks, true)).unwrap();
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let case = Case {
            hierarchy: &hierarchy,
            exact: Some(&exact),
            settings: settings(SamplerKind::Exact, true),
        };
        case.whole().1.to_bytes().unwrap().len()
    };
    // Numbers of the generators take up to ten bytes each; importances of 63 FKs more would take 1,008.
    assert!(bytes(70).abs_diff(bytes(7)) < 63);
}

#[test]
fn what_was_saved_elsewhere_is_refused() {
    let hierarchies = members(&["ig=2,1".parse().unwrap()]);
    let progress = AtomicU64::new(0);
    let case = |hierarchy| Case {
        hierarchy,
        exact: None,
        settings: settings(SamplerKind::Gibbs, true),
    };
    let normal = case(&hierarchies[0]);
    let mut saved = Chains::start(normal.run(&progress), 2).unwrap().snapshot();
    assert!(Chains::restore(normal.run(&progress), &saved).is_ok());
    // Student-t importances carry more; another number of chains is another run.
    let heavy = case(&hierarchies[2]);
    assert!(Chains::restore(heavy.run(&progress), &saved).is_err());
    let mut more = case(&hierarchies[0]);
    more.settings.chains = 3;
    assert!(Chains::restore(more.run(&progress), &saved).is_err());
    // Past the end of the run.
    let mut chains = Chains::restore(normal.run(&progress), &saved).unwrap();
    chains.advance(90, &mut normal.recorders()).unwrap();
    saved = chains.snapshot();
    let mut shorter = case(&hierarchies[0]);
    shorter.settings.draws = 20;
    assert!(Chains::restore(shorter.run(&progress), &saved).is_err());
}

#[test]
fn damaged_bytes_are_refused() {
    let hierarchies = members(&["ig=2,1".parse().unwrap()]);
    let case = Case {
        hierarchy: &hierarchies[0],
        exact: None,
        settings: settings(SamplerKind::Gibbs, true),
    };
    let progress = AtomicU64::new(0);
    let saved = Chains::start(case.run(&progress), 2).unwrap().snapshot();
    let bytes = saved.to_bytes().unwrap();
    assert!(Snapshot::from_bytes(&bytes).unwrap() == saved);
    for cut in 0..bytes.len() {
        assert!(Snapshot::from_bytes(&bytes[..cut]).is_err(), "{cut}");
        let mut flipped = bytes.clone();
        flipped[cut] ^= 0x10;
        assert!(Snapshot::from_bytes(&flipped).is_err(), "{cut}");
    }
}
