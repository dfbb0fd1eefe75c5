//! The extractive answer: the few sentences of the best article that answer, word for word and in their order.

mod blocks;
mod choice;
mod decision;
mod quoter;

pub(crate) use self::quoter::Quoter;

/// An answer made of an article's own sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract {
    /// Sentences and lists in order; each can be shown as soon as it is there.
    pub pieces: Vec<String>,
    pub title: String,
    pub url: String,
    pub slug: String,
    /// Nearness of the article to the question.
    pub score: f32,
}

impl Extract {
    /// The whole answer as plain text: sentences run on, lists stand on lines of their own.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            let list = is_list(piece);
            if !text.is_empty() {
                let after_list = text.lines().next_back().is_some_and(is_list);
                text.push_str(if list {
                    "\n"
                } else if after_list {
                    "\n\n"
                } else {
                    " "
                });
            }
            text.push_str(piece);
        }
        text
    }
}

fn is_list(piece: &str) -> bool {
    piece.starts_with("- ") || piece.split_once(". ").is_some_and(|(number, _)| number.parse::<u64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sets_lists_on_lines_of_their_own() {
        let extract = Extract {
            pieces: ["A.", "B:", "1. C", "2. D", "E."].map(str::to_owned).to_vec(),
            title: String::new(),
            url: String::new(),
            slug: String::new(),
            score: 1.0,
        };
        assert_eq!(extract.text(), "A. B:\n1. C\n2. D\n\nE.");
    }
}
