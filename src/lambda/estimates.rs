//! Every estimate of λ that needs no posterior, with its interval.

use super::intervals::{Interval, profile_interval, q_profile_interval};
use super::moments::{anova, moments_about_zero};
use crate::data::Data;
use crate::model::{Hierarchy, Location, Model, Noise};
use crate::numeric::finite;
use crate::posterior::{
    LambdaPosterior, empirical_bayes, empirical_bayes_normal, log_marginal, log_marginal_student_t,
};
use serde::Serialize;

/// One estimate of λ, with a 90 % interval; what does not exist is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// `marginal-ml`, `moments`, `anova`, `reml` or `posterior`.
    pub method: &'static str,
    /// λ̂ = σ²_obs/σ̂²_FK, of the posterior the median; none where σ̂²_FK = 0 or noise differs between
    /// FKs.
    pub lambda: Option<f64>,
    /// Lower end of its interval.
    pub q5: Option<f64>,
    /// Upper end; none where it is infinite, as σ²_FK = 0 is not excluded.
    pub q95: Option<f64>,
    /// E[λ | y] where it exists; of the posterior only.
    pub mean: Option<f64>,
    /// σ̂²_FK, in squared score units; of the posterior the median.
    pub sigma2_fk: Option<f64>,
    /// Lower end of its interval.
    pub sigma2_fk_q5: Option<f64>,
    /// Upper end.
    pub sigma2_fk_q95: Option<f64>,
    /// Whether σ̂²_FK is 0: no finite λ then.
    pub at_boundary: bool,
    /// What the interval is: `profile likelihood`, `Q-profile`, `exact posterior` or `draws`.
    pub interval: Option<&'static str>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// An estimate that does not apply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Which.
    pub method: &'static str,
    /// Why.
    pub why: String,
}

