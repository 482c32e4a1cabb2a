//! One self-contained HTML page: the answer in words, every picture, every figure, and how to repeat it.

mod answer;
mod markup;
mod repeat;
mod tables;

use super::figure::{FigureKind, MaybeFigure, draw, for_page, standing_alone};
use super::number::{count, counted};
use super::terminal::acts;
use super::{sentence, to_json};
use crate::Error;
use crate::fit::Fit;
use crate::portrait::Portrait;
use markup::Names;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rayon::prelude::*;
use serde::Serialize;

/// What the file holds near its start, by which it is known as ours.
pub const PAGE_MARK: &str = "<!-- fkbayes report -->";

/// What the template asks for; what it marks as safe is markup made here, everything else is escaped
/// there.
#[derive(Serialize)]
struct Content {
    heading: String,
    what: String,
    trusted: bool,
    chains: String,
    answer: String,
    warnings: Vec<String>,
    figures: Vec<FigureContent>,
    diagnostics: String,
    diagnostics_left_out: usize,
    table: String,
    command: String,
    model: String,
    noise: Option<String>,
    sampler: String,
    draws: String,
    drawn_by: String,
    version: &'static str,
    covers: &'static str,
    summary: String,
    figure_style: String,
    file_style: String,
    page_style: &'static str,
    script: &'static str,
}

#[derive(Serialize)]
struct FigureContent {
    kind: String,
    title: &'static str,
    caption: String,
    remark: Option<String>,
    drawings: String,
    /// Why there is none.
    absent: Option<String>,
}

/// The page; `summary` names the schema of the record that it embeds.
///
/// # Errors
/// If the draws cannot be read.
pub fn render_page(of: &Portrait, summary: &'static str) -> Result<String, Error> {
    let broken =
        |error: minijinja::Error| Error::Internal(format!("cannot make the page: {error}"));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let page = environment
        .template_from_str(include_str!("page.html"))
        .map_err(broken)?;
    page.render(Serde(content(of, summary)?)).map_err(broken)
}

fn content(of: &Portrait, summary: &'static str) -> Result<Content, Error> {
    let fit = of.fit();
    let names = Names::of(&fit.fitted.data);
    let metadata = of.opened().file.metadata();
    let (diagnostics, diagnostics_left_out) = tables::diagnostics(&fit.parameters);
    let verdict = sentence::verdict(&fit.diagnostics, fit.exact_unavailable.as_deref());
    Ok(Content {
        heading: heading(fit),
        what: what(fit),
        trusted: fit.diagnostics.ok,
        chains: names.marked_up(&verdict),
        answer: names.marked_up(&answer::in_words(of)),
        warnings: fit
            .diagnostics
            .warnings
            .iter()
            .map(|warning| names.marked_up(warning))
            .collect(),
        figures: figures(of, &names)?,
        diagnostics,
        diagnostics_left_out,
        table: tables::foreign_keys(of),
        command: repeat::command(metadata),
        model: sentence::model(
            &fit.fitted.model,
            fit.fitted.hyperprior_is_default,
            fit.fitted.data.sigma2_obs,
        ),
        noise: fit
            .fitted
            .noise_choice
            .as_ref()
            .map(|choice| names.marked_up(&choice.reason)),
        sampler: sentence::sampler(&fit.sampler),
        draws: fit.draws_file.clone().unwrap_or_default(),
        drawn_by: metadata.version.clone(),
        version: env!("CARGO_PKG_VERSION"),
        covers: sentence::COVERS,
        summary: inert(&to_json(summary, fit)?),
        figure_style: for_page(),
        file_style: standing_alone(),
        page_style: include_str!("page.css"),
        script: include_str!("page.js"),
    })
}

/// JSON in which no tag starts or ends and no character acts: \u003c is the same character there.
fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '<' || (c != '\n' && acts(c)) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn figures(of: &Portrait, names: &Names) -> Result<Vec<FigureContent>, Error> {
    let kinds: Vec<FigureKind> = FigureKind::all().collect();
    let drawn = kinds
        .into_par_iter()
        .map(|kind| Ok(figure_content(kind, draw(kind, of)?, names)));
    drawn.collect()
}

fn heading(fit: &Fit) -> String {
    match fit.fitted.data.k {
        1 => "How important is the foreign key?".to_owned(),
        k => format!("How important are the {} foreign keys?", count(k as f64)),
    }
}

fn what(fit: &Fit) -> String {
    let scores = fit.fitted.data.n_total.map_or_else(
        || "Estimates with standard errors".to_owned(),
        |n| counted(n as f64, "permutation score"),
    );
    format!("{scores}; {}", sentence::sampler(&fit.sampler))
}

fn figure_content(kind: FigureKind, figure: MaybeFigure, names: &Names) -> FigureContent {
    match figure {
        Ok(figure) => FigureContent {
            kind: kind.to_string(),
            title: figure.title,
            drawings: figure.elements(),
            remark: figure.remark.map(|remark| names.marked_up(&remark)),
            caption: figure.caption,
            absent: None,
        },
        Err(why) => FigureContent {
            kind: kind.to_string(),
            title: kind.title(),
            caption: String::new(),
            remark: None,
            drawings: String::new(),
            absent: Some(names.marked_up(&why)),
        },
    }
}
