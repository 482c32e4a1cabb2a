//! The posterior where FKs have scales of their own: sums over the nodes of a plane, and at each of
//! them over the nodes of every FK's scale.

use super::location::LocationPosterior;
use super::member::{Hyperparameters, Member, Second, location_scale};
use super::{GroupMoments, LambdaPosterior, Unavailable, VarianceMoments, lambda};
use crate::model::Hierarchy;
use crate::numeric::{
    CdfTable, Growth, Plane, PlaneFault, Region, Span, integrate, integrate_plane, normal_cdf,
};
use crate::posterior::mixed_cdf;
use rayon::prelude::*;

/// Nodes of scales that may be computed: what a second affords on two threads, as measured.
const AFFORDABLE: usize = 250_000_000;
/// Values of the density that one integral over the plane takes, and one over a line, as counted.
const TYPICAL: (usize, usize) = (16_000, 1500);
/// Log probabilities further than this below 1 contribute nothing in double precision.
const NEGLIGIBLE: f64 = 42.0;
/// Nodes of less probability are left out of distribution functions: together about a hundred times
/// as much, by which these are then off.
const LIGHT: f64 = 1e-10;

/// See [`ExactPosterior`](super::ExactPosterior), to which all methods belong.
#[derive(Debug, Clone)]
pub(super) struct OwnScales {
    member: Member,
    plane: Plane,
    /// The nodes that matter for a distribution function, and their probabilities.
    nodes: Vec<(Hyperparameters, f64)>,
    /// By place in the hierarchy.
    fks: Vec<FkMoments>,
    location: Option<LocationPosterior>,
    sigma2_fk: VarianceMoments,
    sigma2_obs: Option<VarianceMoments>,
    log_t: CdfTable,
    second: Option<CdfTable>,
}

/// Posterior moments of one FK's importance and of its noise.
#[derive(Debug, Clone, Copy)]
struct FkMoments {
    importance: GroupMoments,
    /// E and Var of log σ²_obs,k.
    log_noise: Option<(f64, f64)>,
}

impl OwnScales {
    pub fn new(member: Member) -> Result<Self, Unavailable> {
        let too_costly = Unavailable::TooManyFks { fks: member.k() };
        let budget = AFFORDABLE / member.cost().max(1);
        let typical = match member.second {
            Second::Nothing => TYPICAL.1,
            _ => TYPICAL.0,
        };
        if budget < typical {
            return Err(too_costly);
        }
        let plane = plane(&member, budget).map_err(|fault| match fault {
            PlaneFault::OverBudget => too_costly,
            PlaneFault::Unsettled => Unavailable::Unsettled,
        })?;
        let hierarchy = member.hierarchy();
        let sigma2_fk = VarianceMoments::of_nodes(
            || plane.nodes().map(|(log_t, _, w)| (log_t, w)),
            hierarchy.has_moment(1.0),
            hierarchy.has_moment(2.0),
        );
        let nodes = plane
            .nodes()
            .map(|(log_t, y, w)| (member.at(log_t, y), w.exp()))
            .filter(|(_, weight)| *weight >= LIGHT)
            .collect();
        let has_table = !matches!(member.second, Second::Nothing | Second::Location { .. });
        let location = LocationPosterior::of(&member, &plane);
        Ok(Self {
            fks: (0..member.k())
                .into_par_iter()
                .map(|k| fk_moments(&member, &plane, k, sigma2_fk, location.as_ref()))
                .collect(),
            sigma2_obs: sigma2_obs(&member, &plane),
            log_t: plane.first_cdf(),
            second: has_table.then(|| plane.second_cdf()),
            location,
            sigma2_fk,
            nodes,
            plane,
            member,
        })
    }

    pub fn hierarchy(&self) -> &Hierarchy {
        self.member.hierarchy()
    }

    pub fn sigma2_fk(&self) -> VarianceMoments {
        self.sigma2_fk
    }

    pub fn log_sigma2_fk_table(&self) -> &CdfTable {
        &self.log_t
    }

    /// Where noise is known in common, so that σ²_FK is all there is to λ.
    pub fn lambda(&self) -> Option<LambdaPosterior> {
        let hierarchy = self.hierarchy();
        if !hierarchy.common_noise || matches!(self.member.second, Second::Noise { .. }) {
            return None;
        }
        let log_noise = hierarchy.sigma2_obs.ln();
        let moments = VarianceMoments::of_nodes(
            || {
                self.plane
                    .nodes()
                    .map(|(log_t, _, w)| (log_noise - log_t, w))
            },
            hierarchy.has_lambda_moment(1.0),
            false,
        );
        let part = lambda::Part {
            probability: 1.0,
            log_noise,
            log_t: self.log_t.clone(),
        };
        Some(LambdaPosterior::new(moments.mean, vec![part]))
    }

