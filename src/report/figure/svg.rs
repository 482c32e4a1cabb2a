//! A small writer of SVG: shapes, text that is escaped, and marks that tell their numbers.

use std::fmt::Write;

/// A point, in user units: about a pixel where nothing is scaled.
pub(super) type Point = (f64, f64);

/// The inside of an SVG document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawing {
    pub width: f64,
    pub height: f64,
    body: String,
}

impl Drawing {
    pub fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            body: String::new(),
        }
    }

    pub fn body(&self) -> &str {
        &self.body
    }

    pub fn line(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        ));
    }

    pub fn circle(&mut self, class: &str, (x, y): Point, r: f64) {
        let (x, y, r) = (short(x), short(y), short(r));
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"
        ));
    }

    /// A rectangle from its left upper corner, with a width and height that are not negative.
    pub fn rect(&mut self, class: &str, (x, y): Point, (width, height): (f64, f64)) {
        self.rect_with(class, (x, y), (width, height), "");
    }

    /// A rectangle as opaque as `opacity` says.
    pub fn rect_of_opacity(&mut self, class: &str, at: Point, size: (f64, f64), opacity: f64) {
        let opacity = format!(" fill-opacity=\"{opacity:.2}\"");
        self.rect_with(class, at, size, &opacity);
    }

    fn rect_with(&mut self, class: &str, at: Point, size: (f64, f64), more: &str) {
        let (x, y, width, height) = (
            short(at.0),
            short(at.1),
            short(size.0.max(0.0)),
            short(size.1.max(0.0)),
        );
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{more}/>"
        ));
    }

    /// A line through points.
    pub fn path(&mut self, class: &str, points: impl IntoIterator<Item = Point>) {
        let outline = outline(points);
        if !outline.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{outline}\"/>"));
        }
    }

    /// The area within points.
    pub fn area(&mut self, class: &str, points: impl IntoIterator<Item = Point>) {
        let outline = outline(points);
        if !outline.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{outline}Z\"/>"));
        }
    }

    /// Text; its anchor is part of the class (`end`, `mid`, or the start).
    pub fn text(&mut self, class: &str, (x, y): Point, text: &str) {
        let (x, y, text) = (short(x), short(y), escaped(text));
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        ));
    }

    /// What `draw` draws as one mark that tells `tip`, a few lines, when it is pointed at.
    pub fn mark(&mut self, tip: &str, draw: impl FnOnce(&mut Self)) {
        let tip = escaped(tip);
        self.push(format_args!("<g class=\"m\"><title>{tip}</title>"));
        draw(self);
        self.push(format_args!("</g>"));
    }

    fn push(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(arguments);
    }
}

fn outline(points: impl IntoIterator<Item = Point>) -> String {
    let mut out = String::new();
    for (x, y) in points {
        let command = if out.is_empty() { 'M' } else { 'L' };
        let _ = write!(out, "{command}{} {}", short(x), short(y));
    }
    out
}

/// A coordinate to a tenth.
fn short(x: f64) -> String {
    let text = format!("{x:.1}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Text as it must stand in XML and HTML, in attributes too; what neither allows becomes U+FFFD.
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
