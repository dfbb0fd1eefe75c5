//! From a question to the articles that fit it, each with its sections.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use porter_embeddings::Embedding;
use uuid::Uuid;

use super::{KnowledgeBase, KnowledgeError};
use crate::answer::Extract;
use crate::audience::Audience;
use crate::head::Judgement;
use crate::index::{Hit, Mode, Search, query_weights};
use crate::store::Passage;

/// Points looked at: enough for the three nearest points of every article that has a chance.
const POINTS: usize = 512;
/// An article is as near as its nearest points are on average: one point may be near by chance. Measured on the academy's own questions, three are better than
/// one, two or five.
const NEAREST: usize = 3;
/// How much shared words count beside that: the weight of BM25, which is a few units, beside a cosine.
const WORDS: f32 = 0.015;
/// How much that counts beside what was learnt. An article whose questions nobody has written down yet is found by it.
const NEAR: f32 = 0.4;

/// What somebody asks: their words, and the encoder's vector of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub text: String,
    pub vector: Embedding,
}

/// An article that fits a question, with its best passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub slug: String,
    pub title: String,
    pub anchor: Option<String>,
    pub heading: Option<String>,
    /// Markdown of the passage.
    pub text: String,
    /// Cosine of the question with the article's nearest point, -1 to 1.
    pub score: f32,
    /// By what articles are ranked: what was learnt about articles, the mean cosine of the question with the article's three nearest points, and the words
    /// that it shares with three.
    pub rank: f32,
    /// By how much the question is more like those that the article answers than like those that none does; `None` where nobody has written such down.
    pub standing: Option<f32>,
    /// The whole article in order.
    pub sections: Vec<FoundSection>,
}

/// A passage of an article that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundSection {
    pub anchor: Option<String>,
    pub heading: Option<String>,
    /// Markdown.
    pub text: String,
    /// How well it answers, beside the article's other sections: what was learnt about it, or where nothing was, the cosine of the question with the nearest
    /// point of the passage.
    pub score: f32,
}

impl Found {
    /// Address of the passage on this server.
    pub fn url(&self) -> String {
        match &self.anchor {
            Some(anchor) => format!("/help/{}#{anchor}", self.slug),
            None => format!("/help/{}", self.slug),
        }
    }
}

/// The points of an article that were looked at, the nearest first.
#[derive(Debug, Default)]
struct Near {
    /// Cosines.
    meaning: Vec<f32>,
    /// Of words that are shared.
    words: Vec<f32>,
    /// Nearness by the text that a point stands for: a passage and the questions that it answers share it.
    texts: HashMap<String, f32>,
}

impl Near {
    fn add(&mut self, text: String, score: f32) {
        self.meaning.push(score);
        let known = self.texts.entry(text).or_insert(score);
        *known = known.max(score);
    }

    /// An article of few points is as near as those that it has. One that only shares words is at most as near as the furthest that was looked at.
    fn rank(&self, furthest: f32) -> f32 {
        mean_of_nearest(&self.meaning).unwrap_or(furthest) + WORDS * mean_of_nearest(&self.words).unwrap_or(0.0)
    }
}

fn mean_of_nearest(scores: &[f32]) -> Option<f32> {
    let nearest = scores.get(..NEAREST.min(scores.len())).filter(|nearest| !nearest.is_empty())?;
    Some(nearest.iter().sum::<f32>() / nearest.len() as f32)
}

impl KnowledgeBase {
    /// A question with its vector.
    pub async fn question(&self, text: &str) -> Result<Question, KnowledgeError> {
        Ok(Question { text: text.to_owned(), vector: self.encoder.embed_one(text).await? })
    }

    /// [`KnowledgeBase::search`] for a question that has no vector yet.
    pub async fn search_text(&self, text: &str, reader: Audience, limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        self.search(&self.question(text).await?, reader, limit).await
    }

    /// The articles that fit a question best and that this reader may see, the best first, each with its best passage.
    pub async fn search(&self, question: &Question, reader: Audience, limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        let by_meaning = Search::dense(question.vector.clone(), reader, POINTS);
        let by_words =
            Search { mode: Mode::Sparse, dense: Vec::new(), sparse: query_weights(&question.text), reader, limit: POINTS };
        let (meaning, words) = tokio::try_join!(self.index.search(by_meaning), self.index.search(by_words))?;
        let furthest = meaning.last().map_or(-1.0, |hit| hit.score);
        let near = self.near(&meaning, &words, reader).await?;
        let head = Arc::clone(&self.head.read().unwrap_or_else(PoisonError::into_inner));
        let judged = head.judge(&question.text, &question.vector);
        let rank = |slug: &str, near: &Near| match &judged {
            Some(judged) => judged.article(slug) + NEAR * near.rank(furthest),
            None => near.rank(furthest),
        };
        let mut best: Vec<(f32, String, Near)> = near.into_iter().map(|(slug, near)| (rank(&slug, &near), slug, near)).collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        best.truncate(limit);
        let mut found = Vec::with_capacity(best.len());
        for (rank, slug, near) in best {
            let standing = judged.as_ref().and_then(|judged| judged.standing(&slug));
            let found_here = self.with_sections(&slug, &near, furthest, judged.as_ref()).await?;
            found.extend(found_here.map(|own| Found { rank, standing, ..own }));
        }
        Ok(found)
    }

