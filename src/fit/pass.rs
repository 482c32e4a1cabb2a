//! One pass over the draws of all parameters: blocks of them are read in turn, the parameters of a
//! block are summarised in parallel.

mod found;
mod own_noise;

use super::assess::Run;
use crate::Error;
use crate::data::ForeignKey;
use crate::diagnostics::{Comparisons, Workspace};
use crate::draws::{Columns, DrawsSource, importance_of};
use crate::model::Role;
use crate::numeric::finite;
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes};
use crate::sampler::keyed_stream;
use crate::summary::{ExistingMoments, Ranking, Ranks, RanksWanted, Summary, summarise};
use crate::variance::{
    Compared, Conditionals, Decomposition, Expansion, HyperparameterDraws, Unstored, VarianceDraws,
    Variances, compare, plugin_interval,
};
use found::{Found, Importance, Parameter};
use ndarray::{Array2, Array3, ArrayView2, Axis};
use own_noise::{OwnNoise, noise_columns, noise_owners};
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

/// Draws held at a time, in values (64 MiB), or those of one parameter where that is more.
const BLOCK: usize = 8 << 20;

/// Normal distribution functions, two per FK and node, that a second affords.
const AFFORDABLE: usize = 10_000_000;

/// What every parameter is judged by.
pub(super) struct Pass<'a> {
    run: &'a Run<'a>,
    exact: Option<&'a ExactPosterior>,
    columns: &'a Columns,
    /// For each FK of the input, the column of its own noise variance; of none where none has one.
    noise_columns: Vec<Option<usize>>,
    /// For each such column, the place of its FK in the hierarchy.
    noise_owners: HashMap<usize, usize>,
    variances: VarianceDraws,
    /// Empty: which draws it takes.
    ranking: Ranking,
    /// Where not all importances are stored.
    unstored: Option<Unstored>,
    pub estimate: EmpiricalBayes,
    expansion: Option<Expansion>,
    /// Whether the coverage of the plug-in's intervals can be had for all FKs in about a second.
    affordable_coverage: bool,
}

impl<'a> Pass<'a> {
    pub fn new(
        run: &'a Run<'a>,
        draws: &'a impl DrawsSource,
        exact: Option<&'a ExactPosterior>,
    ) -> Result<Self, Error> {
        let hierarchy = run.hierarchy;
        let fks = run.data.fks();
        let noise_columns = noise_columns(fks, draws.columns());
        let variances = VarianceDraws::new(hierarchy, hyperparameter_draws(draws)?);
        let all = draws.columns().are_complete();
        let ranking = if all {
            Ranking::new(fks.len(), variances.total())
        } else {
            Ranking::sparing(fks.len(), variances.total())
        };
        let unstored = (!all).then(|| Unstored::new(hierarchy, &variances, ranking.chosen()));
        Ok(Self {
            run,
            exact,
            ranking,
            unstored,
            columns: draws.columns(),
            noise_owners: noise_owners(&noise_columns, &hierarchy.roles),
            noise_columns,
            variances,
            estimate: empirical_bayes(hierarchy),
            expansion: Expansion::new(hierarchy),
            affordable_coverage: exact
                .is_some_and(|exact| exact.nodes().saturating_mul(fks.len()) <= AFFORDABLE),
        })
    }

    pub fn read_all(&self, draws: &impl DrawsSource) -> Result<Found, Error> {
        let fks = self.run.data.fks().len();
        let hyperparameters = self.columns.hyperparameters();
        let mut found = Found::with_room(fks, &self.ranking);
        let importances = hyperparameters..self.columns.len();
        for range in blocks(0..importances.start, self.variances.total()) {
            let block = draws.block(range.clone())?;
            found.take_hyperparameters(in_parallel(&block, |workspace, i, values| {
                self.hyperparameter(workspace, range.start + i, values)
            }));
        }
        let stored: Vec<usize> = self.columns.importances().collect();
        let mut next = 0;
        for range in blocks(importances.clone(), self.variances.total()) {
            let stored = &stored[range.start - importances.start..range.end - importances.start];
            let block = draws.block(range)?;
            let own_noise = OwnNoise::read(self, draws, stored)?;
            let end = stored.last().map_or(next, |last| last + 1);
            // Where each importance stands in the block, or what is known of one that has no draws.
            let place = |fk: usize| match &self.unstored {
                None => Ok(fk - next),
                Some(unstored) => stored.binary_search(&fk).map_err(|_| unstored),
            };
            found.take(next..end, |workspace, fk| match place(fk) {
                Ok(i) => self.importance(workspace, fk, &own_noise, block.index_axis(Axis(0), i)),
                Err(unstored) => self.without_draws(fk, unstored),
            });
            found.ranking.push_all(&block);
            next = end;
        }
        if let Some(unstored) = &self.unstored {
            found.take(next..fks, |_, fk| self.without_draws(fk, unstored));
        }
        Ok(found)
    }

