//! Fits, writes the draws to an Arrow file (the first argument, or one in the system's temporary
//! folder), and reads them back: any Arrow reader in any language can do the same.

use fkbayes::Error;
use fkbayes::data::{ReadOptions, Source, read};
use fkbayes::draws::{DrawsFile, DrawsSource};
use fkbayes::fit::{Control, Fitter, Target};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

const SCORES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/f1.csv");

/// The posterior mean of σ²_FK: as the fit reports it, and from the file.
pub fn run(path: &Path) -> Result<(Option<f64>, Option<f64>), Error> {
    let data = read(&[Source::from(SCORES)], &ReadOptions::default())?;
    let progress = AtomicU64::new(0);
    let control = Control::counting(&progress);
    let fit = Fitter::default().fit_to_file(&data, &Target::new(path), control)?;
    let file = DrawsFile::open(path)?;
    let column = file.columns().position("sigma2_fk").unwrap_or(0);
    let draws = file.block(column..column + 1)?; // parameter × chain × draw
    let reported = fit.parameters.hyperparameter("sigma2_fk");
    Ok((reported.and_then(|p| p.mean), draws.mean()))
}

fn main() -> Result<(), Error> {
    let path = std::env::args_os().nth(1).map_or_else(
        || std::env::temp_dir().join("fkbayes-example.arrow"),
        PathBuf::from,
    );
    let (_, mean) = run(&path)?;
    println!("{}", path.display());
    println!(
        "posterior mean of sigma2_fk: {:.4e}",
        mean.unwrap_or(f64::NAN)
    );
    Ok(())
}
