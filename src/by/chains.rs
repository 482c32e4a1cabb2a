//! A task by chains: an ordinary fit, of which the figures per FK are kept.

use super::record::TaskRecord;
use super::task::{Fitted, FkRow};
use crate::Error;
use crate::data::Data;
use crate::diagnostics::ExactCheck;
use crate::fit::{Fit, Fitter, VarianceQuantiles};
use crate::summary::ParameterSummary;
use crate::variance::VarianceRow;

/// Chains, diagnostics and all, as `fit` has them.
pub(super) fn fit(fitter: &Fitter, data: &Data, record: TaskRecord) -> Result<Fitted, Error> {
    let (fit, draws) = fitter.fit_in_memory(data)?;
    let alphas = fit.parameters.importances().iter();
    let rows = alphas.zip(&fit.variance).map(|(alpha, v)| row(&alpha, &v));
    let rows: Vec<FkRow> = rows.collect();
    let record = record_of(&fit, fitter.sampler.seed, record.fitted(data, &rows));
    Ok((record, rows, Some(draws)))
}

fn row(alpha: &ParameterSummary, variance: &VarianceRow) -> FkRow {
    FkRow {
        n: variance.n,
        mean: variance.mean,
        posterior_mean: alpha.mean,
        sd: alpha.sd,
        q5: alpha.q5,
        q95: alpha.q95,
        full: variance.full,
        plugin: variance.plugin,
        ratio: variance.ratio,
        r_hat: alpha.r_hat.filter(|r_hat| r_hat.is_finite()),
        ess_bulk: alpha.ess_bulk,
    }
}

fn record_of(fit: &Fit, seed: u64, record: TaskRecord) -> TaskRecord {
    let sigma2_fk = fit
        .parameters
        .hyperparameters()
        .first()
        .map(|p| VarianceQuantiles {
            mean: p.mean,
            sd: p.sd,
            q5: p.q5,
            q50: p.q50,
            q95: p.q95,
        });
    let diagnostics = &fit.diagnostics;
    let check: Option<&ExactCheck> = diagnostics.exact_check.as_ref();
    TaskRecord {
        noise: Some(fit.fitted.model.noise),
        hyperprior: fit.fitted.model.hyperprior,
        sigma2_fk,
        at_boundary: Some(fit.plugin.at_boundary),
        seed: Some(seed),
        max_r_hat: diagnostics.max_r_hat.filter(|r_hat| r_hat.is_finite()),
        min_ess_bulk: diagnostics.min_ess_bulk,
        max_abs_z: check.map(|check| check.max_abs_z),
        ok: diagnostics.ok,
        warnings: diagnostics.warnings.clone(),
        ..record
    }
}
