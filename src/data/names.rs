//! Names as the input spells them, each kept once.

use std::collections::HashMap;

use super::part::checked;
use super::problem::InputProblem;

/// Numbers for names, in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    texts: Vec<String>,
    numbers: HashMap<Vec<u8>, usize>,
    /// Rows of one name tend to stand together: it is tried first.
    last: usize,
}

impl Names {
    /// The number of a name, which is a new one if the name was not seen before; `blank` is what is
    /// wrong with a name that is none.
    pub fn number(&mut self, name: &[u8], blank: InputProblem) -> Result<usize, InputProblem> {
        if self
            .texts
            .get(self.last)
            .is_some_and(|text| text.as_bytes() == name)
        {
            return Ok(self.last);
        }
        self.last = match self.numbers.get(name) {
            Some(number) => *number,
            None => self.add(name, blank)?,
        };
        Ok(self.last)
    }

    fn add(&mut self, name: &[u8], blank: InputProblem) -> Result<usize, InputProblem> {
        let text = checked(name, blank)?;
        let number = self.texts.len();
        self.texts.push(text.to_owned());
        self.numbers.insert(name.to_vec(), number);
        Ok(number)
    }

    /// The name of a number.
    pub fn text(&self, number: usize) -> &str {
        self.texts.get(number).map_or("", |text| text)
    }

    /// All names, by number.
    pub fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.texts.iter().map(String::as_str)
    }

    /// The same, for good.
    pub fn into_texts(self) -> Vec<String> {
        self.texts
    }
}
