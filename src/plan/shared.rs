//! Draws of the shared parameters, for models without an exact posterior.

use crate::Error;
use crate::draws::DrawsSource;
use crate::model::Hierarchy;
use crate::posterior::Hyperparameters;

/// The shared parameters of every draw, all chains one after the other; the location is about the
/// evidence's centre.
///
/// # Errors
/// If the draws cannot be read.
pub fn shared_draws(
    hierarchy: &Hierarchy,
    draws: &impl DrawsSource,
) -> Result<Vec<Hyperparameters>, Error> {
    let column = |name: &str| -> Result<Option<Vec<f64>>, Error> {
        let Some(place) = draws.columns().position(name) else {
            return Ok(None);
        };
        let block = draws.block(place..place + 1)?;
        Ok(Some(block.iter().copied().collect()))
    };
    let missing = || Error::Internal("draws without sigma2_fk cannot be planned from".into());
    let sigma2_fk = column("sigma2_fk")?.filter(|draws| !draws.is_empty());
    let sigma2_fk = sigma2_fk.ok_or_else(missing)?;
    let (sigma2_obs, d0) = (column("sigma2_obs")?, column("d0")?);
    let location = column("location")?;
    let at = |values: &Option<Vec<f64>>, i: usize| values.as_ref()?.get(i).copied();
    let center = hierarchy.evidence.center();
    Ok(sigma2_fk
        .iter()
        .enumerate()
        .map(|(i, &sigma2_fk)| Hyperparameters {
            sigma2_fk,
            sigma2_obs: at(&sigma2_obs, i).unwrap_or(hierarchy.sigma2_obs),
            noise_scale: at(&d0, i).unwrap_or(0.0),
            location: at(&location, i).map_or(0.0, |m| m - center),
        })
        .collect())
}
