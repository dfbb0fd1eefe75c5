//! Compares an answer's words with the articles' words.

use std::collections::{BTreeMap, BTreeSet};

/// An article as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleText {
    pub slug: String,
    /// In reading order. The first one may be the opening, before any heading.
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: Option<String>,
    /// Sentences, items and rows.
    pub sentences: Vec<String>,
}

/// The articles by slug.
#[derive(Debug, Clone, Default)]
pub struct Shelf(BTreeMap<String, Vec<(bool, String)>>);

impl Shelf {
    pub fn new(articles: &[ArticleText]) -> Self {
        let sections = |article: &ArticleText| {
            let text = |section: &Section| (section.heading.is_none(), plain(&section.sentences.join(" ")));
            article.sections.iter().map(text).collect()
        };
        Self(articles.iter().map(|article| (article.slug.clone(), sections(article))).collect())
    }

    fn sections(&self, slug: &str) -> &[(bool, String)] {
        self.0.get(slug).map_or(&[], Vec::as_slice)
    }

    /// Whether a fact stands in one of the articles: if not, no answer can hold it.
    pub(super) fn holds(&self, articles: &[String], fact: &[String]) -> bool {
        articles.iter().any(|slug| self.sections(slug).iter().any(|(_, text)| says(text, fact)))
    }

    /// The places of the section that a sentence stands in, word for word.
    fn place(&self, slug: &str, sentence: &str) -> Option<usize> {
        let sentence = plain(unmarked(sentence));
        self.sections(slug).iter().position(|(_, text)| text.contains(&sentence))
    }

    /// Whether a sentence stands in the article word for word.
    pub(super) fn supports(&self, slug: &str, sentence: &str) -> bool {
        self.place(slug, sentence).is_some()
    }

    /// Whether a sentence belongs in an answer: it is from an article that answers the question, and there from a section that holds a fact of a right
    /// answer, or from the opening, where the article says in short what it is about. A sentence of another article or another section is what a
    /// person has to read past.
    pub(super) fn belongs(&self, slug: &str, sentence: &str, articles: &[String], facts: &[Vec<String>]) -> bool {
        if !articles.iter().any(|own| own == slug) {
            return false;
        }
        let wanted: BTreeSet<usize> = (0..)
            .zip(self.sections(slug))
            .filter(|(_, (opening, text))| *opening || facts.iter().any(|fact| says(text, fact)))
            .map(|(place, _)| place)
            .collect();
        self.place(slug, sentence).is_some_and(|place| wanted.contains(&place))
    }
}

/// Whether a text has one of the wordings.
pub(super) fn says(text: &str, fact: &[String]) -> bool {
    fact.iter().any(|wording| text.contains(&plain(wording)))
}

/// Small letters, single spaces.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A list's item without its dash or number.
fn unmarked(piece: &str) -> &str {
    if let Some(rest) = piece.strip_prefix("- ") {
        return rest;
    }
    match piece.split_once(". ") {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => piece,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        let section = |heading: Option<&str>, sentences: &[&str]| Section {
            heading: heading.map(str::to_owned),
            sentences: sentences.iter().map(|own| (*own).to_owned()).collect(),
        };
        let refund = ArticleText {
            slug: "refund".to_owned(),
            sections: vec![
                section(None, &["You can ask for your money back."]),
                section(Some("When"), &["Within 14 days of paying.", "A person decides."]),
                section(Some("Where"), &["It goes back to your card."]),
            ],
        };
        let other = ArticleText { slug: "other".to_owned(), sections: vec![section(None, &["Within 14 days of paying."])] };
        Shelf::new(&[refund, other])
    }

    #[test]
    fn a_sentence_belongs_where_a_fact_or_the_opening_is() {
        let shelf = shelf();
        let (articles, facts) = (vec!["refund".to_owned()], vec![vec!["two weeks".to_owned(), "14 DAYS".to_owned()]]);
        let belongs = |slug: &str, sentence: &str| shelf.belongs(slug, sentence, &articles, &facts);
        assert!(belongs("refund", "Within 14 days of paying.") && belongs("refund", "A person decides."));
        assert!(belongs("refund", "You can ask for your money back."));
        assert!(!belongs("refund", "It goes back to your card."), "another section");
        assert!(!belongs("other", "Within 14 days of paying."), "another article");
        assert!(!belongs("refund", "Within 30 days of paying."), "in no article");
    }

    #[test]
    fn support_is_word_for_word_whatever_the_marks_of_a_list() {
        let shelf = shelf();
        for piece in ["- A person decides.", "12. A person decides.", "a  person decides."] {
            assert!(shelf.supports("refund", piece), "{piece}");
        }
        assert!(!shelf.supports("refund", "A robot decides.") && !shelf.supports("nothing", "A person decides."));
        assert!(shelf.holds(&["refund".to_owned()], &["your card".to_owned()]));
        assert!(!shelf.holds(&["other".to_owned()], &["your card".to_owned()]));
    }
}
