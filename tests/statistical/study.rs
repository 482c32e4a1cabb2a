//! The accuracy study against theory, against plain simulation, and against the rest of the library.

use crate::support::{FALSE_ALARM, hierarchy, means_at_one, rng, scores};
use fkbayes::model::{Hyperprior, Noise};
use fkbayes::numeric::two_sided_normal_bound;
use fkbayes::posterior::{ExactPosterior, lambda_from_reduction, variance_reduction};
use fkbayes::study::{CellRecord, Engine, Grid, Observer, Settings, Study, run};
use serde_json::Value;

/// (n, λ, a₀, b₀), c, K × excess at K = 10, 100, 1,000, 10,000, and K (risk - 1) at 10,000; by
/// integration over data and posterior, derived and computed apart from this program.
type Row = (u64, f64, f64, f64, f64, [f64; 4], f64);
const EXCESS: [Row; 4] = [
    (20, 10.0, 2.0, 3.0, 1.0, [0.920, 1.197, 1.026, 1.003], 0.997),
    // The risk is 1.0014966 to the digits of a second, finer integration.
    (
        20,
        10.0,
        2.0,
        1.0,
        -2.0,
        [-0.650, -1.858, -1.989, -1.999],
        1.0015,
    ),
    (20, 40.0, 2.0, 3.0, 4.0, [3.568, 8.857, 5.659, 4.173], 3.956),
    (
        551,
        101.0,
        2.0,
        1.0,
        -0.501,
        [-0.262, -0.477, -0.499, -0.501],
        0.367,
    ),
];
/// Half of the last digit given there.
const DIGIT: f64 = 5e-4;

fn study(k: &str, n: &str, lambda: &str, settings: Settings) -> Study {
    let grid = Grid::parse(k, n, lambda).unwrap();
    let settings = Settings { grid, ..settings };
    run(&settings, 0, Vec::new(), &mut Observer::default()).unwrap()
}

fn with_prior(prior: &str) -> Settings {
    Settings {
        hyperprior: Some(prior.parse().unwrap()),
        ..Settings::default()
    }
}

#[test]
fn integration_gives_the_excess_and_the_risk_to_three_decimals() {
    for (n, lambda, a0, b0, c, expected, risk) in EXCESS {
        let settings = Settings {
            engine: Engine::ExactExpectation,
            ..with_prior(&format!("ig={a0},{b0}"))
        };
        let study = study(
            "10,100,1000,10000",
            &n.to_string(),
            &lambda.to_string(),
            settings,
        );
        for (cell, expected) in study.cells.iter().zip(expected) {
            let found = cell.k_excess.unwrap();
            assert!(
                (found - expected).abs() <= DIGIT * 1.001,
                "{n} {lambda} {}: {found}",
                cell.k
            );
            assert!((cell.c.unwrap() - c).abs() <= DIGIT, "{:?}", cell.c);
            assert_eq!(cell.k_excess_mcse, Some(0.0));
        }
        let last = study.cells.last().unwrap();
        let found = last.k as f64 * (last.risk_full.unwrap() - 1.0);
        assert!(
            (found - risk).abs() <= DIGIT * 1.001,
            "risk {n} {lambda}: {found}"
        );
    }
}

#[test]
fn simulation_gives_the_excess_within_its_error() {
    for (n, lambda, a0, b0, _, expected, _) in EXCESS {
        let settings = Settings {
            replicates: 400,
            seed: 3,
            ..with_prior(&format!("ig={a0},{b0}"))
        };
        let study = study("10,100,1000", &n.to_string(), &lambda.to_string(), settings);
        for (cell, expected) in study.cells.iter().zip(expected) {
            let (found, mcse) = (cell.k_excess.unwrap(), cell.k_excess_mcse.unwrap());
            assert!(mcse < 0.1, "{n} {lambda} {}: mcse {mcse}", cell.k);
            let off = (found - expected).abs();
            assert!(
                off <= 3.0 * mcse + DIGIT,
                "{n} {lambda} {}: {found} ± {mcse}",
                cell.k
            );
        }
    }
}