    pub fn sigma2_obs(&self) -> Option<VarianceMoments> {
        self.sigma2_obs
    }

    pub fn log_sigma2_obs_table(&self) -> Option<&CdfTable> {
        match self.member.second {
            Second::Noise { .. } => self.second.as_ref(),
            _ => None,
        }
    }

    pub fn d0_cdf(&self, x: f64) -> Option<f64> {
        match self.member.second {
            Second::NoiseScale { .. } => Some(self.second.as_ref()?.cdf(x.ln())),
            _ => None,
        }
    }

    pub fn location_cdf(&self, m: f64) -> Option<f64> {
        let about_center = m - self.hierarchy().evidence.center();
        Some(self.location.as_ref()?.cdf.cdf(about_center))
    }

    pub fn location(&self) -> Option<(f64, Option<f64>)> {
        let location = self.location.as_ref()?;
        let mean = self.hierarchy().evidence.center() + location.mean;
        Some((mean, location.variance))
    }

    pub fn log_own_noise(&self, k: usize) -> Option<(f64, f64)> {
        self.fks[k].log_noise
    }

    pub fn moments(&self, k: usize) -> GroupMoments {
        self.fks[k].importance
    }

    /// P(α_k ≤ a | y), `a` about the evidence's centre.
    pub fn alpha_cdf(&self, k: usize, a: f64) -> f64 {
        let with_mixture = self.member.is_observed(k) || self.hierarchy().nu().is_some();
        let (mut total, mut below) = (0.0, 0.0);
        for (at, weight) in &self.nodes {
            let deviation = a - at.location;
            total += weight;
            below += weight
                * if with_mixture {
                    let term = self.member.term(k, at);
                    mixed_cdf(term.mean, deviation, term.components())
                } else {
                    normal_cdf(deviation / at.sigma2_fk.sqrt())
                };
        }
        below / total
    }

    /// The nodes where σ²_FK is all that is unknown.
    pub fn line(&self) -> Option<Vec<(Hyperparameters, f64)>> {
        (self.member.second == Second::Nothing).then(|| self.nodes.clone())
    }

    /// Normal distribution functions per distribution function of an importance, on average.
    pub fn nodes(&self) -> usize {
        let count = |at: &Hyperparameters| -> usize {
            (0..self.member.k())
                .map(|k| self.member.normals(k, at))
                .sum()
        };
        let all: usize = self.nodes.iter().map(|(at, _)| count(at)).sum();
        all.div_ceil(self.member.k().max(1))
    }

    /// The u-quantile of log σ²_FK, and the v-quantile of the second axis given that.
    pub fn hyperparameters_at(&self, u: f64, v: f64) -> Hyperparameters {
        let log_t = self.log_t.quantile(u);
        let second = match self.member.second {
            Second::Nothing => 0.0,
            _ => self.plane.second_cdf_given(log_t).quantile(v),
        };
        self.member.at(log_t, second)
    }

    /// The p-quantile of the FK's own scale given the shared parameters.
    pub fn own_scale_at(&self, k: usize, at: &Hyperparameters, p: f64) -> Option<f64> {
        if self.hierarchy().nu().is_none() && !self.member.is_observed(k) {
            return None;
        }
        let log_x = self.member.term(k, at).log_x_cdf().quantile(p);
        Some(self.member.own_scale(k, at) * log_x.exp())
    }
}

