//! Whether the formula Δ/(n + Δ + λ) describes these data, in words.

use super::checks::Check;
use super::validation::ValidationRow;

/// Standard deviations, of the mean of K squared standard normals, that a relative error may be off.
/// Over many splits it varies less than over one, so this is generous.
const TOLERANCE: f64 = 3.0;

/// The mean square of fewer errors may be anything.
const FEWEST: usize = 3;

/// What the verdict rests on.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// Whether one σ²_obs serves all FKs.
    pub common_noise: bool,
    /// Whether σ̂²_FK = 0.
    pub at_boundary: bool,
    /// Whether importances have clearly heavier tails than the model's.
    pub heavy_tails: bool,
    /// The rows of the validation.
    pub validation: &'a [ValidationRow],
    /// What the checks found.
    pub checks: &'a [Check],
}

impl ValidationRow {
    /// Whether held-out errors are as large as predicted, as far as so many FKs can tell.
    #[must_use]
    pub fn holds(&self) -> bool {
        let reach = TOLERANCE * (2.0 / self.fks.max(1) as f64).sqrt();
        self.relative_error
            .is_some_and(|error| error - 1.0 < reach && 1.0 - error < reach.min(0.9))
    }
}

/// One sentence or two; what was not looked at is said.
#[must_use]
pub fn judge_formula(grounds: Grounds<'_>) -> String {
    if grounds.at_boundary {
        return "nothing to promise: sigma2_fk is estimated at 0, so lambda is infinite and further \
                scores would take nothing off a variance that is 0 already. Use the full posterior."
            .to_owned();
    }
    let whose = if grounds.common_noise {
        String::new()
    } else {
        "noise differs: no one lambda; with each FK's own, ".to_owned()
    };
    let order: Vec<&str> = grounds
        .checks
        .iter()
        .filter(|check| check.check != "noise" && check.significant())
        .map(|check| match check.check {
            "drift" => "drift",
            _ => "are not independent of each other",
        })
        .collect();
    let differing = grounds.common_noise
        && grounds
            .checks
            .iter()
            .any(|check| check.check == "noise" && check.significant());
    let mut body = held_out(grounds.validation) + ".";
    if grounds.heavy_tails {
        body.push_str(" Heavy tails: see fit.");
    }
    if !order.is_empty() {
        return format!(
            "{whose}no: scores {}, so that n of them are not worth n. Random splits do not see that: {body}",
            order.join(" and ")
        );
    }
    if differing {
        return format!("noise differs, so no one lambda is right for every FK; {body}");
    }
    format!("{whose}{body}")
}

fn error_of(row: &ValidationRow) -> f64 {
    row.relative_error.unwrap_or(f64::INFINITY)
}

/// What held-out scores say.
fn held_out(rows: &[ValidationRow]) -> String {
    let worst = rows.iter().max_by(|a, b| {
        let off = |row: &ValidationRow| error_of(row).ln().abs();
        off(a).total_cmp(&off(b))
    });
    let Some(worst) = worst else {
        return "not judged on held-out scores, as there are none".to_owned();
    };
    let range = |of: fn(&ValidationRow) -> f64| {
        let values = || rows.iter().map(of);
        let (low, high) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        );
        (low, high)
    };
    let (low, high) = range(error_of);
    let (few, many) = range(|row| 100.0 * row.coverage);
    let figures = format!(
        "squared errors {low:.2} to {high:.2} times the expected, 90 % intervals hold {few:.0} to \
         {many:.0} %"
    );
    let most = rows.iter().map(|row| row.fks).max().unwrap_or(0);
    if most < FEWEST {
        return format!(
            "not judged on held-out scores, as those of {most} FK{} tell nothing: {figures}",
            if most == 1 { "" } else { "s" }
        );
    }
    if rows.iter().all(ValidationRow::holds) {
        format!(
            "held-out scores are predicted as promised, as far as {most} FKs can tell: {figures}"
        )
    } else {
        format!(
            "held-out scores are NOT as promised (worst: n = {}): {figures}",
            worst.n
        )
    }
}
