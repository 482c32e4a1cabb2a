//! Tables, for a terminal and for programs.

use super::cell::Cell;
use super::terminal::name;
use crate::data::csv_text;
use unicode_width::UnicodeWidthStr;

/// Columns that the name of an FK keeps at least.
const NARROWEST_NAME: usize = 12;

/// A column: its title for people, and its name for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    title: String,
    key: String,
    section: Option<&'static str>,
    is_shown: bool,
    narrowest: Option<usize>,
    widest: usize,
}

impl From<&str> for Column {
    fn from(title: &str) -> Self {
        (title, title).into()
    }
}

impl From<(&str, &str)> for Column {
    fn from((title, key): (&str, &str)) -> Self {
        Self {
            title: title.to_owned(),
            key: key.to_owned(),
            section: None,
            is_shown: true,
            narrowest: None,
            widest: usize::MAX,
        }
    }
}

impl Column {
    /// A column for programs alone.
    pub fn unseen(key: &str) -> Self {
        Self {
            is_shown: false,
            ..Self::from(key)
        }
    }

    /// The same below a word that it shares with its neighbours.
    pub fn under(self, section: &'static str) -> Self {
        Self {
            section: Some(section),
            ..self
        }
    }

    /// The same, its texts cut to `widest` columns, and to `narrowest` where room is scarce.
    pub fn cut(self, narrowest: usize, widest: usize) -> Self {
        Self {
            narrowest: Some(narrowest),
            widest,
            ..self
        }
    }

    /// With the word above it.
    pub fn full_title(&self) -> String {
        match self.section {
            Some(section) => format!("{section}: {}", self.title),
            None => self.title.clone(),
        }
    }
}

/// Rows of as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Column titles (or pairs of title and name for programs) and rows.
    pub fn new<C: Into<Column>, T: Into<Cell>>(
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = Vec<T>>,
    ) -> Self {
        let cells = |row: Vec<T>| row.into_iter().map(T::into).collect();
        Self {
            columns: columns.into_iter().map(C::into).collect(),
            rows: rows.into_iter().map(cells).collect(),
        }
    }

    /// Comma-separated after RFC 4180, every column under its name for programs.
    pub fn csv(&self) -> String {
        let line = |fields: Vec<&str>| {
            let fields: Vec<_> = fields.into_iter().map(csv_text).collect();
            fields.join(",") + "\n"
        };
        let header = line(self.columns.iter().map(|c| c.key.as_str()).collect());
        let rows = self.rows.iter();
        header
            + &rows
                .map(|row| line(row.iter().map(|cell| cell.exact.as_str()).collect()))
                .collect::<String>()
    }

    /// The columns for people.
    pub fn shown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.is_shown)
    }

    /// What stands in them, row by row.
    pub fn shown_rows(&self) -> impl Iterator<Item = Vec<&str>> {
        self.rows.iter().map(|row| {
            let cells = row.iter().zip(&self.columns);
            let shown = cells.filter(|(_, column)| column.is_shown);
            shown.map(|(cell, _)| cell.shown.as_str()).collect()
        })
    }

    /// Aligned, the first column to the left, within `room` columns: names yield.
    pub fn text(&self, room: usize) -> String {
        let columns: Vec<&Column> = self.shown().collect();
        let rows: Vec<Vec<String>> = self
            .shown_rows()
            .map(|row| {
                let cells = row.iter().zip(&columns);
                cells
                    .map(|(cell, column)| name(cell, column.widest))
                    .collect()
            })
            .collect();
        let (widths, gap) = layout(&columns, &rows, room);
        let titles = columns.iter().map(|column| column.title.clone()).collect();
        let lines = std::iter::once(&titles).chain(&rows);
        let body = lines.map(|cells| aligned(cells, &widths, gap));
        sections(&columns, &widths, gap) + &body.collect::<String>()
    }
}

/// The width of every column, and the blanks between them: one where two would not fit.
fn layout(columns: &[&Column], rows: &[Vec<String>], room: usize) -> (Vec<usize>, usize) {
    let natural = |(i, column): (usize, &&Column)| {
        let cells = rows.iter().filter_map(|row| row.get(i));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        widest.max(column.title.width())
    };
    let mut widths: Vec<usize> = columns.iter().enumerate().map(natural).collect();
    let least: Vec<usize> = columns
        .iter()
        .zip(&widths)
        .enumerate()
        .map(|(i, (column, &width))| {
            let name = (i == 0).then_some(NARROWEST_NAME);
            width.min(column.narrowest.or(name).unwrap_or(width))
        })
        .collect();
    let gaps = columns.len().saturating_sub(1);
    let gap = if least.iter().sum::<usize>() + 2 * gaps <= room {
        2
    } else {
        1
    };
    let mut excess = (widths.iter().sum::<usize>() + gap * gaps).saturating_sub(room);
    for (width, least) in widths.iter_mut().zip(least).rev() {
        let cut = excess.min(*width - least);
        *width -= cut;
        excess -= cut;
    }
    (widths, gap)
}

fn aligned(cells: &[String], widths: &[usize], gap: usize) -> String {
    let mut line = String::new();
    for (i, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let text = name(cell, width);
        let blanks = " ".repeat(width - text.width().min(width));
        if i == 0 {
            line.push_str(&(text + &blanks));
        } else {
            line.push_str(&(" ".repeat(gap) + &blanks + &text));
        }
    }
    line.trim_end().to_owned() + "\n"
}

/// A line above the header that says what its words belong to: a section ends where its last column
/// does.
fn sections(columns: &[&Column], widths: &[usize], gap: usize) -> String {
    let mut line = String::new();
    let mut end = 0;
    for (i, (column, width)) in columns.iter().zip(widths).enumerate() {
        end += width + if i > 0 { gap } else { 0 };
        let next = columns.get(i + 1).and_then(|column| column.section);
        if let Some(section) = column.section.filter(|_| next != column.section) {
            let room = end.saturating_sub(line.width());
            line.push_str(&format!("{section:>room$}"));
        }
    }
    if line.is_empty() { line } else { line + "\n" }
}