    /// Ranks of all FKs, given the importances that were `taken`, and P(α > 0) of each FK.
    pub fn rank(&self, taken: &Ranking, p_positive: &[f64], wanted: RanksWanted) -> Vec<Ranks> {
        match &self.unstored {
            None => taken.ranks(p_positive, wanted),
            Some(unstored) => taken.ranks_with(p_positive, wanted, |draw, values| {
                self.draw_others(unstored, (draw, taken.taken(draw)), values);
            }),
        }
    }

    /// Every importance in one of the draws that enter the ranking: as stored, or drawn again given the shared
    /// parameters.
    fn draw_others(
        &self,
        unstored: &Unstored,
        (draw, stored): (usize, &[f64]),
        values: &mut Vec<f64>,
    ) {
        let hierarchy = self.run.hierarchy;
        let mut rng = keyed_stream(&[self.run.metadata.sampler.seed, draw as u64]);
        unstored.draw(hierarchy, self.run.data, draw, &mut rng, values);
        let center = self.center();
        values.iter_mut().for_each(|value| *value += center);
        if values.len() < hierarchy.roles.len() {
            values.resize(hierarchy.roles.len(), 0.0);
            // From the end, as no FK has a place in the hierarchy behind that in the input.
            for (fk, role) in hierarchy.roles.iter().enumerate().rev() {
                values[fk] = match *role {
                    Role::InHierarchy(k) => values[k],
                    Role::SetAside { value } => value,
                };
            }
        }
        for (fk, value) in self.columns.importances().zip(stored) {
            values[fk] = *value;
        }
    }

    /// An importance whose draws are not stored.
    fn without_draws(&self, fk: usize, unstored: &Unstored) -> Importance {
        match self.run.hierarchy.roles[fk] {
            Role::InHierarchy(k) => self.known((&self.run.data.fks()[fk], k), unstored),
            Role::SetAside { value } => set_aside(value, Summary::constant(value)),
        }
    }

    /// An importance of the hierarchy by the draws of the shared parameters.
    fn known(&self, fk: (&ForeignKey, usize), unstored: &Unstored) -> Importance {
        let hierarchy = self.run.hierarchy;
        let moments = ExistingMoments::by(|r| hierarchy.has_importance_moment(fk.1, r));
        let center = self.center();
        let known = unstored.importance(hierarchy, fk);
        let quantiles = known.quantiles.map(|q| finite(center + q));
        let mean = finite(center + known.mean).filter(|_| moments.mean);
        let sd = finite(known.decomposition.full().sqrt()).filter(|_| moments.variance);
        Importance {
            variance: self.variances_of(fk, known.decomposition, moments, quantiles),
            summary: Summary::known(mean, sd, quantiles),
            comparisons: Comparisons::default(),
            p_positive: known.p_positive,
        }
    }

    fn center(&self) -> f64 {
        self.run.hierarchy.evidence.center()
    }

    fn hyperparameter(
        &self,
        workspace: &mut Workspace,
        column: usize,
        values: ArrayView2<'_, f64>,
    ) -> Parameter {
        let hierarchy = self.run.hierarchy;
        let name = self.columns.names()[column].as_str();
        let owner = self.noise_owners.get(&column).copied();
        let moments = match (name, owner) {
            (_, Some(k)) => ExistingMoments::by(|r| hierarchy.has_own_noise_moment(k, r)),
            ("sigma2_fk", _) => ExistingMoments::by(|r| hierarchy.has_moment(r)),
            ("sigma2_obs", _) => ExistingMoments::by(|r| hierarchy.has_noise_moment(r)),
            ("lambda", _) => ExistingMoments::by(|r| hierarchy.has_lambda_moment(r)),
            ("location", _) => ExistingMoments::by(|r| hierarchy.has_location_moment(r)),
            _ => ExistingMoments::ALL,
        };
        let mut comparisons = Comparisons::default();
        if let Some(u) = self.uniforms(name, values) {
            comparisons.uniform(workspace, name, u);
        }
        let log_noise = self
            .exact
            .zip(owner)
            .and_then(|(exact, k)| exact.log_own_noise(k));
        if let Some((mean, _)) = log_noise {
            let logs = values.mapv(f64::ln);
            comparisons.mean(workspace, &format!("log {name}"), &logs, mean);
        }
        Parameter {
            summary: summarise(values, moments, workspace).named(name.to_owned()),
            comparisons,
        }
    }

