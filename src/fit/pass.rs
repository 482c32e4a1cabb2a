//! One pass over the draws of all parameters, block by block.

use super::assess::Run;
use crate::Error;
use crate::data::ForeignKey;
use crate::diagnostics::{Comparisons, Workspace};
use crate::draws::DrawsSource;
use crate::model::{Hierarchy, Role};
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes};
use crate::summary::{ExistingMoments, ParameterSummary, Ranking, summarise};
use crate::variance::{
    Compared, VarianceDraws, VarianceRow, compare, corrected_variances, plugin_interval,
};
use ndarray::{ArrayView2, Axis};

/// Draws held at a time, in values (64 MiB), or those of one parameter where that is more.
const BLOCK: usize = 8 << 20;

/// Normal distribution functions, two per FK and node, that a second affords.
const AFFORDABLE: usize = 10_000_000;

/// What is gathered on the way.
pub(super) struct Pass<'a> {
    run: &'a Run<'a>,
    exact: Option<&'a ExactPosterior>,
    variances: VarianceDraws,
    pub estimate: EmpiricalBayes,
    corrected: Vec<Option<f64>>,
    workspace: Workspace,
    /// Whether the coverage of the plug-in's intervals can be had for all FKs in about a second.
    affordable_coverage: bool,
    pub parameters: Vec<ParameterSummary>,
    pub variance: Vec<VarianceRow>,
    pub p_positive: Vec<f64>,
    pub ranking: Ranking,
    pub comparisons: Comparisons,
}

impl<'a> Pass<'a> {
    pub fn new(
        run: &'a Run<'a>,
        draws: &impl DrawsSource,
        exact: Option<&'a ExactPosterior>,
    ) -> Result<Self, Error> {
        let hierarchy = run.hierarchy;
        let fks = run.data.fks();
        let variances = variance_draws(hierarchy, draws)?;
        let total = variances.total();
        let members = fks.iter().zip(&hierarchy.roles);
        let means: Vec<f64> = members
            .filter(|(_, role)| matches!(role, Role::InHierarchy(_)))
            .map(|(fk, _)| fk.sample.mean().unwrap_or(0.0))
            .collect();
        Ok(Self {
            run,
            exact,
            variances,
            estimate: empirical_bayes(hierarchy),
            corrected: corrected_variances(hierarchy, &means),
            workspace: Workspace::default(),
            affordable_coverage: exact
                .is_some_and(|exact| exact.nodes().saturating_mul(fks.len()) <= AFFORDABLE),
            parameters: Vec::with_capacity(draws.columns().len()),
            variance: Vec::with_capacity(fks.len()),
            p_positive: Vec::with_capacity(fks.len()),
            ranking: Ranking::new(fks.len(), total),
            comparisons: Comparisons::default(),
        })
    }

    pub fn read_all(&mut self, draws: &impl DrawsSource) -> Result<(), Error> {
        let columns = draws.columns();
        let per_block = (BLOCK / self.variances.total().max(1)).max(1);
        let mut first = 0;
        while first < columns.len() {
            let end = (first + per_block).min(columns.len());
            let block = draws.block(first..end)?;
            for (p, values) in (first..end).zip(block.axis_iter(Axis(0))) {
                let name = &columns.names()[p];
                match p.checked_sub(columns.hyperparameters()) {
                    None => self.hyperparameter(name, values),
                    Some(fk) => self.importance(name, fk, values),
                }
            }
            first = end;
        }
        Ok(())
    }

