//! Every reference value of the exact posterior where FKs have scales of their own
//! (golden/own_scales.json).

use crate::support::scores;
use fkbayes::model::{Hierarchy, Hyperprior, Importance, Location, Model, Noise};
use fkbayes::posterior::ExactPosterior;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Relative difference allowed to a moment.
const MOMENT: f64 = 1e-8;
/// Relative difference allowed to a probability of a parameter on the grid, and to its quantile.
const GRID: f64 = 1e-8;
/// Difference allowed to a probability of an importance, whose distribution function leaves out nodes of
/// probability below 1e-10.
const IMPORTANCE: f64 = 1e-8;
/// The same for Cauchy importances about an unknown location: 8e-8 as measured. Where σ²_FK is near 0
/// an importance without its own tail is the location, so that its probability, as a function of the
/// location, is a step, which falls between two nodes.
const STEP: f64 = 1e-7;
/// Above this a quantile takes seconds.
const MANY_NODES: usize = 300_000;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize, Clone)]
struct Case {
    name: String,
    fks: Vec<Fk>,
    prior: Prior,
    c0: Option<f64>,
    nu: Option<f64>,
    noise: Option<f64>,
    sampled: Option<(f64, f64)>,
    #[serde(default)]
    flat: bool,
    points: Points,
    values: BTreeMap<String, Value>,
}

#[derive(Deserialize, Clone)]
struct Fk {
    n: u64,
    mean: f64,
    sum_sq: f64,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Prior {
    Ig(f64, f64),
    HalfT(f64, f64),
}

#[derive(Deserialize, Clone)]
struct Points {
    t: Vec<f64>,
    second: Vec<f64>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Value {
    Number(Option<f64>),
    List(Vec<f64>),
}

impl Case {
    fn hierarchy(&self) -> Hierarchy {
        let fks: Vec<(u64, f64, f64)> = self
            .fks
            .iter()
            .map(|fk| (fk.n, fk.mean, fk.sum_sq))
            .collect();
        let noise = match (self.c0, self.noise, self.sampled) {
            (Some(c0), _, _) => Noise::per_fk(c0),
            (_, Some(variance), _) => Noise::known(variance),
            (_, _, Some((c0, d0))) => Noise::sampled(c0, d0),
            _ => panic!("{}: no noise", self.name),
        };
        let hyperprior = match self.prior {
            Prior::Ig(a0, b0) => Hyperprior::inverse_gamma(a0, b0),
            Prior::HalfT(nu, scale) => Hyperprior::half_t(nu, scale),
        };
        let model = Model {
            hyperprior: Some(hyperprior.unwrap()),
            noise: noise.unwrap(),
            importance: self
                .nu
                .map_or(Importance::Normal, |nu| Importance::student_t(nu).unwrap()),
            location: if self.flat {
                Location::Flat
            } else {
                Location::Zero
            },
        };
        Hierarchy::resolve(&model, &scores(&fks)).unwrap()
    }

    /// The same scores in units 1/`unit` as large, and where the location is unknown moved by `offset`.
    fn rescaled(&self, unit: f64, offset: f64) -> Self {
        let mut case = self.clone();
        for fk in &mut case.fks {
            fk.mean = unit * fk.mean + if self.flat { offset } else { 0.0 };
            fk.sum_sq *= unit * unit;
        }
        case.prior = match self.prior {
            Prior::Ig(a0, b0) => Prior::Ig(a0, unit * unit * b0),
            Prior::HalfT(nu, scale) => Prior::HalfT(nu, unit * scale),
        };
        case.noise = self.noise.map(|noise| unit * unit * noise);
        case.sampled = self.sampled.map(|(c0, d0)| (c0, unit * unit * d0));
        case
    }

    fn number(&self, name: &str) -> Option<f64> {
        match &self.values[name] {
            Value::Number(number) => *number,
            Value::List(_) => panic!("{name} is a list"),
        }
    }

    fn list(&self, name: &str) -> &[f64] {
        match &self.values[name] {
            Value::List(list) => list,
            Value::Number(_) => panic!("{name} is a number"),
        }
    }
}

/// Differences to the reference values, in units of what is allowed.
#[derive(Default)]
struct Differences {
    worst: BTreeMap<&'static str, (f64, String)>,
    over: Vec<String>,
    count: usize,
}

impl Differences {
    fn value(&mut self, kind: &'static str, name: String, found: f64, expected: f64, allowed: f64) {
        let difference = if expected == 0.0 {
            found.abs()
        } else {
            ((found - expected) / expected).abs()
        };
        self.count += 1;
        if difference.is_nan() || difference > allowed {
            self.over.push(format!(
                "{name}: {found:e}, not {expected:e} ({difference:.1e})"
            ));
        }
        let worst = self.worst.entry(kind).or_default();
        if difference >= worst.0 {
            *worst = (difference, name);
        }
    }

    fn optional(&mut self, name: String, found: Option<f64>, expected: Option<f64>) {
        match (found, expected) {
            (None, None) => self.count += 1,
            (Some(found), Some(expected)) => self.value("moment", name, found, expected, MOMENT),
            _ => self
                .over
                .push(format!("{name}: {found:?}, not {expected:?}")),
        }
    }