impl Estimate {
    /// From σ̂²_FK and its interval; `sigma2_obs` is the common noise variance where there is one.
    fn of(
        method: &'static str,
        sigma2_obs: Option<f64>,
        sigma2_fk: f64,
        (kind, interval): (&'static str, Option<Interval>),
    ) -> Self {
        let lambda = |t: f64| finite(sigma2_obs? / t);
        Self {
            method,
            lambda: lambda(sigma2_fk),
            q5: interval.and_then(|interval| lambda(interval.high)),
            q95: interval.and_then(|interval| lambda(interval.low)),
            mean: None,
            sigma2_fk: Some(sigma2_fk),
            sigma2_fk_q5: interval.map(|interval| interval.low),
            sigma2_fk_q95: interval.map(|interval| interval.high),
            at_boundary: sigma2_fk == 0.0,
            interval: interval.map(|_| kind),
            note: None,
        }
    }

    fn by_moments(
        method: &'static str,
        sigma2_obs: Option<f64>,
        sigma2_fk: f64,
        interval: Option<Interval>,
    ) -> Self {
        let note = match interval {
            None => Some(TOO_CLOSE),
            Some(Interval { low, high }) if (low..=high).contains(&sigma2_fk) => None,
            Some(_) => Some(ASTRAY),
        };
        Self::of(method, sigma2_obs, sigma2_fk, (Q_PROFILE, interval)).noting(note)
    }

    fn noting(mut self, note: Option<&str>) -> Self {
        self.note = note.map(str::to_owned);
        self
    }

    /// Of the exact posterior: quantiles of σ²_FK, and of λ where noise is common.
    #[must_use]
    pub fn of_posterior(sigma2_fk: [Option<f64>; 3], lambda: Option<&LambdaPosterior>) -> Self {
        let quantile = |p| lambda?.quantile(p);
        Self::of_quantiles(
            sigma2_fk,
            [0.05, 0.5, 0.95].map(quantile),
            lambda.and_then(LambdaPosterior::mean),
            "exact posterior",
        )
    }

    /// From 5 %, 50 % and 95 % quantiles of σ²_FK and of λ.
    #[must_use]
    pub fn of_quantiles(
        [t5, t50, t95]: [Option<f64>; 3],
        [q5, q50, q95]: [Option<f64>; 3],
        mean: Option<f64>,
        interval: &'static str,
    ) -> Self {
        Self {
            method: "posterior",
            lambda: q50,
            q5,
            q95,
            mean,
            sigma2_fk: t50,
            sigma2_fk_q5: t5,
            sigma2_fk_q95: t95,
            at_boundary: false,
            interval: Some(interval),
            note: None,
        }
    }
}

const PROFILE: &str = "profile likelihood";
const Q_PROFILE: &str = "Q-profile";
/// A moment estimate outside its interval.
const ASTRAY: &str = "outside the interval: weights 1/s hang on the FKs with the least noise";
/// The interval of a moment estimate is empty.
const TOO_CLOSE: &str = "no interval: the means lie closer together than their noise alone would have \
                         them in 95 % of cases";

/// Marginal maximum likelihood, moments about zero, analysis of variance about the grand mean and
/// restricted maximum likelihood, and those that do not apply; at the noise's point value.
#[must_use]
pub fn estimates(hierarchy: &Hierarchy) -> (Vec<Estimate>, Vec<LeftOut>) {
    let sigma2_obs = hierarchy.common_noise.then_some(hierarchy.sigma2_obs);
    let mut found = vec![marginal(hierarchy, sigma2_obs)];
    if hierarchy.nu().is_some() {
        let why =
            "rests on variances, and under Student-t importances sigma2_fk is a squared scale";
        let left_out = ["moments", "anova", "reml"].map(|method| LeftOut {
            method,
            why: why.to_owned(),
        });
        return (found, left_out.to_vec());
    }
    let noise = hierarchy.sigma2_obs;
    let about_zero = hierarchy.evidence.about(Location::Zero);
    let t = moments_about_zero(&about_zero, noise);
    let interval = q_profile_interval(&about_zero, noise);
    found.push(Estimate::by_moments("moments", sigma2_obs, t, interval));
    let about_mean = hierarchy.evidence.about(Location::Flat);
    let Some(t) = anova(&about_mean, noise) else {
        let left_out = ["anova", "reml"].map(|method| LeftOut {
            method,
            why: "needs two foreign keys with scores".to_owned(),
        });
        return (found, left_out.to_vec());
    };
    let interval = q_profile_interval(&about_mean, noise);
    found.push(Estimate::by_moments("anova", sigma2_obs, t, interval));
    let t = empirical_bayes_normal(&about_mean, noise).sigma2_fk;
    let interval = profile_interval(&about_mean, noise, t, |t| {
        log_marginal(&about_mean, t, noise)
    });
    found.push(Estimate::of(
        "reml",
        sigma2_obs,
        t,
        (PROFILE, Some(interval)),
    ));
    (found, Vec::new())
}

/// The estimate on which the plug-in formula rests.
fn marginal(hierarchy: &Hierarchy, sigma2_obs: Option<f64>) -> Estimate {
    let (evidence, noise) = (&hierarchy.evidence, hierarchy.sigma2_obs);
    let t = empirical_bayes(hierarchy).sigma2_fk;
    let profile =
        |likelihood: &dyn Fn(f64) -> f64| Some(profile_interval(evidence, noise, t, likelihood));
    let (interval, note) = match (hierarchy.nu(), evidence.location()) {
        (None, Location::Zero) => (profile(&|t| log_marginal(evidence, t, noise)), None),
        (None, Location::Flat) => (
            profile(&|t| log_marginal(evidence, t, noise)),
            Some("the location is integrated out: the same as reml"),
        ),
        (Some(nu), Location::Zero) => (profile(&log_marginal_student_t(hierarchy, nu)), None),
        (Some(_), Location::Flat) => (
            None,
            Some("no interval: Student-t importances about an unknown location"),
        ),
    };
    Estimate::of("marginal-ml", sigma2_obs, t, (PROFILE, interval)).noting(note)
}

/// The λ that one noise variance for all FKs would have given: marginal maximum likelihood under
/// pooled noise; `None` where noise cannot be pooled, or at σ̂²_FK = 0.
#[must_use]
pub fn common_lambda(model: &Model, data: &Data) -> Option<f64> {
    let pooled = Model {
        hyperprior: None,
        noise: Noise::Pooled,
        ..model.clone()
    };
    let hierarchy = Hierarchy::resolve(&pooled, data).ok()?;
    finite(hierarchy.sigma2_obs / empirical_bayes(&hierarchy).sigma2_fk)
}
