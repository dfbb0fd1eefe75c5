//! Out of what a model said: the sentences that may be shown, with why the others may not.

use porter_embeddings::{EncodeError, EncoderService, Priority, cosine};
use porter_knowledge_base::document::units;

use crate::check::{Evidence, Support, support, tokens};
use crate::instructions::is_instruction;

/// How near in meaning a sentence must be to what supports it. The words have been compared by then; this is a second opinion.
const NEAR: f32 = 0.7;
/// Words of an answer at most; as many as an extract has.
const MAX_WORDS: usize = 120;
/// Characters of a model's answer that are looked at.
const MAX_CHARS: usize = 8_000;

/// What became of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A passage says it.
    Supported,
    /// No passage says it.
    Unsupported,
    /// A passage has its words, and another meaning.
    Far,
    /// It says nothing sure without the sentence before it, which is not there.
    Leans,
    /// It has been said.
    Repeated,
    /// It would make the answer too long.
    TooMuch,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Unsupported => "unsupported",
            Self::Far => "far",
            Self::Leans => "leans",
            Self::Repeated => "repeated",
            Self::TooMuch => "too_much",
        }
    }
}

/// A sentence of the model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub sentence: String,
    pub verdict: Verdict,
}

/// A sentence that may be shown.
#[derive(Debug, Clone)]
struct Shown {
    text: String,
    support: Support,
}

/// An answer under way.
#[derive(Debug)]
pub(crate) struct Composer<'a> {
    evidence: &'a Evidence,
    encoder: &'a EncoderService,
    judged: Vec<Judged>,
    shown: Vec<Shown>,
}

impl<'a> Composer<'a> {
    pub(crate) fn new(evidence: &'a Evidence, encoder: &'a EncoderService) -> Self {
        Self { evidence, encoder, judged: Vec::new(), shown: Vec::new() }
    }

    /// Judges the sentences that are new in `said`, the model's answer so far. While it grows its last sentence waits. Tells whether more
    /// can be shown than before.
    pub(crate) async fn read(&mut self, said: &str, complete: bool) -> Result<bool, EncodeError> {
        let mut sentences: Vec<String> = units(&clean(said)).into_iter().map(|unit| unit.text).collect();
        if !complete {
            sentences.pop();
        }
        let before = self.shown.len();
        // What has been judged stays: a mark further on may make something else of the text before it, but not of what was shown.
        for sentence in sentences.into_iter().skip(self.judged.len()) {
            let verdict = self.judge(&sentence).await?;
            self.judged.push(Judged { sentence, verdict });
        }
        Ok(self.shown.len() > before)
    }

    async fn judge(&mut self, sentence: &str) -> Result<Verdict, EncodeError> {
        if is_instruction(sentence) {
            return Ok(Verdict::Unsupported);
        }
        let Some(support) = support(sentence, self.evidence) else { return Ok(Verdict::Unsupported) };
        let statements = self.evidence.of(&support);
        let overlaps = |own: &Shown| {
            own.support.passage == support.passage
                && own.support.statements.start < support.statements.end
                && support.statements.start < own.support.statements.end
        };
        if self.shown.iter().any(overlaps) {
            return Ok(Verdict::Repeated);
        }
        let follows = self
            .shown
            .last()
            .is_some_and(|last| last.support.passage == support.passage && last.support.statements.end == support.statements.start);
        if statements.first().is_none_or(|first| first.leans) && !follows {
            return Ok(Verdict::Leans);
        }
        let said: usize = self.shown.iter().map(|own| own.text.split_whitespace().count()).sum();
        if said + sentence.split_whitespace().count() > MAX_WORDS {
            return Ok(Verdict::TooMuch);
        }
        let original = statements.iter().map(|own| own.text.as_str()).collect::<Vec<_>>().join(" ");
        if original != sentence {
            let vectors = self.encoder.embed(vec![sentence.to_owned(), original], Priority::Interactive).await?;
            if !matches!(vectors.as_slice(), [one, other] if cosine(one, other) >= NEAR) {
                return Ok(Verdict::Far);
            }
        }
        let mark = statements.first().filter(|_| statements.len() == 1).map_or("", |only| only.mark.as_str());
        self.shown.push(Shown { text: format!("{mark}{sentence}"), support });
        Ok(Verdict::Supported)
    }

    /// What may be shown: sentences and items of lists in order. A sentence that announces a list is nothing without it.
    pub(crate) fn pieces(&self) -> Vec<String> {
        let mut pieces = Vec::new();
        let mut rest = self.shown.iter().peekable();
        while let Some(own) = rest.next() {
            let followed = rest.peek().is_some_and(|next| {
                next.support.passage == own.support.passage && next.support.statements.start == own.support.statements.end
            });
            if !own.text.ends_with(':') || followed {
                pieces.push(own.text.clone());
            }
        }
        pieces
    }

    /// Which passages the answer rests on.
    pub(crate) fn passages(&self) -> Vec<usize> {
        let mut passages: Vec<usize> = self.shown.iter().map(|own| own.support.passage).collect();
        passages.sort_unstable();
        passages.dedup();
        passages
    }

    /// Every sentence that was read.
    pub(crate) fn judged(self) -> Vec<Judged> {
        self.judged
    }
}

/// The share of what matters in the floor that these pieces say as well.
pub(crate) fn covered(floor: &[String], pieces: &[String]) -> f64 {
    let keys = |texts: &[String]| texts.iter().flat_map(|text| tokens(text)).map(|token| token.key).collect::<Vec<String>>();
    let (wanted, mut given) = (keys(floor), keys(pieces));
    let kept = wanted.iter().filter(|key| {
        let place = given.iter().position(|own| own == *key);
        place.map(|place| given.swap_remove(place)).is_some()
    });
    #[expect(clippy::cast_precision_loss, reason = "a few hundred words")]
    let share = kept.count() as f64 / wanted.len().max(1) as f64;
    share
}

/// Plain characters: no control, no invisible mark that changes how the rest is read.
fn clean(said: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    said.chars().take(MAX_CHARS).filter(|c| *c == '\n' || !(c.is_control() || hidden(*c))).collect()
}
