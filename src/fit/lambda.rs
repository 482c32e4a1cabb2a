//! Every estimate of λ and what the scores say of it: what `fkbayes lambda` answers.

use super::advice::model_warnings;
use super::assess::{Run, exact_record, warnings};
use super::record::{DataRecord, DiagnosticsRecord, Fitted, SamplerRecord};
use super::{Control, Fitter};
use crate::Error;
use crate::data::{Data, Scores};
use crate::lambda::{
    Check, Estimate, Grounds, Known, LeftOut, OwnLambda, Validation, ValidationRow, check_scores,
    common_lambda, estimates, judge_formula, own_lambdas, validate,
};
use crate::model::{Hierarchy, Model, NoiseVariance};
use crate::posterior::{EmpiricalBayes, ExactPosterior, empirical_bayes, lambda_from_reduction};
use crate::warning::Warning;
use serde::Serialize;
use std::sync::atomic::AtomicU64;

/// Every estimate of λ; its fields are the keys of the JSON output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lambda {
    /// Model and data.
    #[serde(flatten)]
    pub about: About,
    /// The estimates that apply.
    pub estimates: Vec<Estimate>,
    /// Those that do not, and why.
    pub left_out: Vec<LeftOut>,
    /// λ_k of every FK in input order, where noise differs between FKs.
    pub fks: Vec<OwnLambda>,
    /// What one λ for all would have been, where each FK has its own noise and scores could tell.
    pub common: Option<CommonLambda>,
    /// λ from an observed reduction.
    pub inverted: Option<f64>,
    /// That reduction.
    pub inversion: Option<Inversion>,
    /// Held-out scores against what was promised.
    pub validation: Vec<ValidationRow>,
    /// How they were held out.
    pub splits: Option<Splits>,
    /// Why there is no validation.
    pub validation_unavailable: Option<String>,
    /// What could look right and be wrong.
    pub checks: Vec<Check>,
    /// Why there are no checks.
    pub checks_unavailable: Option<String>,
    /// Whether the formula describes these data.
    pub verdict: Option<String>,
    /// How draws were made; none where there are none.
    pub sampler: Option<SamplerRecord>,
    /// What the chains are worth; none where there are none.
    pub diagnostics: Option<DiagnosticsRecord>,
    /// Warnings about data, model and chains, in words.
    pub warnings: Vec<String>,
}

/// Model and data, or nulls where there are no data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum About {
    /// Scores were given.
    Scores(Fitted),
    /// None were.
    Nothing {
        /// Always `None`.
        model: Option<Model>,
        /// Always `None`.
        data: Option<DataRecord>,
    },
}

/// The λ of one noise variance for all FKs, and what the scores say against that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommonLambda {
    /// By marginal maximum likelihood under pooled noise; none where σ̂²_FK = 0.
    pub lambda: Option<f64>,
    /// Log Bayes factor of noise of each FK's own.
    pub log_bayes_factor: f64,
}

/// A reduction of the variance that was seen, to be inverted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inversion {
    /// Scores there were.
    pub n: u64,
    /// Scores that were added.
    pub delta: u64,
    /// The share by which the variance fell.
    pub observed_reduction: f64,
}

/// How scores were held out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Splits {
    /// Random splits for each n.
    pub count: usize,
    /// Their seed.
    pub seed: u64,
    /// Where the posterior of a training part came from.
    pub posterior: Option<&'static str>,
}

impl Inversion {
    /// λ = Δ/R - n - Δ.
    ///
    /// # Errors
    /// Where no λ > 0 gives such a reduction.
    pub fn lambda(&self) -> Result<f64, Error> {
        lambda_from_reduction(self.n, self.delta, self.observed_reduction)
    }
}