    fn assert_none(&self) {
        println!("{} values; worst {:?}", self.count, self.worst);
        assert!(self.over.is_empty(), "{}", self.over.join("\n"));
    }
}

fn compare(case: &Case, exact: &ExactPosterior, differences: &mut Differences) {
    let label = |what: &str| format!("{}: {what}", case.name);
    let sigma2_fk = exact.sigma2_fk();
    differences.optional(
        label("mean of σ²_FK"),
        sigma2_fk.mean,
        case.number("t.mean"),
    );
    differences.optional(label("sd of σ²_FK"), sigma2_fk.sd, case.number("t.sd"));
    for (&t, &p) in case.points.t.iter().zip(case.list("t.cdf")) {
        let name = label(&format!("F(σ²_FK) at {t}"));
        differences.value("probability", name, exact.sigma2_fk_cdf(t), p, GRID);
        let name = label(&format!("quantile {p} of σ²_FK"));
        differences.value("quantile", name, exact.sigma2_fk_quantile(p), t, GRID);
    }
    if case.values.contains_key("second.cdf") {
        for (&x, &p) in case.points.second.iter().zip(case.list("second.cdf")) {
            let found = exact.d0_cdf(x);
            let found = found.or(exact.sigma2_obs_cdf(x)).or(exact.location_cdf(x));
            let name = label(&format!("F(second) at {x}"));
            differences.value("probability", name, found.unwrap(), p, GRID);
        }
    }
    if case.flat {
        let (mean, variance) = exact.location().unwrap();
        differences.optional(label("mean of m"), Some(mean), case.number("location.mean"));
        differences.optional(
            label("variance of m"),
            variance,
            case.number("location.variance"),
        );
    }
    for (k, fk) in case.fks.iter().enumerate() {
        let value = |what: &str| case.number(&format!("alpha.{k}.{what}"));
        let name = |what: &str| label(&format!("{what} of α{k}"));
        let variance = exact.alpha_variance(k, fk.mean);
        differences.optional(
            name("mean"),
            Some(exact.alpha_mean(k, fk.mean)),
            value("mean"),
        );
        differences.optional(name("variance"), variance, value("variance"));
        let (at, p) = (value("at").unwrap(), value("cdf").unwrap());
        let found = exact.alpha_cdf(k, fk.mean, at);
        let steps = case.flat && case.nu == Some(1.0);
        let allowed = if steps { STEP } else { IMPORTANCE };
        differences.value("importance", name("F"), found, p, allowed / p);
        if k == 0 && exact.nodes() < MANY_NODES {
            let back = exact.alpha_cdf(k, fk.mean, exact.alpha_quantile(k, fk.mean, p));
            differences.value("quantile", name("F of quantile"), back, p, GRID);
        }
        if let Some((mean, variance)) = exact.log_own_noise(k) {
            let value = |what: &str| case.number(&format!("noise.{k}.{what}"));
            differences.optional(name("mean of log noise"), Some(mean), value("mean"));
            differences.optional(
                name("variance of log noise"),
                Some(variance),
                value("variance"),
            );
        }
    }
}

#[test]
fn posteriors_with_own_scales_equal_the_reference() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/own_scales.json")).unwrap();
    assert!(golden.cases.len() >= 10);
    let mut differences = Differences::default();
    for case in &golden.cases {
        let exact = match ExactPosterior::new(&case.hierarchy()) {
            Ok(exact) => exact,
            Err(why) => {
                differences.over.push(format!("{}: {why}", case.name));
                continue;
            }
        };
        compare(case, &exact, &mut differences);
    }
    differences.assert_none();
}

/// What two threads find is what one finds, bit for bit.
#[test]
fn posteriors_do_not_depend_on_the_number_of_threads() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/own_scales.json")).unwrap();
    for case in golden.cases.iter().filter(|case| !case.flat) {
        let hierarchy = case.hierarchy();
        let found = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let exact = pool
                .build()
                .unwrap()
                .install(|| ExactPosterior::new(&hierarchy));
            let exact = exact.unwrap();
            let alpha = (0..case.fks.len()).map(|k| exact.alpha_cdf(k, case.fks[k].mean, 0.7));
            let alpha: Vec<f64> = alpha.collect();
            (
                alpha,
                exact.sigma2_fk_quantile(0.3),
                exact.hyperparameters_at(0.4, 0.6),
            )
        });
        assert_eq!(found[0], found[1], "{}", case.name);
    }
}

/// Neither units nor, where it is unknown, the location of the scores matter.
#[test]
fn posteriors_follow_units_and_location() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/own_scales.json")).unwrap();
    let mut differences = Differences::default();
    for case in golden.cases.iter().filter(|case| case.nu != Some(1.0)) {
        let exact = ExactPosterior::new(&case.hierarchy()).unwrap();
        for (unit, offset) in [(1e-5, 3.0), (1e6, 1e9)] {
            let moved = case.rescaled(unit, offset);
            let found = ExactPosterior::new(&moved.hierarchy()).unwrap();
            let offset = if case.flat { offset } else { 0.0 };
            for (k, (fk, moved)) in case.fks.iter().zip(&moved.fks).enumerate() {
                let label = |what: &str| format!("{} in 1/{unit}: {what} of α{k}", case.name);
                let sd = exact.alpha_variance(k, fk.mean).unwrap().sqrt();
                let mean = found.alpha_mean(k, moved.mean) - offset;
                let off = mean / unit - exact.alpha_mean(k, fk.mean);
                // The offset takes its digits.
                let lost = 1e-15 * offset / unit;
                differences.value("mean", label("mean"), 1.0 + off / sd, 1.0, MOMENT + lost);
                let found = found.alpha_variance(k, moved.mean).unwrap().sqrt() / unit;
                differences.value("sd", label("sd"), found, sd, MOMENT + lost);
            }
        }
    }
    differences.assert_none();
}
