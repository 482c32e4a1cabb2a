//! A task by its exact posterior alone: no draws, so no Monte-Carlo error and nothing to diagnose.

use super::record::TaskRecord;
use super::task::{Fitted, FkRow};
use crate::Error;
use crate::data::{Data, ForeignKey};
use crate::fit::{Fitter, VarianceQuantiles, exact_sampler_unavailable};
use crate::model::{Hierarchy, Role};
use crate::numeric::finite;
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes};
use crate::variance::plugin_interval;

/// Moments and quantiles by quadrature; independent draws beside them only if they are wanted.
pub(super) fn fit(
    fitter: &Fitter,
    data: &Data,
    record: TaskRecord,
    with_draws: bool,
) -> Result<Fitted, Error> {
    let hierarchy = Hierarchy::resolve(&fitter.model, data)?;
    let exact = ExactPosterior::new(&hierarchy).map_err(|why| exact_sampler_unavailable(&why))?;
    let estimate = empirical_bayes(&hierarchy);
    let members = data.fks().iter().zip(&hierarchy.roles);
    let rows = members.map(|(fk, role)| row(fk, *role, &hierarchy, &exact, &estimate));
    let rows: Vec<FkRow> = rows.collect();
    let draws = with_draws
        .then(|| fitter.draw_in_memory(data))
        .transpose()?;
    let record = TaskRecord {
        noise: Some(hierarchy.model.noise),
        hyperprior: Some(hierarchy.hyperprior),
        sigma2_fk: Some(VarianceQuantiles::of_sigma2_fk(&exact)),
        at_boundary: Some(estimate.at_boundary()),
        seed: with_draws.then_some(fitter.sampler.seed),
        ok: true,
        ..record.fitted(data, &rows)
    };
    Ok((record, rows, draws))
}

fn row(
    fk: &ForeignKey,
    role: Role,
    hierarchy: &Hierarchy,
    exact: &ExactPosterior,
    estimate: &EmpiricalBayes,
) -> FkRow {
    let observed = FkRow::observed(&fk.sample);
    let k = match role {
        Role::InHierarchy(k) => k,
        Role::SetAside { value } => return observed.set_aside(value),
    };
    let mean = fk.sample.mean().unwrap_or(0.0);
    let variance = exact.alpha_variance(k, mean);
    let plugin = plugin_interval(hierarchy, estimate, k, mean).variance;
    let exists = hierarchy.has_importance_moment(k, 1.0);
    let [q5, q95] = exact.alpha_quantiles(k, mean, [0.05, 0.95]).map(finite);
    FkRow {
        posterior_mean: finite(exact.alpha_mean(k, mean)).filter(|_| exists),
        sd: variance.map(f64::sqrt),
        q5,
        q95,
        full: variance,
        plugin: finite(plugin),
        ratio: variance
            .and_then(|full| finite(full / plugin))
            .filter(|_| plugin > 0.0),
        ..observed
    }
}
