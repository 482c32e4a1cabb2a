//! Fits scores that are in memory, and prints what `fkbayes fit` would print.

use fkbayes::Error;
use fkbayes::data::Collector;
use fkbayes::fit::Fitter;
use fkbayes::report::{Detail, Form, Paint, View, render};

/// Three foreign keys, five permutations each: drops in AUC when the key's features are permuted.
const SCORES: [(&str, [f64; 5]); 3] = [
    ("orders.customer_id", [0.031, 0.027, 0.035, 0.030, 0.029]),
    ("orders.store_id", [0.004, -0.001, 0.006, 0.003, 0.002]),
    ("orders.coupon_id", [0.001, -0.003, 0.002, -0.001, 0.000]),
];

/// The answer, as text for a terminal of 80 columns.
pub fn run() -> Result<String, Error> {
    let mut scores = Collector::default();
    for (fk, values) in SCORES {
        for score in values {
            scores.observe(fk, score)?;
        }
    }
    let (fit, _draws) = Fitter::default().fit_in_memory(&scores.finish()?)?;
    let view = View {
        width: 80,
        detail: Detail::Answer,
        form: Form::Table,
        paint: Paint { on: false },
    };
    Ok(render(&fit, view))
}

fn main() -> Result<(), Error> {
    print!("{}", run()?);
    Ok(())
}