fn plane(member: &Member, budget: usize) -> Result<Plane, PlaneFault> {
    let hierarchy = member.hierarchy();
    let (first, second) = member.region();
    let existing = |has: &dyn Fn(f64) -> bool| -> Vec<f64> {
        [1.0, 2.0].into_iter().filter(|&r| has(r)).collect()
    };
    let powers_of_t = existing(&|r| hierarchy.has_moment(r));
    if member.second == Second::Nothing {
        let span = Span {
            low: first.0,
            high: first.1,
            powers: &powers_of_t,
        };
        let rule = integrate(|log_t| member.log_density(log_t, 0.0), span);
        return Ok(Plane::line(&rule.ok_or(PlaneFault::Unsettled)?));
    }
    let mut growths: Vec<Box<dyn Fn(f64, f64) -> f64 + Sync>> = Vec::new();
    for r in powers_of_t {
        growths.push(Box::new(move |log_t, _| r * log_t));
    }
    match member.second {
        Second::Noise { .. } => {
            for r in existing(&|r| hierarchy.has_noise_moment(r)) {
                growths.push(Box::new(move |_, y| r * y));
            }
        }
        Second::Location { unit } => {
            for r in existing(&|r| hierarchy.has_location_moment(r)) {
                // |m|^r without its kink.
                growths.push(Box::new(move |log_t, y: f64| {
                    r * (location_scale(log_t, unit).ln() + 0.5 * (1.0 + y * y).ln())
                }));
            }
        }
        Second::NoiseScale { .. } | Second::Nothing => {}
    }
    let growths: Vec<Growth<'_>> = growths.iter().map(|growth| growth.as_ref() as _).collect();
    let region = Region {
        first,
        second,
        growths: &growths,
        budget,
    };
    integrate_plane(|log_t, y| member.log_density(log_t, y), region)
}

fn sigma2_obs(member: &Member, plane: &Plane) -> Option<VarianceMoments> {
    let Second::Noise { .. } = member.second else {
        return None;
    };
    let hierarchy = member.hierarchy();
    Some(VarianceMoments::of_nodes(
        || plane.nodes().map(|(_, y, w)| (y, w)),
        hierarchy.has_noise_moment(1.0),
        hierarchy.has_noise_moment(2.0),
    ))
}

/// Sums over the plane for one FK. With R = 1 - B and D = R m the pull of an unknown location.
fn fk_moments(
    member: &Member,
    plane: &Plane,
    k: usize,
    sigma2_fk: VarianceMoments,
    location: Option<&LocationPosterior>,
) -> FkMoments {
    if !member.is_observed(k) {
        return FkMoments {
            importance: without_scores(member, k, sigma2_fk, location),
            log_noise: None,
        };
    }
    let mut sums = Sums::default();
    for (log_t, y, log_weight) in plane.nodes().filter(|node| node.2 > -NEGLIGIBLE) {
        let at = member.at(log_t, y);
        let given = member.term(k, &at).moments();
        let (weight, m) = (log_weight.exp(), at.location);
        let log_scale = member.own_scale(k, &at).ln();
        sums.rest += weight * given.rest;
        sums.rest_sq += weight * given.rest_sq;
        sums.pull += weight * given.rest * m;
        sums.pull_sq += weight * given.rest_sq * m * m;
        sums.product += weight * given.rest_sq * m;
        sums.variance += weight * given.variance;
        sums.log_scale += weight * (log_scale + given.log_x);
        sums.log_scale_sq +=
            weight * (log_scale * log_scale + 2.0 * log_scale * given.log_x + given.log_x_sq);
    }
    let exists = member.hierarchy().has_importance_moment(k, 2.0);
    FkMoments {
        importance: GroupMoments {
            shrinkage: 1.0 - sums.rest,
            shrinkage_variance: (sums.rest_sq - sums.rest * sums.rest).max(0.0),
            pull: sums.pull,
            pull_variance: (sums.pull_sq - sums.pull * sums.pull).max(0.0),
            covariance: sums.rest * sums.pull - sums.product,
            conditional_variance: exists.then_some(sums.variance),
        },
        log_noise: matches!(member.second, Second::NoiseScale { .. }).then_some((
            sums.log_scale,
            sums.log_scale_sq - sums.log_scale * sums.log_scale,
        )),
    }
}

#[derive(Default)]
struct Sums {
    rest: f64,
    rest_sq: f64,
    pull: f64,
    pull_sq: f64,
    product: f64,
    variance: f64,
    log_scale: f64,
    log_scale_sq: f64,
}

/// V = t, ν/(ν-2) times that for a Student-t; μ = m.
fn without_scores(
    member: &Member,
    k: usize,
    sigma2_fk: VarianceMoments,
    location: Option<&LocationPosterior>,
) -> GroupMoments {
    let hierarchy = member.hierarchy();
    let wider = hierarchy.nu().map_or(1.0, |nu| nu / (nu - 2.0));
    let exists = hierarchy.has_importance_moment(k, 2.0);
    GroupMoments {
        pull: location.map_or(0.0, |location| location.mean),
        pull_variance: location
            .and_then(|location| location.variance)
            .unwrap_or(0.0),
        conditional_variance: sigma2_fk.mean.map(|t| wider * t).filter(|_| exists),
        ..GroupMoments::default()
    }
}
