//! Diagnoses a block of draws from standard input and times it; see
//! benches/diagnostics_vs_arviz.py.
//!
//! Usage: `diagnose_block CHAINS DRAWS < block`, the block being numbers of 8 bytes (little endian),
//! parameter × chain × draw. Prints a line of figures per parameter, then the seconds taken.

use std::error::Error;
use std::io::{Read, Write};
use std::time::Instant;

use fkbayes::diagnostics::{Workspace, diagnose_with};
use ndarray::ArrayView2;

fn main() -> Result<(), Box<dyn Error>> {
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .map(|a| a.parse())
        .collect::<Result<_, _>>()?;
    let &[chains, draws] = sizes.as_slice() else {
        return Err("give CHAINS and DRAWS".into());
    };
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let (numbers, _) = bytes.as_chunks();
    let block: Vec<f64> = numbers
        .iter()
        .map(|&number| f64::from_le_bytes(number))
        .collect();

    let start = Instant::now();
    let mut workspace = Workspace::default();
    let found = block
        .chunks_exact((chains * draws).max(1))
        .map(|one| {
            Ok(diagnose_with(
                &mut workspace,
                ArrayView2::from_shape((chains, draws), one)?,
            ))
        })
        .collect::<Result<Vec<_>, ndarray::ShapeError>>()?;
    let seconds = start.elapsed().as_secs_f64();

    let mut out = std::io::stdout().lock();
    for f in found {
        let row = [f.mcse_mean, f.mcse_sd, f.ess_bulk, f.ess_tail, f.r_hat];
        let row = row.map(|x| x.unwrap_or(f64::NAN).to_string());
        writeln!(out, "{}", row.join(" "))?;
    }
    writeln!(out, "{seconds}")?;
    Ok(())
}
