//! Answers in a model's words, sentence by sentence, as far as the passages support them.
//!
//! A [`Model`] writes; every sentence of it is checked against the passages ([`check`]) and dropped when they do not say it. Where the answer
//! comes from is what the retriever says, never what the model says. What is left must hold what the answer in the articles' own words
//! holds; else that one is given.

mod check;
mod compose;
mod instructions;
mod model;
mod prompt;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use futures::StreamExt;
use metrics::counter;
use porter_embeddings::EncoderService;
use porter_knowledge_base::{Extract, Found};

pub use compose::{Judged, Verdict};
pub use model::{Guard, Guarded, LocalModel, Model, ModelError, OpenAiModel, OpenAiSettings, Pieces, Prompt};

use check::Evidence;
use compose::{Composer, covered};

/// Share of the floor's content that a worded answer must hold to take its place.
const ENOUGH: f64 = 0.75;

/// What is to be answered, and from what.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub text: &'a str,
    /// What the retriever found; the answer may rest on these alone.
    pub passages: &'a [Found],
    /// The answer in the articles' own words.
    pub floor: &'a Extract,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rephrasing {
    /// Sentences and items of lists, to be shown in place of the floor; `None`: the floor stands.
    pub pieces: Option<Vec<String>>,
    /// The passages of the question that the answer rests on, by their place.
    pub passages: Vec<usize>,
    /// Every sentence that the model said.
    pub judged: Vec<Judged>,
    /// Why the model did not say more.
    pub fault: Option<ModelError>,
}

/// Words answers.
#[derive(Debug, Clone)]
pub struct Rephraser {
    model: Arc<dyn Model>,
    encoder: EncoderService,
    max_tokens: u32,
}

impl Rephraser {
    /// `model` had better be [`Guarded`]: it is waited for.
    pub fn new(model: Arc<dyn Model>, encoder: EncoderService, max_tokens: u32) -> Self {
        Self { model, encoder, max_tokens }
    }

    /// Words the answer. `draft` hears what can be shown each time that it is more.
    pub async fn rephrase(&self, question: Question<'_>, draft: &(dyn Fn(&[String]) + Send + Sync)) -> Rephrasing {
        let (texts, owners) = texts(question.passages);
        let evidence = Evidence::read(texts);
        let mut composer = Composer::new(&evidence, &self.encoder);
        let prompt = prompt::prompt(question, &evidence, self.max_tokens);
        let fault = self.listen(&prompt, &mut composer, draft).await.err();
        let pieces = composer.pieces();
        let mut passages: Vec<usize> = composer.passages().iter().filter_map(|text| owners.get(*text).copied()).collect();
        passages.dedup();
        let enough = covered(&question.floor.pieces, &pieces) >= ENOUGH;
        let pieces = Some(pieces).filter(|pieces| enough && !pieces.is_empty());
        let judged = composer.judged();
        let outcome = match (&pieces, &fault) {
            (Some(_), _) => "worded",
            (None, Some(_)) => "fault",
            (None, None) => "floor",
        };
        counter!("porter_rephrase_answers_total", "outcome" => outcome).increment(1);
        for own in &judged {
            counter!("porter_rephrase_sentences_total", "verdict" => own.verdict.as_str()).increment(1);
        }
        Rephrasing { pieces, passages, judged, fault }
    }

    async fn listen(
        &self,
        prompt: &Prompt,
        composer: &mut Composer<'_>,
        draft: &(dyn Fn(&[String]) + Send + Sync),
    ) -> Result<(), ModelError> {
        let failed = |error: porter_embeddings::EncodeError| ModelError::Failed(error.to_string());
        let mut pieces = self.model.answer(prompt).await?;
        let (mut said, mut shown) = (String::new(), Told::default());
        let ended = loop {
            match pieces.next().await {
                None => break Ok(()),
                Some(Err(error)) => break Err(error),
                Some(Ok(piece)) => {
                    said.push_str(&piece);
                    if composer.read(&said, false).await.map_err(failed)? {
                        shown.tell(composer, draft);
                    }
                }
            }
        };
        if composer.read(&said, true).await.map_err(failed)? {
            shown.tell(composer, draft);
        }
        ended
    }
}

/// How much has been shown already.
#[derive(Debug, Default)]
struct Told(usize);

impl Told {
    /// Tells when it is more: what announces a list is not shown before the list begins.
    fn tell(&mut self, composer: &Composer<'_>, draft: &(dyn Fn(&[String]) + Send + Sync)) {
        let pieces = composer.pieces();
        if pieces.len() > self.0 {
            self.0 = pieces.len();
            draft(&pieces);
        }
    }
}

/// What may be said, and the passage that each text belongs to: every section of an article, since the extract quotes any of them; the nearest
/// first, since a model reads what comes first with most care.
fn texts(passages: &[Found]) -> (Vec<&str>, Vec<usize>) {
    let each = passages.iter().enumerate().flat_map(|(place, passage)| {
        let alone = passage.sections.is_empty().then_some(passage.text.as_str());
        let mut sections: Vec<_> = passage.sections.iter().collect();
        sections.sort_by(|a, b| b.score.total_cmp(&a.score));
        sections.into_iter().map(|section| section.text.as_str()).chain(alone).map(move |text| (text, place))
    });
    each.unzip()
}

#[cfg(test)]
mod tests;
