//! The examples do what they say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod covered;

#[allow(dead_code)]
#[path = "../../examples/coverage.rs"]
mod coverage;
#[allow(dead_code)]
#[path = "../../examples/export_draws.rs"]
mod export_draws;
#[allow(dead_code)]
#[path = "../../examples/fit_from_memory.rs"]
mod fit_from_memory;
#[allow(dead_code)]
#[path = "../../examples/small_k.rs"]
mod small_k;

#[test]
fn a_fit_from_memory_names_every_fk_and_the_obvious_winner() {
    let text = fit_from_memory::run().unwrap();
    assert!(
        text.starts_with("3 foreign keys, 15 permutations"),
        "{text}"
    );
    // Name (cut to the table's width), n, mean, median, 5 %, 95 %, P(> 0), P(1st), full/plug.
    let row = |fk: &str| -> Vec<&str> {
        let line = text.lines().find(|line| line.starts_with(fk));
        line.expect(&text).split_whitespace().collect()
    };
    for (fk, mean) in [
        ("orders.c…omer_id", "0.0304"),
        ("orders.store_id", "0.0028"),
        ("orders.coupon_id", "-0.0002"),
    ] {
        assert_eq!(row(fk)[1..3], ["5", mean], "{text}");
    }
    assert_eq!(row("orders.c…omer_id")[7], "1.00", "{text}");
    assert!(text.contains("chains    ok:"), "{text}");
}

#[test]
fn with_three_fks_the_plug_in_claims_too_much() {
    let rows = small_k::run().unwrap();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let (full, exact) = (row.full.unwrap(), row.exact.unwrap());
        let error = row.full_mcse.unwrap();
        assert!((full - exact).abs() < 5.0 * error, "{row:?}");
        let coverage = row.plugin_coverage.unwrap();
        assert!(coverage > 0.5 && coverage < 0.95, "{row:?}");
    }
    // The fewer the scores, the more hangs on sigma2_fk, which the plug-in takes as known.
    let ratios: Vec<f64> = rows.iter().map(|row| row.ratio.unwrap()).collect();
    assert!(ratios[0] > ratios[1] && ratios[1] > ratios[2], "{ratios:?}");
    assert!(ratios[0] > 1.2, "{ratios:?}");
}

#[test]
fn exported_draws_hold_what_the_fit_reports() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("draws.arrow");
    let (reported, read) = export_draws::run(&path).unwrap();
    let (reported, read) = (reported.unwrap(), read.unwrap());
    assert!((reported / read - 1.0).abs() < 1e-12, "{reported} {read}");
    // The importances of the Formula 1 keys have a root mean square of about 0.04.
    assert!(read > 1e-3 && read < 4e-3, "{read}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"ARROW1"));
}
