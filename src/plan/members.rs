//! The FKs of the hierarchy, as planning sees them.

use crate::Error;
use crate::data::{Data, FkStats, ForeignKey, Sample};
use crate::model::{Hierarchy, NoiseVariance, Role};
use crate::numeric::median;
use crate::posterior::{FkNoise, Given, Hyperparameters, Law};

/// Pairs of an FK's variances of less probability than this, at a point, do not count.
const LIGHT: f64 = 1e-5;

/// One FK of the hierarchy as planning sees it.
#[derive(Debug, Clone)]
pub(super) struct Fk {
    /// Its place in the input.
    pub input: usize,
    /// Its scores, their mean about the evidence's centre.
    pub scores: FkStats,
    pub noise: FkNoise,
    /// Given each point of the shared parameters.
    pub now: Vec<Given>,
}

/// The importances of FKs whose scores never vary, about the evidence's centre.
pub(super) fn constants(hierarchy: &Hierarchy) -> Vec<f64> {
    let center = hierarchy.evidence.center();
    let values = hierarchy.roles.iter().filter_map(|role| match role {
        Role::SetAside { value } => Some(value - center),
        Role::InHierarchy(_) => None,
    });
    values.collect()
}

/// The others, in input order.
///
/// # Errors
/// If an FK has a standard error without a number of scores.
pub(super) fn members(
    data: &Data,
    hierarchy: &Hierarchy,
    law: &Law,
    points: &[(Hyperparameters, f64)],
) -> Result<Vec<Fk>, Error> {
    let own = own_noise(data, hierarchy)?;
    let spreads: Vec<f64> = own.iter().flatten().copied().filter(|v| *v > 0.0).collect();
    let borrowed = median(&spreads);
    let members = data.fks().iter().zip(&hierarchy.roles).enumerate();
    let members = members.filter_map(|(input, (fk, role))| match *role {
        Role::InHierarchy(k) => Some((input, fk, k)),
        Role::SetAside { .. } => None,
    });
    let fks = members.map(|(input, fk, k)| {
        let scores = about_center(hierarchy, k, fk);
        let noise = match (hierarchy.common_noise, hierarchy.noise) {
            (true, _) | (false, NoiseVariance::PerFk { .. }) => law.noise_at(scores.n()),
            // An FK without scores borrows what is typical of the others.
            (false, _) => FkNoise::Fixed(own[input].or(borrowed).unwrap_or(f64::NAN)),
        };
        Fk {
            input,
            now: points
                .iter()
                .map(|(at, _)| law.given(at, &noise, &scores))
                .collect(),
            scores,
            noise,
        }
    });
    Ok(fks.collect())
}

/// The variance of one score where it is known of each FK on its own, in input order.
fn own_noise(data: &Data, hierarchy: &Hierarchy) -> Result<Vec<Option<f64>>, Error> {
    let of = |fk: &ForeignKey| match (fk.sample, hierarchy.common_noise) {
        (_, true) => Ok(None),
        (Sample::Scores(stats), false) => Ok(stats.variance()),
        (Sample::Estimate { n: Some(n), se, .. }, false) if n > 0 => Ok(Some(se * se * n as f64)),
        (Sample::Estimate { .. }, false) => Err(Error::Unfit(format!(
            "FK '{}' has a standard error but no number of scores, so what one more permutation \
             would add is unknown; add a column n",
            fk.name
        ))),
    };
    data.fks().iter().map(of).collect()
}

fn about_center(hierarchy: &Hierarchy, k: usize, fk: &ForeignKey) -> FkStats {
    let (n, mean, sum_sq) = match fk.sample {
        Sample::Scores(stats) => (stats.n(), stats.mean(), stats.sum_sq()),
        Sample::Estimate { n, mean, .. } => (n.unwrap_or(0), Some(mean), 0.0),
    };
    let mean = mean.map_or(0.0, |mean| hierarchy.evidence.about_center(k, mean));
    FkStats::from_parts(n, mean, sum_sq)
}

/// What the variances of one FK may be.
#[derive(Debug, Clone)]
pub(super) struct Pairs {
    /// (probability, σ²_FK ω_k, σ²_obs,k).
    pub all: Vec<(f64, f64, f64)>,
    /// Mean of the last.
    pub noise: f64,
}

impl Pairs {
    /// Over all points; those that hardly count are left out, but for the mean.
    pub fn new(law: &Law, points: &[(Hyperparameters, f64)], fk: &Fk) -> Self {
        let (mut all, mut mean) = (Vec::new(), 0.0);
        for (at, weight) in points {
            for one in law.posterior_scales(at, &fk.noise, &fk.scores) {
                mean += weight * one.weight * one.noise;
                if one.weight > LIGHT {
                    all.push((weight * one.weight, one.t, one.noise));
                }
            }
        }
        let total: f64 = all.iter().map(|pair| pair.0).sum();
        for pair in &mut all {
            pair.0 /= total;
        }
        Self { all, noise: mean }
    }
}