    /// What was found, by article. Points whose passage is not in the tables, or not for this reader, are left out.
    async fn near(&self, meaning: &[Hit], words: &[Hit], reader: Audience) -> Result<HashMap<String, Near>, KnowledgeError> {
        let mut ids: Vec<Uuid> = meaning.iter().chain(words).map(|hit| hit.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let passages: HashMap<Uuid, Passage> =
            self.store.passages_by_point(&ids).await?.into_iter().map(|passage| (passage.point_id, passage)).collect();
        let mut near: HashMap<String, Near> = HashMap::new();
        // The index has filtered already; should it lag behind an article that was withdrawn from readers, the tables have the last word.
        let seen = |id: &Uuid| passages.get(id).filter(|passage| reader.reads(passage.audience));
        for hit in meaning {
            if let Some(passage) = seen(&hit.id) {
                near.entry(passage.slug.clone()).or_default().add(passage.text.clone(), hit.score);
            }
        }
        for hit in words {
            if let Some(passage) = seen(&hit.id) {
                near.entry(passage.slug.clone()).or_default().words.push(hit.score);
            }
        }
        Ok(near)
    }

    /// An article with its sections, and the one that answers best.
    async fn with_sections(
        &self,
        slug: &str,
        near: &Near,
        furthest: f32,
        judged: Option<&Judgement<'_>>,
    ) -> Result<Option<Found>, KnowledgeError> {
        let bodies: Vec<Passage> =
            self.store.passages_of(slug).await?.into_iter().filter(|passage| passage.kind == "body").collect();
        let Some(title) = bodies.first().map(|passage| passage.title.clone()) else { return Ok(None) };
        let nearest = |passage: &Passage| near.texts.get(&passage.text).copied().unwrap_or(furthest);
        let score = |passage: &Passage| match (judged, &passage.anchor) {
            (Some(judged), Some(anchor)) => judged.section(slug, anchor),
            (Some(_), None) => 0.0,
            (None, _) => nearest(passage),
        };
        let section = |passage: Passage| FoundSection {
            score: score(&passage),
            anchor: passage.anchor,
            heading: passage.heading,
            text: passage.text,
        };
        let sections: Vec<FoundSection> = bodies.into_iter().map(section).collect();
        // Of equals the earlier one: the opening stands for the whole article.
        let Some(best) = sections.iter().rev().max_by(|a, b| a.score.total_cmp(&b.score)) else { return Ok(None) };
        Ok(Some(Found {
            slug: slug.to_owned(),
            title,
            anchor: best.anchor.clone(),
            heading: best.heading.clone(),
            text: best.text.clone(),
            score: near.meaning.first().copied().unwrap_or(furthest),
            rank: 0.0,
            standing: None,
            sections,
        }))
    }

    /// The answer in an article's own words; `None` when nothing found answers the question.
    pub async fn extract(&self, question: &Question, found: &[Found]) -> Result<Option<Extract>, KnowledgeError> {
        Ok(self.quoter.extract(&self.encoder, &question.vector, found).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_as_near_as_its_three_nearest_points() {
        let mut near = Near::default();
        for (text, score) in [("a", 0.9), ("b", 0.6), ("a", 0.3), ("c", 0.1)] {
            near.add(text.to_owned(), score);
        }
        assert!((near.rank(0.0) - 0.6).abs() < 1e-6);
        near.words = vec![4.0, 2.0];
        assert!((near.rank(0.0) - 0.6 - WORDS * 3.0).abs() < 1e-6);
        assert_eq!(near.texts["a"].to_bits(), 0.9_f32.to_bits());
        let mut alone = Near::default();
        alone.add("a".to_owned(), 0.9);
        assert!((alone.rank(0.3) - 0.9).abs() < 1e-6, "an article of one point stands for itself");
        assert!((Near::default().rank(0.3) - 0.3).abs() < 1e-6, "what only shares words is no nearer than the furthest");
    }
}
