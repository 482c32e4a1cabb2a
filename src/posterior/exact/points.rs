//! The posterior of the shared parameters as a few weighted points: what planning updates thousands of
//! times.

use super::grouped::Grouped;
use super::{ExactPosterior, Hyperparameters, Kind};
use crate::model::Location;
use crate::numeric::normal_quantile;
use crate::posterior::location_given;

/// Nodes of less probability are left out of a line: what they weigh together is of the same order.
const LIGHT: f64 = 1e-9;
/// So many times as many nodes of a line are not many more.
const LINE: usize = 3;

/// 1/g and 1/g² with g³ = g + 1: their multiples, modulo 1, fill the unit square evenly, as those of the
/// golden section fill a line.
const EVENLY: [f64; 2] = [0.754_877_666_246_692_7, 0.569_840_290_998_053_2];

impl ExactPosterior {
    /// Values of the shared parameters with probabilities that sum to 1: `most` of them, evenly spread
    /// over the distribution and all of the same probability; but the nodes of the quadrature, which are
    /// exact, where σ²_FK alone is unknown and they are not many more.
    ///
    /// An unknown location is among the parameters of every point, about the evidence's centre.
    #[must_use]
    pub fn points(&self, most: usize) -> Vec<(Hyperparameters, f64)> {
        let line = match &self.kind {
            Kind::Grouped(grouped) => grouped.line(),
            Kind::OwnScales(own) => own.line(),
        };
        let points = match line {
            Some(nodes) if nodes.len() <= LINE * most => normalised(nodes),
            _ => self.spread_evenly(most),
        };
        points
            .iter()
            .map(|(at, weight)| (self.restored(at), *weight))
            .collect()
    }

    /// In the posterior's own unit.
    fn spread_evenly(&self, count: usize) -> Vec<(Hyperparameters, f64)> {
        let weight = 1.0 / count as f64;
        (0..count)
            .map(|i| {
                let u = (i as f64 + 0.5) * weight;
                let [v, w] = EVENLY.map(|step| (0.5 + step * i as f64).fract());
                let mut at = self.own_hyperparameters_at(u, v);
                if let Kind::Grouped(grouped) = &self.kind {
                    at.location = grouped.location_at(&at, w);
                }
                (at, weight)
            })
            .collect()
    }
}

impl Grouped {
    /// The nodes where σ²_FK is all that is unknown.
    fn line(&self) -> Option<Vec<(Hyperparameters, f64)>> {
        if self.evidence().location() == Location::Flat || self.sigma2_obs().is_some() {
            return None;
        }
        let slice = self.slices().first()?;
        let nodes = slice.nodes.iter().map(|node| {
            let at = Hyperparameters {
                sigma2_fk: node.t,
                sigma2_obs: slice.sigma2_obs,
                noise_scale: 0.0,
                location: 0.0,
            };
            (at, node.weight)
        });
        Some(nodes.collect())
    }

    /// The w-quantile of an unknown location given the variances; 0 where it is zero.
    fn location_at(&self, at: &Hyperparameters, w: f64) -> f64 {
        let given = location_given(self.evidence(), at.sigma2_fk, at.sigma2_obs);
        if given.variance == 0.0 {
            return 0.0;
        }
        given.mean + given.variance.sqrt() * normal_quantile(w)
    }
}

fn normalised(mut nodes: Vec<(Hyperparameters, f64)>) -> Vec<(Hyperparameters, f64)> {
    nodes.retain(|(_, weight)| *weight > LIGHT);
    let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut nodes {
        *weight /= total;
    }
    nodes
}