/// The reported error is the scatter of the estimate over seeds, or somewhat more.
#[test]
fn the_error_of_the_excess_is_honest() {
    for n in ["20", "5:20:80"] {
        let found: Vec<(f64, f64)> = (0..40)
            .map(|seed| {
                let settings = Settings {
                    replicates: 200,
                    seed,
                    ..with_prior("ig=2,1")
                };
                let cell = study("12", n, "10", settings).cells.remove(0);
                (cell.k_excess.unwrap(), cell.k_excess_mcse.unwrap())
            })
            .collect();
        let mean = found.iter().map(|f| f.0).sum::<f64>() / 40.0;
        let sd = (found.iter().map(|f| (f.0 - mean).powi(2)).sum::<f64>() / 39.0).sqrt();
        let reported = found.iter().map(|f| f.1).sum::<f64>() / 40.0;
        // The sd of 40 values is good to about 11 %: three times that.
        assert!(
            sd < 1.4 * reported,
            "n = {n}: scatter {sd}, reported {reported}"
        );
        assert!(
            reported < 4.0 * sd,
            "n = {n}: scatter {sd}, reported {reported}"
        );
    }
}

#[test]
fn unequal_n_have_their_own_constants() {
    let settings = Settings {
        replicates: 100,
        seed: 1,
        ..with_prior("ig=2,1")
    };
    let study = study("30000", "5:20:80", "10", settings);
    let by_n = &study.cells[0].by_n;
    let expected = [
        (80, -0.668, -0.669),
        (20, -1.674, -1.676),
        (5, -2.357, -2.360),
    ];
    for (found, (n, excess, c)) in by_n.iter().zip(expected) {
        assert_eq!((found.n, found.fks), (n, 10_000));
        assert!((found.c.unwrap() - c).abs() <= DIGIT, "{found:?}");
        // The expected figures are themselves good to 0.003.
        let (value, mcse) = (found.k_excess.unwrap(), found.k_excess_mcse.unwrap());
        assert!(
            mcse < 0.003 && (value - excess).abs() <= 3.0 * mcse + 0.003,
            "{found:?}"
        );
    }
}

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/study.json")).unwrap()
}

fn figure(cell: &CellRecord, name: &str) -> (f64, f64) {
    let all = cell.figures();
    let find = |name: &str| all.iter().find(|(n, _)| *n == name).unwrap().1.unwrap();
    (find(name), find(&format!("{name}_mcse")))
}

/// A figure of the study beside plain simulation's.
struct Pair {
    about: String,
    name: String,
    boundary_share: f64,
    difference: f64,
    error: f64,
}

fn pairs(replicates: u32) -> Vec<Pair> {
    let mut found = Vec::new();
    for case in golden()["cases"].as_array().unwrap() {
        let settings = Settings {
            hyperprior: (case["prior"] == "flat").then_some(Hyperprior::Flat),
            replicates,
            seed: 7,
            ..Settings::default()
        };
        let (k, lambda) = (case["k"].to_string(), case["lambda"].to_string());
        let cell = study(&k, "20", &lambda, settings).cells.remove(0);
        for (name, figures) in case["figures"].as_object().unwrap() {
            let (mean, mcse) = (figures[0].as_f64().unwrap(), figures[1].as_f64().unwrap());
            let (value, own) = figure(&cell, name);
            found.push(Pair {
                about: format!("K = {k}, lambda = {lambda}, {name}"),
                name: name.clone(),
                boundary_share: cell.boundary_share.unwrap(),
                difference: value - mean,
                error: mcse.hypot(own),
            });
        }
    }
    found
}

/// What the largest of the comparisons exceeds with probability [`FALSE_ALARM`] at most.
fn bound(comparisons: usize) -> f64 {
    two_sided_normal_bound(FALSE_ALARM, comparisons)
}