    /// Draws of a hyperparameter through the distribution function that they should have; `None` where
    /// it is not known.
    fn uniforms(&self, name: &str, values: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        let exact = self.exact?;
        let through = |cdf: &dyn Fn(f64) -> Option<f64>| {
            cdf(values.first().copied()?)?;
            Some(values.mapv(|x| cdf(x).unwrap_or(f64::NAN)))
        };
        match name {
            "sigma2_fk" => through(&|t| Some(exact.sigma2_fk_cdf(t))),
            "sigma2_obs" => through(&|v| exact.sigma2_obs_cdf(v)),
            "d0" => through(&|d0| exact.d0_cdf(d0)),
            "location" => through(&|m| exact.location_cdf(m))
                .or_else(|| self.variances.uniforms_of_location(values, self.center())),
            _ => None,
        }
    }

    fn importance(
        &self,
        workspace: &mut Workspace,
        index: usize,
        own_noise: &OwnNoise,
        values: ArrayView2<'_, f64>,
    ) -> Importance {
        match self.run.hierarchy.roles[index] {
            Role::InHierarchy(k) => {
                let s = own_noise.sampling_variances(self, index, k);
                self.member(workspace, (&self.run.data.fks()[index], k), s, values)
            }
            Role::SetAside { value } => {
                set_aside(value, summarise(values, ExistingMoments::ALL, workspace))
            }
        }
    }

    /// An importance of the hierarchy; `s` holds draws of the sampling variance of its mean score.
    fn member(
        &self,
        workspace: &mut Workspace,
        (fk, k): (&ForeignKey, usize),
        s: Array2<f64>,
        values: ArrayView2<'_, f64>,
    ) -> Importance {
        let hierarchy = self.run.hierarchy;
        let mean = fk.sample.mean().unwrap_or(0.0);
        let moments = ExistingMoments::by(|r| hierarchy.has_importance_moment(k, r));
        let summary = summarise(values, moments, workspace);
        let center = self.center();
        let about = hierarchy.evidence.about_center(k, mean);
        let given: Conditionals<'_> = self.variances.conditionals(s, about);
        let mut comparisons = Comparisons::default();
        if self.exact.is_some() {
            let name = importance_of(&fk.name);
            comparisons.uniform(workspace, &name, given.uniforms(values, center));
        }
        let decomposition = given.decompose(workspace);
        let quantiles = summary.quantiles();
        Importance {
            variance: self.variances_of((fk, k), decomposition, moments, quantiles),
            summary,
            comparisons,
            p_positive: given.p_positive(-center),
        }
    }

    fn variances_of(
        &self,
        (fk, k): (&ForeignKey, usize),
        decomposition: Decomposition,
        moments: ExistingMoments,
        [q5, _, q95]: [Option<f64>; 3],
    ) -> Variances {
        let hierarchy = self.run.hierarchy;
        let mean = fk.sample.mean().unwrap_or(0.0);
        let compared = Compared {
            mean: fk.sample.mean(),
            sampling_variance: hierarchy.sampling_variance(k, hierarchy.sigma2_obs),
            decomposition,
            moments: (moments.variance, moments.fourth),
            interval: (q5, q95),
            plugin: plugin_interval(hierarchy, &self.estimate, k, mean),
            at_boundary: self.estimate.at_boundary(),
            corrected: self
                .expansion
                .and_then(|expansion| expansion.variance(hierarchy, k, mean)),
        };
        compare(compared, k, self.exact, self.affordable_coverage)
    }
}

/// An FK that was set aside, with its importance.
fn set_aside(value: f64, summary: Summary) -> Importance {
    Importance {
        summary,
        comparisons: Comparisons::default(),
        variance: Variances::set_aside(),
        p_positive: if value > 0.0 { 1.0 } else { 0.0 },
    }
}

/// A range of parameters in parts that fit into memory.
fn blocks(range: Range<usize>, draws: usize) -> impl Iterator<Item = Range<usize>> {
    let most = (BLOCK / draws.max(1)).max(1);
    range
        .clone()
        .step_by(most)
        .map(move |first| first..(first + most).min(range.end))
}

/// Applies `f` to every parameter of a block; the results are in its order.
fn in_parallel(
    block: &Array3<f64>,
    f: impl Fn(&mut Workspace, usize, ArrayView2<'_, f64>) -> Parameter + Sync,
) -> Vec<Parameter> {
    (0..block.len_of(Axis(0)))
        .into_par_iter()
        .map_init(Workspace::default, |workspace, i| {
            f(workspace, i, block.index_axis(Axis(0), i))
        })
        .collect()
}

/// The draws on which the Rao-Blackwellised figures rest.
fn hyperparameter_draws(draws: &impl DrawsSource) -> Result<HyperparameterDraws, Error> {
    let read =
        |p: usize| -> Result<_, Error> { Ok(draws.block(p..p + 1)?.index_axis_move(Axis(0), 0)) };
    let optional = |name: &str| draws.columns().position(name).map(read).transpose();
    Ok(HyperparameterDraws {
        sigma2_fk: read(0)?,
        sigma2_obs: optional("sigma2_obs")?,
        location: optional("location")?,
        d0: optional("d0")?,
    })
}
