//! Pictures of a fit, as SVG: each draws the plain data of one of its aspects.

mod chains;
mod conditional;
mod forest;
mod frame;
mod planning;
#[cfg(feature = "png")]
mod png;
mod predictive;
mod prior;
mod ranking;
mod rows;
mod scale;
mod sensitivity;
mod study;
mod style;
mod svg;
mod variance;
mod words;

pub(super) use planning::{Terms, curve};
#[cfg(feature = "png")]
pub use png::to_png;
pub use study::{PLOT_MARK, plot_study};
pub(super) use style::{for_page, standing_alone};
pub(super) use svg::escaped;
pub(super) use words::{untwisted, visible};

use crate::Error;
use crate::portrait::Portrait;
use std::fmt;
use std::str::FromStr;
use svg::Drawing;

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FigureKind {
    /// Importances with their intervals.
    Forest,
    /// Full posterior variances, in their parts, against the plug-in's.
    Variance,
    /// Importances as functions of σ_FK.
    Conditional,
    /// Prior against posterior of σ²_FK and λ.
    Prior,
    /// Probabilities of ranks.
    Ranking,
    /// What more permutations would bring.
    Planning,
    /// Courses of the chains.
    Trace,
    /// Ranks of the chains' draws.
    Rank,
    /// Effective sizes against draws.
    Ess,
    /// Posterior predictive checks.
    Predictive,
    /// Other hyperpriors.
    Sensitivity,
}

/// All kinds with names and headings, in the order of the page.
const KINDS: [(FigureKind, &str, &str); 11] = [
    (
        FigureKind::Forest,
        "forest",
        "How important is each foreign key?",
    ),
    (
        FigureKind::Variance,
        "variance",
        "May the plug-in formula be used?",
    ),
    (
        FigureKind::Conditional,
        "conditional",
        "How much does pooling decide?",
    ),
    (
        FigureKind::Prior,
        "prior",
        "What have the data added to the prior?",
    ),
    (
        FigureKind::Ranking,
        "ranking",
        "How settled is the ranking?",
    ),
    (
        FigureKind::Planning,
        "planning",
        "What would more permutations bring?",
    ),
    (
        FigureKind::Trace,
        "trace",
        "Do the chains agree? Their course",
    ),
    (FigureKind::Rank, "rank", "Do the chains agree? Their ranks"),
    (FigureKind::Ess, "ess", "Are there enough draws?"),
    (
        FigureKind::Sensitivity,
        "sensitivity",
        "Does the answer hang on the hyperprior?",
    ),
    (
        FigureKind::Predictive,
        "predictive",
        "Does the model fit the data?",
    ),
];

impl FigureKind {
    /// All kinds, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, _, _)| *kind)
    }

    /// The names of all, as the command line has them.
    pub const NAMES: [&str; KINDS.len()] = {
        let mut names = [""; KINDS.len()];
        let mut i = 0;
        while i < names.len() {
            names[i] = KINDS[i].1;
            i += 1;
        }
        names
    };

    /// The heading of its picture.
    #[must_use]
    pub fn title(self) -> &'static str {
        let named = KINDS.iter().find(|(kind, _, _)| *kind == self);
        named.map_or("", |(_, _, title)| title)
    }

    /// What a file holds near its start by which it is known as a picture of this kind.
    #[must_use]
    pub fn mark(self) -> String {
        format!("<!-- fkbayes plot {self} -->")
    }
}

impl fmt::Display for FigureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = KINDS.iter().find(|(kind, _, _)| kind == self);
        f.write_str(named.map_or("", |(_, name, _)| name))
    }
}

impl FromStr for FigureKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let named = KINDS.iter().find(|(_, name, _)| *name == text);
        named.map(|(kind, _, _)| *kind).ok_or_else(|| {
            let names: Vec<&str> = KINDS.iter().map(|(_, name, _)| *name).collect();
            Error::Setting {
                setting: format!("plot '{text}'"),
                problem: format!("is not one of {}", names.join(", ")),
            }
        })
    }
}