impl Lambda {
    /// The answer where there are no scores.
    ///
    /// # Errors
    /// Where no λ > 0 gives such a reduction.
    pub fn of_inversion(inversion: Inversion) -> Result<Self, Error> {
        Self {
            about: About::Nothing {
                model: None,
                data: None,
            },
            estimates: Vec::new(),
            left_out: Vec::new(),
            fks: Vec::new(),
            common: None,
            inverted: None,
            inversion: None,
            validation: Vec::new(),
            splits: None,
            validation_unavailable: Some("no scores were given".to_owned()),
            checks: Vec::new(),
            checks_unavailable: Some("no scores were given".to_owned()),
            verdict: None,
            sampler: None,
            diagnostics: None,
            warnings: Vec::new(),
        }
        .with_inversion(inversion)
    }

    /// Adds what an observed reduction says.
    ///
    /// # Errors
    /// Where no λ > 0 gives it.
    pub fn with_inversion(self, inversion: Inversion) -> Result<Self, Error> {
        Ok(Self {
            inverted: Some(inversion.lambda()?),
            inversion: Some(inversion),
            ..self
        })
    }

    /// Whether nothing speaks against the chains, or there are none.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.diagnostics.as_ref().is_none_or(|d| d.ok)
    }
}

/// What is known of the posterior.
struct Posterior {
    estimate: Estimate,
    fks: Vec<OwnLambda>,
    sampler: Option<SamplerRecord>,
    diagnostics: Option<DiagnosticsRecord>,
    warnings: Vec<String>,
}

impl Fitter {
    /// Estimates λ in every way, and holds what it promises against the scores; counts sweeps of the
    /// chains, where there are any, in `progress`. `scores` are those of `data`.
    ///
    /// ```
    /// use fkbayes::{data::Collector, fit::Fitter};
    /// let mut scores = Collector::keeping_scores();
    /// for (customer, store) in [(0.31, 0.02), (0.27, -0.01), (0.35, 0.04), (0.28, 0.03)] {
    ///     scores.observe("orders.customer_id", customer)?;
    ///     scores.observe("orders.store_id", store)?;
    /// }
    /// let (data, scores) = scores.finish_with_scores()?;
    /// let found = Fitter::default().lambda(&data, &scores, &Default::default())?;
    /// assert_eq!(found.estimates[0].method, "marginal-ml");
    /// # Ok::<(), fkbayes::Error>(())
    /// ```
    ///
    /// # Errors
    /// If settings or data make no sense.
    pub fn lambda(
        &self,
        data: &Data,
        scores: &Scores,
        progress: &AtomicU64,
    ) -> Result<Lambda, Error> {
        self.sampler.validate()?;
        let hierarchy = Hierarchy::resolve(&self.model, data)?;
        let metadata = self.metadata(data, &hierarchy);
        let run = Run {
            metadata: &metadata,
            data,
            hierarchy: &hierarchy,
            draws_file: None,
            seconds: None,
        };
        let (mut found, left_out) = estimates(&hierarchy);
        let posterior = match self.exactly(&run) {
            Some(posterior) => posterior,
            None => self.by_draws(data, &hierarchy, progress)?,
        };
        found.push(posterior.estimate);
        let seed = self.sampler.seed;
        let validation = validate(
            (&self.model, data),
            &hierarchy,
            scores,
            (seed, self.threads),
        )?;
        let checks = check_scores(data, &hierarchy, scores);
        let heavy_tails = heavy_tails_warning(&run, &empirical_bayes(&hierarchy));
        let verdict = judge_formula(Grounds {
            common_noise: hierarchy.common_noise,
            at_boundary: found.first().is_some_and(|ml| ml.at_boundary),
            heavy_tails: heavy_tails.is_some(),
            validation: &validation.rows,
            checks: &checks,
        });
        Ok(Lambda {
            about: About::Scores(Fitted::of(&run)),
            estimates: found,
            left_out,
            fks: posterior.fks,
            common: common(&self.model, data, &hierarchy),
            inverted: None,
            inversion: None,
            splits: splits(&validation, seed),
            validation: validation.rows,
            validation_unavailable: validation.unavailable,
            checks_unavailable: no_checks(&checks, scores),
            checks,
            verdict: Some(verdict),
            sampler: posterior.sampler,
            diagnostics: posterior.diagnostics,
            // The verdict has it.
            warnings: posterior
                .warnings
                .into_iter()
                .filter(|warning| Some(warning) != heavy_tails.as_ref())
                .collect(),
        })
    }

