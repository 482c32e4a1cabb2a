//! An answer before it has a form: titles, sentences and tables in reading order.

use super::cell::Cell;
use super::markdown;
use super::table::{Column, Table};
use super::terminal::{paragraph, tamed, tamed_lines};
use super::view::{Form, View};

/// What every subcommand's answer is made of. The form comes last, in [`show`](Self::show).
#[derive(Debug, Default)]
pub(super) struct Page {
    blocks: Vec<Block>,
}

#[derive(Debug)]
enum Block {
    Title(String),
    Heading(String),
    Sentence(Sentence),
    Remark(String),
    Table(Table),
    Gap,
}

/// A labelled paragraph.
#[derive(Debug)]
pub(super) struct Sentence {
    pub label: String,
    pub text: String,
    /// A part of it that has a colour.
    pub emphasis: Option<(String, Tone)>,
}

/// What a colour says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    Good,
    Warn,
    Bad,
}

impl Page {
    /// A page that begins with a title.
    pub fn titled(title: &str) -> Self {
        Self {
            blocks: vec![Block::Title(title.to_owned())],
        }
    }

    /// The heading of a table.
    pub fn heading(&mut self, heading: &str) {
        self.blocks.push(Block::Heading(heading.to_owned()));
    }

    /// A paragraph with its label.
    pub fn tell(&mut self, label: &str, text: &str) {
        self.say(label, text, None);
    }

    /// A warning.
    pub fn warn(&mut self, text: &str) {
        self.say("warning", text, Some(("warning".to_owned(), Tone::Warn)));
    }

    /// A paragraph that begins with a verdict.
    pub fn judge(&mut self, label: &str, verdict: &str, tone: Tone, rest: &str) {
        let emphasis = (verdict.to_owned(), tone);
        self.say(label, &format!("{verdict} {rest}"), Some(emphasis));
    }

    fn say(&mut self, label: &str, text: &str, emphasis: Option<(String, Tone)>) {
        self.blocks.push(Block::Sentence(Sentence {
            label: label.to_owned(),
            text: text.to_owned(),
            emphasis,
        }));
    }

    /// A line below a table.
    pub fn remark(&mut self, text: &str) {
        self.blocks.push(Block::Remark(text.to_owned()));
    }

    /// A table; the first one of a page is what there is as CSV.
    pub fn table<C: Into<Column>, T: Into<Cell>>(
        &mut self,
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = Vec<T>>,
    ) {
        self.blocks.push(Block::Table(Table::new(columns, rows)));
    }

    /// A blank line, where the form does not set parts apart anyway.
    pub fn gap(&mut self) {
        self.blocks.push(Block::Gap);
    }

    /// The text in the form that is asked for; it ends with a line break.
    pub fn show(&self, view: View) -> String {
        match view.form {
            Form::Table => self.blocks.iter().map(|block| text(block, view)).collect(),
            Form::Markdown => {
                let blocks: Vec<String> = self.blocks.iter().filter_map(in_markdown).collect();
                blocks.join("\n")
            }
            Form::Csv => {
                let first = self.blocks.iter().find_map(|block| match block {
                    Block::Table(table) => Some(table.csv()),
                    _ => None,
                });
                first.unwrap_or_default()
            }
        }
    }
}

fn text(block: &Block, view: View) -> String {
    match block {
        Block::Title(title) => view.paint.bold(&tamed(title)) + "\n",
        Block::Heading(heading) => format!("\n{}\n", view.paint.bold(&tamed(heading))),
        Block::Sentence(sentence) => {
            let plain = paragraph(&sentence.label, &tamed(&sentence.text), view.width);
            match &sentence.emphasis {
                Some((word, tone)) => plain.replacen(word, &view.paint.in_tone(*tone, word), 1),
                None => plain,
            }
        }
        Block::Remark(remark) => tamed_lines(remark) + "\n",
        Block::Table(table) => table.text(view.width),
        Block::Gap => "\n".to_owned(),
    }
}

fn in_markdown(block: &Block) -> Option<String> {
    match block {
        Block::Title(title) => Some(markdown::heading(1, title)),
        Block::Heading(heading) => Some(markdown::heading(2, heading)),
        Block::Sentence(sentence) => Some(markdown::sentence(sentence)),
        Block::Remark(remark) => Some(markdown::escaped(remark) + "\n"),
        Block::Table(table) => Some(markdown::table(table)),
        Block::Gap => None,
    }
}