/// For which width a figure is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// A page on a desk.
    Wide,
    /// A phone.
    Narrow,
}

impl Layout {
    fn width(self) -> f64 {
        match self {
            Self::Wide => 760.0,
            Self::Narrow => 360.0,
        }
    }

    fn is_wide(self) -> bool {
        self == Self::Wide
    }
}

/// A picture: what it shows, in words and drawn for both widths.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is of.
    pub kind: FigureKind,
    /// Its heading.
    pub title: &'static str,
    /// What it shows, for those who cannot see it.
    pub description: String,
    /// How to read it.
    pub caption: String,
    /// What it comes to in this case, where there is a word for it.
    pub remark: Option<String>,
    wide: Drawing,
    narrow: Drawing,
}

impl Figure {
    /// As an SVG document of its own, with its colours.
    #[must_use]
    pub fn document(&self) -> String {
        let (width, height) = (self.wide.width, self.wide.height);
        format!(
            "<svg class=\"fig\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\">\n{}\n<title>{}</title>\n<desc>{}</desc>\n\
             <style>{}</style>\n<rect class=\"f-paper\" width=\"{width}\" height=\"{height}\"/>\n{}\n</svg>\n",
            self.kind.mark(),
            escaped(self.title),
            escaped(&self.description),
            standing_alone(),
            self.wide.body()
        )
    }

    /// Both layouts as elements of a page, of which its style shows one.
    pub(super) fn elements(&self) -> String {
        let element = |drawing: &Drawing, layout: &str| {
            let (width, height, kind) = (drawing.width, drawing.height, self.kind);
            format!(
                "<svg class=\"fig {layout}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
                 height=\"{height}\" role=\"img\" tabindex=\"0\" aria-labelledby=\"{kind}-{layout}-t {kind}-{layout}-d\">\
                 <title id=\"{kind}-{layout}-t\">{}</title><desc id=\"{kind}-{layout}-d\">{}</desc>{}</svg>",
                escaped(self.title),
                escaped(&self.description),
                drawing.body()
            )
        };
        element(&self.wide, "wide") + &element(&self.narrow, "narrow")
    }
}

/// A picture, or in words why there is none.
pub type MaybeFigure = Result<Figure, String>;

/// Draws a picture of a fit.
///
/// # Errors
/// If the draws cannot be read.
pub fn draw(kind: FigureKind, of: &Portrait) -> Result<MaybeFigure, Error> {
    match kind {
        FigureKind::Forest => Ok(forest::figure(of)),
        FigureKind::Variance => Ok(variance::figure(of)),
        FigureKind::Conditional => conditional::figure(of),
        FigureKind::Prior => prior::figure(of),
        FigureKind::Ranking => ranking::figure(of),
        FigureKind::Planning => Ok(planning::figure(of)),
        FigureKind::Trace => chains::trace(of),
        FigureKind::Rank => chains::rank(of),
        FigureKind::Ess => chains::ess(of),
        FigureKind::Predictive => predictive::figure(of),
        FigureKind::Sensitivity => Ok(sensitivity::figure(of)),
    }
}

/// A figure whose drawing depends on the width alone.
fn in_both_widths(
    kind: FigureKind,
    (description, caption): (String, String),
    draw: impl Fn(Layout) -> Drawing,
) -> Figure {
    Figure {
        kind,
        title: kind.title(),
        description,
        caption,
        remark: None,
        wide: draw(Layout::Wide),
        narrow: draw(Layout::Narrow),
    }
}

/// What pictures leave out, as the end of a caption.
fn left_out(of: &Portrait) -> String {
    match of.left_out() {
        0 => String::new(),
        more => format!(
            " Shown are the {} foreign keys with the largest posterior medians; the table at the end has \
             the other {more} too.",
            of.shown().len()
        ),
    }
}