    fn hyperparameter(&mut self, name: &str, values: ArrayView2<'_, f64>) {
        let hierarchy = self.run.hierarchy;
        let moments = match name {
            "sigma2_fk" => ExistingMoments::by(|r| hierarchy.has_moment(r)),
            "sigma2_obs" => ExistingMoments::by(|r| hierarchy.has_noise_moment(r)),
            "lambda" => ExistingMoments::by(|r| hierarchy.has_lambda_moment(r)),
            "location" => ExistingMoments::by(|r| hierarchy.has_importance_moment(false, r)),
            _ => ExistingMoments::ALL,
        };
        if let Some(exact) = self.exact {
            let u = match name {
                "sigma2_fk" => Some(values.mapv(|t| exact.sigma2_fk_cdf(t))),
                "sigma2_obs" => Some(values.mapv(|v| exact.sigma2_obs_cdf(v).unwrap_or(f64::NAN))),
                "location" => Some(self.variances.uniforms_of_location(values, self.center())),
                _ => None,
            };
            if let Some(u) = u {
                self.comparisons.uniform(&mut self.workspace, name, u);
            }
        }
        self.parameters
            .push(summarise(name, values, moments, &mut self.workspace));
    }

    fn center(&self) -> f64 {
        self.run.hierarchy.evidence.center()
    }

    fn importance(&mut self, name: &str, index: usize, values: ArrayView2<'_, f64>) {
        let run = self.run;
        let (fk, role) = (&run.data.fks()[index], run.hierarchy.roles[index]);
        if let Some(flat) = values.as_slice() {
            self.ranking.push(flat);
        }
        match role {
            Role::SetAside { value } => {
                let all = ExistingMoments::ALL;
                self.parameters
                    .push(summarise(name, values, all, &mut self.workspace));
                self.variance
                    .push(VarianceRow::set_aside(&fk.name, fk.sample.n(), value));
                self.p_positive.push(if value > 0.0 { 1.0 } else { 0.0 });
            }
            Role::InHierarchy(k) => self.member(name, fk, k, values),
        }
    }

    fn member(&mut self, name: &str, fk: &ForeignKey, k: usize, values: ArrayView2<'_, f64>) {
        let hierarchy = self.run.hierarchy;
        let unit_variance = hierarchy.sampling_variance(k, 1.0);
        let mean = fk.sample.mean().unwrap_or(0.0);
        let observed = unit_variance.is_finite();
        let moments = ExistingMoments::by(|r| hierarchy.has_importance_moment(observed, r));
        let summary = summarise(name, values, moments, &mut self.workspace);
        let center = self.center();
        let about = hierarchy.evidence.about_center(k, mean);
        let given = self.variances.conditionals(unit_variance, about);
        if self.exact.is_some() {
            let u = given.uniforms(values, center);
            self.comparisons.uniform(&mut self.workspace, name, u);
        }
        self.p_positive.push(given.p_positive(-center));
        let compared = Compared {
            fk: &fk.name,
            n: fk.sample.n(),
            mean: fk.sample.mean(),
            sampling_variance: hierarchy.sampling_variance(k, hierarchy.sigma2_obs),
            decomposition: given.decompose(&mut self.workspace),
            moments: (moments.variance, moments.fourth),
            interval: (summary.q5, summary.q95),
            plugin: plugin_interval(hierarchy, &self.estimate, k, mean),
            at_boundary: self.estimate.at_boundary(),
            corrected: self.corrected.get(k).copied().flatten(),
        };
        self.variance
            .push(compare(compared, k, self.exact, self.affordable_coverage));
        self.parameters.push(summary);
    }
}

/// The draws of the variances, on which the Rao-Blackwellised figures rest.
fn variance_draws(hierarchy: &Hierarchy, draws: &impl DrawsSource) -> Result<VarianceDraws, Error> {
    let read =
        |p: usize| -> Result<_, Error> { Ok(draws.block(p..p + 1)?.index_axis_move(Axis(0), 0)) };
    let noise = draws
        .columns()
        .position("sigma2_obs")
        .map(read)
        .transpose()?;
    let evidence = &hierarchy.evidence;
    Ok(VarianceDraws::new(
        evidence,
        &read(0)?,
        noise.as_ref(),
        hierarchy.sigma2_obs,
    ))
}
