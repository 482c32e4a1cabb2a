//! A simulation for a terminal.

use super::number::{count, counted, significant};
use super::page::Page;
use super::sentence;
use super::view::View;
use crate::model::Noise;
use crate::simulate::{Simulation, TrueAlpha};

/// The record as text; it ends with a line break.
#[must_use]
pub fn render_simulation(simulation: &Simulation, view: View) -> String {
    let (data, truth) = (&simulation.data, &simulation.truth);
    let title = format!(
        "{} of {}",
        counted(data.n_total as f64, "simulated score"),
        counted(data.k as f64, "foreign key")
    );
    let mut page = Page::titled(&title);
    let mut tell = |label: &str, text: &str| page.tell(label, text);
    tell("model", &model(simulation));
    tell("truth", &shared(simulation));
    let largest = truth.alpha.iter().max_by(by_alpha);
    if let Some(largest) = largest {
        let text = format!(
            "largest importance {}, of '{}'",
            significant(Some(largest.alpha), 3),
            largest.fk
        );
        tell("", &text);
    }
    let without = data.fks.iter().filter(|fk| fk.n == Some(0)).count();
    if without > 0 {
        tell("", &format!("{} FKs have no scores", count(without as f64)));
    }
    tell("seed", &simulation.seed.to_string());
    let files = &simulation.files;
    tell("scores", &files.scores);
    tell("truth", &files.truth);
    page.show(view)
}

fn by_alpha(a: &&TrueAlpha, b: &&TrueAlpha) -> std::cmp::Ordering {
    a.alpha.total_cmp(&b.alpha)
}

fn model(simulation: &Simulation) -> String {
    let text = sentence::model(&simulation.model, false, simulation.truth.sigma2_obs);
    // Without a hyperprior its place is empty.
    text.trim_start_matches("; ").to_owned()
}

/// What all FKs share.
fn shared(simulation: &Simulation) -> String {
    let truth = &simulation.truth;
    let mut parts = Vec::new();
    for (name, value) in [
        ("sigma2_fk", truth.sigma2_fk),
        ("sigma2_obs", truth.sigma2_obs),
        ("lambda", truth.lambda),
        ("d0", truth.d0),
    ] {
        if value.is_some() {
            parts.push(format!("{name} = {}", significant(value, 3)));
        }
    }
    if truth.location != 0.0 {
        let location = significant(Some(truth.location), 3);
        parts.push(format!("location = {location}"));
    }
    if let Noise::PerFk { .. } = simulation.model.noise {
        let variances = truth.alpha.iter().map(|fk| fk.sigma2_obs);
        let low = variances.clone().fold(f64::INFINITY, f64::min);
        let high = variances.fold(0.0, f64::max);
        parts.push(format!(
            "noise variances from {} to {}",
            significant(Some(low), 3),
            significant(Some(high), 3)
        ));
    }
    if parts.is_empty() {
        parts.push("importances as given".to_owned());
    }
    parts.join(", ")
}
