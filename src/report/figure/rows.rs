//! Figures with one row per foreign key: names at the left, or above where there is no room.

use super::Layout;
use super::svg::{Drawing, Point};
use super::words::{fitted, name_width, width};

/// Where the rows are.
pub(super) struct Rows {
    layout: Layout,
    /// Left and right end of what is drawn.
    left: f64,
    right: f64,
    top: f64,
    height: f64,
    count: usize,
}

/// Room for names at most.
const NAMES: f64 = 210.0;

impl Rows {
    /// One row per name, from `top` on, with `figures` units of room for text at the right.
    pub fn new(layout: Layout, names: &[&str], figures: f64, top: f64) -> Self {
        let longest = names.iter().map(|name| name_width(name));
        let names_room = longest.fold(60.0, f64::max).min(NAMES);
        let (left, right, height) = match layout {
            Layout::Wide => (names_room + 16.0, layout.width() - figures - 12.0, 24.0),
            Layout::Narrow => (16.0, layout.width() - 14.0, 40.0),
        };
        Self {
            layout,
            left,
            right,
            top,
            height,
            count: names.len(),
        }
    }

    /// Left and right end of the axis.
    pub fn places(&self) -> Point {
        (self.left, self.right)
    }

    /// Top and bottom of all rows.
    pub fn span(&self) -> Point {
        (self.top, self.bottom())
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height * self.count as f64
    }

    /// Writes name and figure of a row; returns the height at which its shapes belong.
    pub fn label(&self, drawing: &mut Drawing, row: usize, name: &str, figure: &str) -> f64 {
        let top = self.top + self.height * row as f64;
        // The whole row answers to the pointer.
        let size = (self.layout.width() - 2.0, self.height - 1.0);
        drawing.rect_of_opacity("f-paper", (1.0, top), size, 0.0);
        let end = self.layout.width() - 4.0;
        if self.layout.is_wide() {
            let y = top + 0.5 * self.height;
            let room = self.left - 14.0;
            drawing.text(
                "f-ink name end",
                (self.left - 12.0, y + 4.0),
                &fitted(name, room),
            );
            drawing.text("f-ink small end", (end, y + 4.0), figure);
            return y;
        }
        let room = end - width(figure) - 14.0;
        drawing.text(
            "f-ink bold small name",
            (4.0, top + 13.0),
            &fitted(name, room),
        );
        drawing.text("f-muted small end", (end, top + 13.0), figure);
        top + 27.0
    }
}
