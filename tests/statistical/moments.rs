//! Which moments exist under sampled noise, by cases that can be done by hand; and a check of chains
//! that does not take heavy tails for errors.

use crate::support::{FALSE_ALARM, named, scores};
use fkbayes::data::{FkStats, Sample};
use fkbayes::diagnostics::ExactCheck;
use fkbayes::fit::Fitter;
use fkbayes::model::{Hierarchy, Hyperprior, Location, Model, Noise};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::ExactPosterior;
use fkbayes::sampler::SamplerKind;

fn sampled(hyperprior: Option<Hyperprior>, location: Location) -> Model {
    Model {
        hyperprior,
        noise: Noise::sampled(0.0, 0.0).unwrap(),
        location,
        ..Model::default()
    }
}

/// One FK says nothing about its own location: SSW alone speaks of the noise, σ²_obs ~ IG(1, SSW/2),
/// which has no mean.
#[test]
fn one_fk_with_an_unknown_location() {
    let data = scores(&[(3, 0.4, 2.0)]);
    let hierarchy = Hierarchy::resolve(&sampled(None, Location::Flat), &data).unwrap();
    let exact = ExactPosterior::new(&hierarchy).unwrap();
    assert_eq!(exact.sigma2_obs().unwrap().mean, None);
    assert_eq!(exact.alpha_variance(0, 0.4), None);
    for p in [0.05, 0.5, 0.95] {
        let expected = 1.0 / -f64::ln(p);
        let found = exact.sigma2_obs_quantile(p).unwrap();
        assert!(
            (found / expected - 1.0).abs() < 1e-6,
            "{p}: {found}, not {expected}"
        );
    }
}

/// The flat hyperprior lets σ²_FK grow along with σ²_obs: N/2 - 1/2 moments, not N/2.
#[test]
fn a_flat_hyperprior_costs_half_a_moment() {
    let data = scores(&[(2, 0.4, 2.0), (1, 1.0, 0.0)]);
    let resolve = |prior| Hierarchy::resolve(&sampled(prior, Location::Zero), &data).unwrap();
    assert!(!resolve(Some(Hyperprior::Flat)).has_noise_moment(1.0));
    assert!(resolve(None).has_noise_moment(1.0));
}

/// V is at most the smaller of σ²_FK and s: it has moments that neither has.
#[test]
fn an_importance_has_moments_that_no_variance_has() {
    let data = scores(&[(2, 0.4, 2.0)]);
    let hierarchy = Hierarchy::resolve(&sampled(None, Location::Zero), &data).unwrap();
    assert!(!hierarchy.has_moment(1.0) && !hierarchy.has_noise_moment(1.0));
    assert!(hierarchy.has_importance_moment(0, 2.0));
}

/// Independent draws pass the check whatever the tails: under this prior the variance of an
/// importance sits where one draw in thousands goes, and comparing it failed half of all seeds. The
/// largest deviation of 30 runs together is judged, at a false-alarm rate of 2e-7.
#[test]
fn heavy_tails_are_no_errors() {
    let means = [0.1, -0.5, 0.2, 0.3, -1.0, 0.7];
    let sample = |mean| Sample::Scores(FkStats::from_summary(10, mean, 1.0));
    let data = named(means.into_iter().map(sample));
    let mut fitter = Fitter::default();
    fitter.model.hyperprior = Some(Hyperprior::half_t(1.0, 1e-5).unwrap());
    fitter.sampler.kind = SamplerKind::Exact;
    let checks: Vec<ExactCheck> = (1..=30)
        .map(|seed| {
            fitter.sampler.seed = seed;
            let (fit, _) = fitter.fit_in_memory(&data).unwrap();
            fit.diagnostics.exact_check.unwrap()
        })
        .collect();
    let compared = checks.iter().map(|check| check.parameters).sum();
    let bound = two_sided_normal_bound(FALSE_ALARM, compared);
    let worst = checks
        .iter()
        .map(|check| check.max_abs_z)
        .fold(0.0, f64::max);
    println!("{compared} comparisons, bound {bound:.2}: |z| = {worst:.2}");
    assert!(worst <= bound, "{checks:?}");
}
