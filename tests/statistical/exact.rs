//! Every reference value of the exact posterior and of the plug-in (golden/exact_posterior.json).

use crate::support::{hierarchy, scores};
use fkbayes::model::Noise;
use fkbayes::posterior::{ExactPosterior, conditional, empirical_bayes};
use serde::Deserialize;

/// Relative difference allowed to a moment.
const MOMENT: f64 = 1e-8;
/// Relative difference allowed to a quantile, a probability or the place of a maximum.
const QUANTILE: f64 = 1e-7;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    prior: Prior,
    fks: Vec<Fk>,
    noise: GivenNoise,
    exact: Exact,
    plugin: Plugin,
}

#[derive(Deserialize)]
struct Prior {
    a0: String,
    b0: String,
}

#[derive(Deserialize)]
struct Fk {
    n: u64,
    mean: Option<String>,
    sum_sq: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum GivenNoise {
    Known { sigma2_obs: String },
    Sampled { c0: String, d0: String },
}

#[derive(Deserialize)]
struct Exact {
    sigma2_fk: Variance,
    sigma2_obs: Option<Variance>,
    lambda: Quantiles,
    alpha: Vec<Alpha>,
}

#[derive(Deserialize)]
struct Quantiles {
    q5: f64,
    q50: f64,
    q95: f64,
}

#[derive(Deserialize)]
struct Variance {
    mean: Option<f64>,
    sd: Option<f64>,
    #[serde(flatten)]
    quantiles: Quantiles,
}

#[derive(Deserialize)]
struct Alpha {
    mean: f64,
    variance: Option<f64>,
    expected_conditional: Option<f64>,
    variance_of_mean: f64,
    expected_shrinkage: f64,
    p_positive: f64,
    #[serde(flatten)]
    quantiles: Quantiles,
}

#[derive(Deserialize)]
struct Plugin {
    sigma2_fk: f64,
    se: f64,
    at_boundary: bool,
    sigma2_obs: f64,
    conditional_variance: Vec<f64>,
    conditional_mean: Vec<f64>,
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn optional(text: Option<&String>) -> f64 {
    text.map_or(0.0, |text| number(text))
}

impl Quantiles {
    fn all(&self) -> [(f64, f64); 3] {
        [(0.05, self.q5), (0.5, self.q50), (0.95, self.q95)]
    }
}

/// Differences to the reference values, relative to those; a reference of 0 must be met exactly.
#[derive(Default)]
struct Differences {
    worst: (f64, String),
    over: Vec<String>,
    count: usize,
}

impl Differences {
    fn value(&mut self, name: String, found: f64, expected: f64, allowed: f64) {
        let difference = if expected == 0.0 {
            (found - expected).abs()
        } else {
            ((found - expected) / expected).abs()
        };
        self.count += 1;
        // A NaN is over any bound.
        if difference.is_nan() || difference > allowed {
            self.over.push(format!(
                "{name}: {found:e}, not {expected:e} ({difference:.1e})"
            ));
        }
        if difference / allowed > self.worst.0 {
            self.worst = (difference / allowed, name);
        }
    }

    fn moment(&mut self, name: String, found: Option<f64>, expected: Option<f64>) {
        match (found, expected) {
            (None, None) => self.count += 1,
            (Some(found), Some(expected)) => self.value(name, found, expected, MOMENT),
            _ => self
                .over
                .push(format!("{name}: {found:?}, not {expected:?}")),
        }
    }

    fn quantiles(&mut self, name: &str, found: impl Fn(f64) -> f64, expected: &Quantiles) {
        for (p, q) in expected.all() {
            self.value(format!("{name}, quantile {p}"), found(p), q, QUANTILE);
        }
    }

    fn assert_none(&self) {
        println!(
            "{} values; worst {:.1e} of what is allowed ({})",
            self.count, self.worst.0, self.worst.1
        );
        assert!(self.over.is_empty(), "{}", self.over.join("\n"));
    }
}

impl Case {
    fn all() -> Vec<Self> {
        let golden: Golden =
            serde_json::from_str(include_str!("../golden/exact_posterior.json")).unwrap();
        assert!(golden.cases.len() >= 9);
        golden.cases
    }

    fn means(&self) -> Vec<f64> {
        self.fks
            .iter()
            .map(|fk| optional(fk.mean.as_ref()))
            .collect()
    }

