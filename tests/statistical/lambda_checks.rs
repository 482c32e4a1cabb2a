//! The checks of the scores: right p-values where nothing is wrong, small ones where something is.

use crate::support::{FALSE_ALARM, named, normal, rng};
use fkbayes::data::{Data, FkStats, Sample, Scores};
use fkbayes::lambda::{
    BrownForsythe, Check, check_scores, lag_one, null_moments_of_lag_one, rank_correlation,
};
use fkbayes::model::{Hierarchy, Model, Noise};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;
use statrs::distribution::{Binomial, DiscreteCDF};

/// Replications of the null hypothesis, and FKs and scores in each.
const REPLICATIONS: usize = 1500;
const SIZES: [usize; 5] = [40, 60, 60, 80, 120];

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/lambda.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Scores as the reader would deliver them.
pub fn data_of(fks: &[Vec<f64>]) -> (Data, Scores) {
    let samples = fks.iter().map(|scores| {
        let mut stats = FkStats::default();
        scores.iter().for_each(|&score| stats.observe(score));
        Sample::Scores(stats)
    });
    (named(samples), Scores::new(fks.to_vec()))
}

fn checks(fks: &[Vec<f64>]) -> Vec<Check> {
    let (data, scores) = data_of(fks);
    let model = Model {
        noise: Noise::Pooled,
        ..Model::default()
    };
    let hierarchy = Hierarchy::resolve(&model, &data).unwrap();
    let found = check_scores(&data, &hierarchy, &scores);
    let names: Vec<&str> = found.iter().map(|check| check.check).collect();
    assert_eq!(names, ["noise", "drift", "autocorrelation"]);
    found
}

/// Independent normal scores of FKs that differ in importance.
fn null(rng: &mut Xoshiro256PlusPlus) -> Vec<Vec<f64>> {
    let fks = SIZES.iter().map(|&n| {
        let alpha = 2.0 * normal(rng);
        (0..n).map(|_| alpha + normal(rng)).collect()
    });
    fks.collect()
}

#[test]
fn statistics_equal_the_reference() {
    let golden = golden();
    let groups: Vec<Vec<f64>> =
        serde_json::from_value(golden["brown_forsythe"]["groups"].clone()).unwrap();
    let groups: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
    let found = BrownForsythe::new(&groups).unwrap();
    let expected = |key: &str| golden["brown_forsythe"][key].as_f64().unwrap();
    assert!((found.statistic / expected("statistic") - 1.0).abs() < 1e-12);
    assert!((found.p_value / expected("p_value") - 1.0).abs() < 1e-10);
    let ties = &golden["rank_correlation"];
    let r = rank_correlation(&numbers(&ties["scores"])).unwrap();
    assert!((r - ties["r"].as_f64().unwrap()).abs() < 1e-14);
    for case in golden["lag_one"].as_array().unwrap() {
        let n = case["n"].as_u64().unwrap() as usize;
        let (_, variance) = null_moments_of_lag_one(n);
        assert!((variance / case["variance"].as_f64().unwrap() - 1.0).abs() < 1e-11);
    }
}

/// Of independent scores r has the mean -1/n and the variance that the check divides by, at n = 12 where
/// both matter: 100,000 samples, refused with probability 2e-7.
#[test]
fn null_moments_of_the_autocorrelation_are_exact() {
    const SAMPLES: usize = 100_000;
    let (mean, variance) = null_moments_of_lag_one(12);
    let mut rng = rng(5);
    let z: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let scores: Vec<f64> = (0..12).map(|_| normal(&mut rng)).collect();
            (lag_one(&scores).unwrap() - mean) / variance.sqrt()
        })
        .collect();
    let mut check = crate::support::Check::default();
    check.independent("mean", &z, 0.0);
    let squares: Vec<f64> = z.iter().map(|z| z * z).collect();
    check.independent("variance", &squares, 1.0);
    check.assert_passed();
}

/// The p-value of all FKs together is uniform, within what the DKW inequality allows the empirical
/// distribution function of 1,500 uniforms with probability 1 - 2e-7 for each of three checks; that of
/// the worst FK is below 0.05 no more often than a binomial tail of 2e-7 allows.
#[test]
fn p_values_are_uniform_where_nothing_is_wrong() {
    let reach = ((2.0 / FALSE_ALARM).ln() / (2.0 * REPLICATIONS as f64)).sqrt();
    let mut rng = rng(17);
    let mut together = vec![Vec::new(); 3];
    let mut worst = [0_u64; 3];
    let at_most = Binomial::new(0.05, REPLICATIONS as u64).unwrap();
    for _ in 0..REPLICATIONS {
        for (i, check) in checks(&null(&mut rng)).iter().enumerate() {
            together[i].push(check.p_value);
            worst[i] += u64::from(check.worst.p_value <= 0.05);
        }
    }
    for (p, worst) in together.iter_mut().zip(worst) {
        p.sort_by(f64::total_cmp);
        let size = p.len() as f64;
        let off = |(i, p): (usize, &f64)| ((i as f64 + 0.5) / size - p).abs();
        let distance = p.iter().enumerate().map(off).fold(0.0, f64::max);
        println!("distance {distance:.4} within {reach:.4}; worst {worst} of {REPLICATIONS}");
        assert!(distance < reach);
        assert!(at_most.sf(worst.saturating_sub(1)) > FALSE_ALARM);
    }
}

/// Each trouble is found by its own check, in the FK that has it, and by no other.
#[test]
fn planted_troubles_are_found_where_they_are() {
    type Plant = fn(&mut Vec<f64>);
    let plants: [(&str, Plant); 3] = [
        ("noise", |scores| {
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            scores
                .iter_mut()
                .for_each(|y| *y = mean + 3.0 * (*y - mean));
        }),
        ("drift", |scores| {
            let n = scores.len() as f64;
            let climb = scores.iter_mut().zip(0..);
            climb.for_each(|(y, i)| *y += 2.5 * f64::from(i) / n);
        }),
        ("autocorrelation", |scores| {
            for i in 1..scores.len() {
                scores[i] = 0.6 * scores[i - 1] + 0.8 * scores[i];
            }
        }),
    ];
    for (name, plant) in plants {
        let mut fks = null(&mut rng(3));
        plant(&mut fks[4]);
        let found = checks(&fks);
        let check = found.iter().find(|check| check.check == name).unwrap();
        println!("{name}: p = {:.1e}, worst {:?}", check.p_value, check.worst);
        assert!(check.p_value < 1e-6 && check.worst.p_value < 1e-6);
        assert_eq!(check.worst.fk, "f4");
        assert!(check.finding.as_ref().unwrap().contains("'f4'"));
        // A drift makes successive scores alike, and so do the reverse.
        if name == "noise" {
            assert!(
                found
                    .iter()
                    .all(|check| check.check == name || !check.significant())
            );
        }
    }
}

/// An FK that never varies, and one with too few scores, are left out.
#[test]
fn constant_and_short_fks_are_left_out() {
    let mut fks = null(&mut rng(4));
    fks.push(vec![0.0; 30]);
    fks.push(vec![1.0, 2.0, 3.0]);
    for check in checks(&fks) {
        assert_eq!(check.fks, SIZES.len());
    }
}