    /// By quadrature, where that gives λ or, with noise known for every FK, σ²_FK.
    fn exactly(&self, run: &Run<'_>) -> Option<Posterior> {
        let hierarchy = run.hierarchy;
        let known = matches!(hierarchy.noise, NoiseVariance::Known(_));
        if !self.exact || !(known || hierarchy.common_noise) {
            return None;
        }
        let exact = ExactPosterior::new(hierarchy).ok()?;
        let lambda = exact.lambda();
        if lambda.is_none() && hierarchy.common_noise {
            return None;
        }
        let t = exact_record(run, &exact).sigma2_fk;
        let plugin = empirical_bayes(hierarchy);
        Some(Posterior {
            estimate: Estimate::of_posterior([t.q5, t.q50, t.q95], lambda.as_ref()),
            fks: own_lambdas(
                run.data,
                hierarchy,
                plugin.sigma2_fk,
                Known::Exactly(&exact),
            ),
            sampler: None,
            diagnostics: None,
            warnings: warnings(run, &plugin),
        })
    }

    /// By chains; σ²_FK exactly where quadrature gives it.
    fn by_draws(
        &self,
        data: &Data,
        hierarchy: &Hierarchy,
        progress: &AtomicU64,
    ) -> Result<Posterior, Error> {
        let (fit, draws) = self.fit_in_memory_with(data, Control::counting(progress))?;
        let quantiles = |name: &str| {
            fit.parameters
                .hyperparameter(name)
                .map_or([None; 3], |parameter| {
                    [parameter.q5, parameter.q50, parameter.q95]
                })
        };
        let (t, kind) = match &fit.exact {
            Some(exact) if !hierarchy.common_noise => {
                let t = &exact.sigma2_fk;
                ([t.q5, t.q50, t.q95], "exact posterior")
            }
            _ => (quantiles("sigma2_fk"), "draws"),
        };
        let lambda = fit.parameters.hyperparameter("lambda");
        let mean = lambda.and_then(|lambda| lambda.mean);
        let known = Known::Draws(&draws);
        Ok(Posterior {
            estimate: Estimate::of_quantiles(t, quantiles("lambda"), mean, kind),
            fks: own_lambdas(data, hierarchy, fit.plugin.sigma2_fk, known),
            sampler: Some(fit.sampler),
            warnings: fit.diagnostics.warnings.clone(),
            diagnostics: Some(fit.diagnostics),
        })
    }
}

/// The warning of heavy tails, where there is one.
fn heavy_tails_warning(run: &Run<'_>, estimate: &EmpiricalBayes) -> Option<String> {
    let warnings = model_warnings(run, None, estimate);
    let mut heavy = warnings
        .iter()
        .filter(|warning| matches!(warning, Warning::HeavyTails { .. }));
    heavy.next().map(ToString::to_string)
}

fn common(model: &Model, data: &Data, hierarchy: &Hierarchy) -> Option<CommonLambda> {
    if hierarchy.common_noise {
        return None;
    }
    Some(CommonLambda {
        log_bayes_factor: hierarchy.noise_log_bayes_factor()?,
        lambda: common_lambda(model, data),
    })
}

fn splits(validation: &Validation, seed: u64) -> Option<Splits> {
    validation.unavailable.is_none().then_some(Splits {
        count: validation.splits,
        seed,
        posterior: validation.posterior,
    })
}

fn no_checks(checks: &[Check], scores: &Scores) -> Option<String> {
    checks.is_empty().then(|| {
        if scores.are_complete() {
            "too few scores: a foreign key needs ten that vary".to_owned()
        } else {
            "scores came aggregated: their order is not known".to_owned()
        }
    })
}