    fn hierarchy(&self) -> fkbayes::model::Hierarchy {
        let fks: Vec<(u64, f64, f64)> = self
            .fks
            .iter()
            .map(|fk| {
                (
                    fk.n,
                    optional(fk.mean.as_ref()),
                    optional(fk.sum_sq.as_ref()),
                )
            })
            .collect();
        let noise = match &self.noise {
            GivenNoise::Known { sigma2_obs } => Noise::known(number(sigma2_obs)),
            GivenNoise::Sampled { c0, d0 } => Noise::sampled(number(c0), number(d0)),
        };
        let prior = (number(&self.prior.a0), number(&self.prior.b0));
        hierarchy(&scores(&fks), noise.unwrap(), Some(prior))
    }
}

#[test]
fn posterior_equals_the_reference() {
    let mut differences = Differences::default();
    for case in Case::all() {
        let name = &case.name;
        let exact = ExactPosterior::new(&case.hierarchy()).unwrap();
        let t = &case.exact.sigma2_fk;
        differences.moment(
            format!("{name}: mean of σ²_FK"),
            exact.sigma2_fk().mean,
            t.mean,
        );
        differences.moment(format!("{name}: sd of σ²_FK"), exact.sigma2_fk().sd, t.sd);
        differences.quantiles(
            &format!("{name}: σ²_FK"),
            |p| exact.sigma2_fk_quantile(p),
            &t.quantiles,
        );
        for (p, q) in t.quantiles.all() {
            let label = format!("{name}: F(σ²_FK) at {p}");
            differences.value(label, exact.sigma2_fk_cdf(q), p, QUANTILE);
        }
        assert_eq!(
            exact.sigma2_obs().is_some(),
            case.exact.sigma2_obs.is_some()
        );
        match &case.exact.sigma2_obs {
            Some(noise) => {
                let found = exact.sigma2_obs().unwrap();
                differences.moment(format!("{name}: mean of σ²_obs"), found.mean, noise.mean);
                differences.moment(format!("{name}: sd of σ²_obs"), found.sd, noise.sd);
                differences.quantiles(
                    &format!("{name}: σ²_obs"),
                    |p| exact.sigma2_obs_quantile(p).unwrap(),
                    &noise.quantiles,
                );
            }
            // λ falls as σ²_FK rises.
            None => differences.quantiles(
                &format!("{name}: λ"),
                |p| case.plugin.sigma2_obs / exact.sigma2_fk_quantile(1.0 - p),
                &case.exact.lambda,
            ),
        }
    }
    differences.assert_none();
}

#[test]
fn importances_equal_the_reference() {
    let mut differences = Differences::default();
    for case in Case::all() {
        let exact = ExactPosterior::new(&case.hierarchy()).unwrap();
        for (k, (alpha, mean)) in case.exact.alpha.iter().zip(case.means()).enumerate() {
            let name = |what: &str| format!("{}: {what} of α{k}", case.name);
            let moments = exact.moments(k);
            let of_mean = mean * mean * moments.shrinkage_variance;
            for (what, found, expected) in [
                ("mean", Some(exact.alpha_mean(k, mean)), Some(alpha.mean)),
                ("variance", exact.alpha_variance(k, mean), alpha.variance),
                (
                    "E[V]",
                    moments.conditional_variance,
                    alpha.expected_conditional,
                ),
                ("Var[μ]", Some(of_mean), Some(alpha.variance_of_mean)),
                (
                    "E[B]",
                    Some(moments.shrinkage),
                    Some(alpha.expected_shrinkage),
                ),
            ] {
                differences.moment(name(what), found, expected);
            }
            differences.quantiles(
                &name("quantiles"),
                |p| exact.alpha_quantile(k, mean, p),
                &alpha.quantiles,
            );
            let p_positive = 1.0 - exact.alpha_cdf(k, mean, 0.0);
            differences.value(name("P(> 0)"), p_positive, alpha.p_positive, QUANTILE);
        }
    }
    differences.assert_none();
}

#[test]
fn plugin_equals_the_reference() {
    let mut differences = Differences::default();
    for case in Case::all() {
        let (name, plugin) = (&case.name, &case.plugin);
        let hierarchy = case.hierarchy();
        let found = empirical_bayes(&hierarchy);
        assert_eq!(found.at_boundary(), plugin.at_boundary, "{name}");
        for (what, found, expected) in [
            ("σ²_obs", hierarchy.sigma2_obs, plugin.sigma2_obs),
            ("estimate", found.sigma2_fk, plugin.sigma2_fk),
            ("se", found.se, plugin.se),
        ] {
            differences.value(format!("{name}: {what}"), found, expected, MOMENT);
        }
        for (k, mean) in case.means().into_iter().enumerate() {
            let s = hierarchy.sampling_variance(k, hierarchy.sigma2_obs);
            let given = conditional(found.sigma2_fk, s, mean);
            let name = |what: &str| format!("{name}: {what} of α{k}");
            differences.value(
                name("V"),
                given.variance,
                plugin.conditional_variance[k],
                MOMENT,
            );
            differences.value(name("μ"), given.mean, plugin.conditional_mean[k], MOMENT);
        }
    }
    differences.assert_none();
}
