//! How far may the plug-in formula be trusted with three foreign keys? The full posterior variance of
//! each importance over the plug-in's, and what the plug-in's 90 % intervals cover.

use fkbayes::Error;
use fkbayes::data::{Data, FkStats, ForeignKey, Sample};
use fkbayes::fit::Fitter;
use fkbayes::model::{Hyperprior, Model, Noise};
use fkbayes::variance::VarianceRow;

/// Count, mean and sample variance of the scores of each foreign key.
const SCORES: [(&str, u64, f64, f64); 3] = [
    ("results.driverId", 5, 1.9, 4.2),
    ("results.constructorId", 20, 0.8, 3.9),
    ("races.circuitId", 80, -0.2, 4.1),
];

/// The variances of each importance, and the posterior probability of the plug-in's interval.
pub fn run() -> Result<Vec<VarianceRow>, Error> {
    let fks = SCORES.map(|(name, n, mean, variance)| ForeignKey {
        name: name.into(),
        sample: Sample::Scores(FkStats::from_summary(n, mean, variance)),
    });
    // As models/small_k.toml has it.
    let model = Model {
        hyperprior: Some(Hyperprior::inverse_gamma(2.0, 1.0)?),
        noise: Noise::sampled(0.0, 0.0)?,
        ..Model::default()
    };
    let fitter = Fitter {
        model,
        ..Fitter::default()
    };
    let (fit, _) = fitter.fit_in_memory(&Data::new(fks.into())?)?;
    Ok(fit.variance.iter().collect())
}

fn main() -> Result<(), Error> {
    println!("{:24}{:>14}{:>18}", "fk", "full/plug-in", "plug-in covers");
    for row in run()? {
        let number = |x: Option<f64>| x.map_or("none".into(), |x| format!("{x:.3}"));
        let (ratio, coverage) = (number(row.ratio), number(row.plugin_coverage));
        println!("{:24}{ratio:>14}{coverage:>18}", row.fk);
    }
    Ok(())
}