#[test]
fn coverage_and_risk_agree_with_plain_simulation() {
    let found = pairs(4000);
    let mut squares = 0.0;
    for pair in &found {
        let z = pair.difference / pair.error;
        assert!(
            z.abs() < bound(found.len()),
            "{}: {z:.1} standard errors",
            pair.about
        );
        squares += z * z / found.len() as f64;
    }
    // Figures of a case hang together, so this is generous.
    assert!(squares < 2.5, "mean square {squares}");
}

/// Taking the boundary's interval for a hit, or losing 0.02 of coverage, is noticed.
#[test]
fn planted_errors_are_noticed() {
    let found = pairs(4000);
    let worst = |name: &str, planted: &dyn Fn(&Pair) -> f64| {
        found
            .iter()
            .filter(|pair| pair.name == name)
            .map(|pair| ((pair.difference + planted(pair)) / pair.error).abs())
            .fold(0.0, f64::max)
    };
    assert!(worst("coverage_plugin", &|pair| pair.boundary_share) > 20.0);
    assert!(worst("coverage_full", &|_| -0.02) > bound(found.len()));
}

/// (K, λ/n, prior), risk of the full posterior, coverage of its normal intervals, risk and coverage of
/// the plug-in, over 1,500 data sets.
type Tabulated = (usize, f64, Option<&'static str>, f64, f64, f64, f64);
const TABLE: [Tabulated; 8] = [
    (3, 0.05, None, 1.06, 0.885, 1.04, 0.863),
    (3, 0.5, None, 1.10, 0.876, 1.27, 0.644),
    (3, 3.0, None, 1.44, 0.962, 1.51, 0.441),
    (5, 3.0, None, 1.37, 0.958, 1.45, 0.480),
    (10, 3.0, None, 1.21, 0.953, 1.28, 0.580),
    (3, 0.5, Some("flat"), 1.17, 0.891, 1.27, 0.644),
    (3, 3.0, Some("flat"), 1.76, 0.956, 1.51, 0.441),
    (10, 3.0, Some("flat"), 1.21, 0.923, 1.28, 0.580),
];

#[test]
fn coverage_of_the_default_hyperprior_is_as_tabulated() {
    for (k, r, prior, risk, coverage, risk_plugin, coverage_plugin) in TABLE {
        let settings = Settings {
            hyperprior: prior.map(|p| p.parse().unwrap()),
            replicates: 2000,
            ..Settings::default()
        };
        let lambda = (20.0 * r).to_string();
        let cell = study(&k.to_string(), "20", &lambda, settings)
            .cells
            .remove(0);
        // Binomial error of the table, its FKs within a data set taken as one; our own is smaller.
        let reach = bound(4 * TABLE.len());
        let binomial = |p: f64| reach * (p * (1.0 - p) * (1.0 / 1500.0 + 1.0 / 2000.0)).sqrt();
        for (name, expected) in [
            ("coverage_normal", coverage),
            ("coverage_plugin", coverage_plugin),
        ] {
            let off = (figure(&cell, name).0 - expected).abs();
            assert!(
                off < binomial(expected),
                "K = {k}, λ/n = {r}, {name}: off by {off}"
            );
        }
        // A squared error's sd is at most about twice its mean here.
        let tolerance = |expected: f64| reach * 2.0 * expected / (1500.0 * k as f64).sqrt();
        for (name, expected) in [("risk_full", risk), ("risk_plugin", risk_plugin)] {
            let off = (figure(&cell, name).0 - expected).abs();
            assert!(
                off < tolerance(expected),
                "K = {k}, λ/n = {r}, {name}: off by {off}"
            );
        }
    }
}

#[test]
fn engines_agree() {
    let of = |engine, replicates| {
        let settings = Settings {
            engine,
            replicates,
            ..Settings::default()
        };
        study("4", "5", "8", settings).cells.remove(0)
    };
    let (exact, chain) = (of(Engine::Exact, 4000), of(Engine::Gibbs, 300));
    let integrated = of(Engine::ExactExpectation, 2);
    let reach = bound(10);
    for name in [
        "coverage_full",
        "coverage_normal",
        "width_full",
        "risk_full",
        "risk_plugin",
    ] {
        let ((a, a_mcse), (b, b_mcse)) = (figure(&exact, name), figure(&chain, name));
        assert!(
            (a - b).abs() < reach * a_mcse.hypot(b_mcse),
            "{name}: {a} and {b}"
        );
    }
    for name in ["boundary_share", "risk_full", "risk_plugin", "width_plugin"] {
        let (value, mcse) = figure(&exact, name);
        let all = integrated.figures();
        let expected = all.iter().find(|(n, _)| *n == name).unwrap().1.unwrap();
        assert!(
            (value - expected).abs() < reach * mcse + 1e-9,
            "{name}: {value}, not {expected}"
        );
    }
    let (value, mcse) = (exact.k_excess.unwrap(), exact.k_excess_mcse.unwrap());
    assert!((value - integrated.k_excess.unwrap()).abs() < reach * mcse);
}

#[test]
fn threads_do_not_matter() {
    let settings = Settings {
        grid: Grid::parse("3,7", "5:20", "10").unwrap(),
        replicates: 50,
        ..Settings::default()
    };
    let on = |threads| run(&settings, threads, Vec::new(), &mut Observer::default()).unwrap();
    assert_eq!(on(1), on(5));
}

#[test]
fn reference_reductions() {
    let expected = [
        (0, 1.0, 99.0),
        (0, 10.0, 91.0),
        (0, 100.0, 50.0),
        (100, 1.0, 50.0),
        (100, 10.0, 48.0),
        (500, 1.0, 17.0),
    ];
    for (n, lambda, percent) in expected {
        let reduction = variance_reduction(n, 100, lambda);
        assert_eq!(
            (100.0 * reduction).round(),
            percent,
            "n = {n}, lambda = {lambda}"
        );
        let back = lambda_from_reduction(n, 100, reduction).unwrap();
        assert!((back / lambda - 1.0).abs() < 1e-9);
    }
    let f1 = lambda_from_reduction(0, 551, 0.845).unwrap();
    assert_eq!(f1.round(), 101.0);
    for outside in [0.0, -0.1, 0.5, 0.6, 1.0, f64::NAN] {
        let refused = lambda_from_reduction(100, 100, outside).unwrap_err();
        assert!(refused.is_callers_fault(), "{outside}");
    }
}

/// The study's few nodes against the full quadrature of the library: a single replicate cannot be
/// asked for, but an integral over many data sets can.
#[test]
fn few_nodes_suffice() {
    let (k, s) = (3, 2.0);
    let mut rng = rng(11);
    let sets = 300;
    let mut excess = Vec::with_capacity(sets);
    for _ in 0..sets {
        let means = means_at_one(k, s, &mut rng);
        let fks: Vec<_> = means.iter().map(|&mean| (10, mean, 0.0)).collect();
        let hierarchy = hierarchy(&scores(&fks), Noise::known(10.0 * s).unwrap(), None);
        let exact = ExactPosterior::new(&hierarchy).unwrap();
        let full = means
            .iter()
            .enumerate()
            .map(|(k, &mean)| exact.alpha_variance(k, mean).unwrap());
        excess.push(full.sum::<f64>() / (s / (1.0 + s)) - k as f64);
    }
    let mean = excess.iter().sum::<f64>() / sets as f64;
    let sd = (excess.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / sets as f64).sqrt();
    let settings = Settings {
        engine: Engine::ExactExpectation,
        ..Settings::default()
    };
    let cell = study("3", "10", "20", settings).cells.remove(0);
    let off = (cell.k_excess.unwrap() - mean).abs();
    assert!(
        off < 4.0 * sd / (sets as f64).sqrt(),
        "{:?} and {mean}",
        cell.k_excess
    );
}
