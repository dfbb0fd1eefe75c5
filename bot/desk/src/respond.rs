//! From a message to what Porter says or does about it. No store, no session: the chat and `porter triage` share it.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use porter_embeddings::{EncodeError, Priority};
use porter_knowledge_base::{Audience, Extract, Found, KnowledgeBase, KnowledgeError, Question};
use porter_triage::{Assessment, Decision, Intent, TriageModel};

use crate::texts;

/// Passages kept as evidence for agents and traces.
const EVIDENCE: usize = 3;

/// Why a message could not be understood. The case then goes to a person.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
}

/// What a message means, what the knowledge base has on it, and the answer that can be made of that.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    pub assessment: Assessment,
    pub passages: Vec<Found>,
    /// The answer in the articles' words; `None` when none of them answers.
    pub extract: Option<Extract>,
    /// What the message asks for besides.
    pub further: Vec<Further>,
}

/// A wish beside the main one.
#[derive(Debug, Clone, PartialEq)]
pub struct Further {
    pub assessment: Assessment,
    /// The answer to it in an article's words.
    pub extract: Option<Extract>,
}

/// The part that reads what people write. It holds no tools: what it yields is data of closed types, and whatever that says, code decides what
/// comes of it. A test or a drill puts the worst model in its place.
#[async_trait]
pub trait Understand: Send + Sync + fmt::Debug {
    /// Reads a message.
    async fn understand(&self, message: &str) -> Result<Understood, RespondError>;
}

#[async_trait]
impl Understand for Responder {
    async fn understand(&self, message: &str) -> Result<Understood, RespondError> {
        Self::understand(self, message).await
    }
}

/// Understands messages.
#[derive(Debug, Clone)]
pub struct Responder {
    /// Shared by all clones; another may be put in force while messages are read.
    model: Arc<RwLock<Arc<TriageModel>>>,
    knowledge: Arc<KnowledgeBase>,
}

impl Responder {
    /// Puts the parts together.
    pub fn new(model: Arc<TriageModel>, knowledge: Arc<KnowledgeBase>) -> Self {
        Self { model: Arc::new(RwLock::new(model)), knowledge }
    }

    /// Reads with this model from the next message on.
    pub fn read_with(&self, model: Arc<TriageModel>) {
        *self.model.write().unwrap_or_else(PoisonError::into_inner) = model;
    }

    fn model(&self) -> Arc<TriageModel> {
        Arc::clone(&self.model.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The knowledge base that answers come from.
    pub fn knowledge(&self) -> &Arc<KnowledgeBase> {
        &self.knowledge
    }

    /// Reads a message.
    pub async fn understand(&self, message: &str) -> Result<Understood, RespondError> {
        let question = self.knowledge.question(&TriageModel::encoder_text(message)).await?;
        // One model reads the whole of a message.
        let model = self.model();
        let assessment = model.assess(message, &question.vector);
        let further = self.further(&model, &assessment, message).await?;
        if assessment.intent.is_chatter() && assessment.decision == Decision::Answer && further.is_empty() {
            return Ok(Understood { assessment, passages: Vec::new(), extract: None, further });
        }
        let passages = self.knowledge.search(&question, Audience::Everyone, EVIDENCE).await?;
        let extract = self.knowledge.extract(&question, &passages).await?;
        Ok(Understood { assessment, passages, extract, further })
    }

    async fn further(&self, model: &TriageModel, main: &Assessment, message: &str) -> Result<Vec<Further>, RespondError> {
        let parts = TriageModel::parts(message);
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let vectors = self.knowledge.encoder().embed(parts.clone(), Priority::Interactive).await?;
        let mut further = Vec::new();
        for wish in model.further_wishes(main, &parts, &vectors) {
            let part = parts.get(wish.part).zip(vectors.get(wish.part)).filter(|_| wish.assessment.decision == Decision::Answer);
            let extract = match part {
                Some((text, vector)) => {
                    let question = Question { text: text.clone(), vector: vector.clone() };
                    let passages = self.knowledge.search(&question, Audience::Everyone, EVIDENCE).await?;
                    self.knowledge.extract(&question, &passages).await?
                }
                None => None,
            };
            further.push(Further { assessment: wish.assessment, extract });
        }
        Ok(further)
    }
}

impl Understood {
    /// What is said when nobody can be asked back and the writer counts as signed in: `porter triage`.
    pub fn reply(&self, message: &str) -> String {
        match (self.assessment.decision, self.assessment.action, &self.extract) {
            (Decision::Act, Some(action), _) => texts::acting(action).to_owned(),
            (Decision::Escalate, ..) | (Decision::Act, None, _) => {
                let announcement = texts::handed_off(self.assessment.intent, self.assessment.urgency);
                announcement.replace(" You are number {place} in the queue.", "")
            }
            (Decision::Answer, _, extract) => match (self.chatter(message), extract) {
                (Some(text), _) => text.to_owned(),
                (None, Some(extract)) => format!("{}\n\nSource: {} ({})", extract.text(), extract.title, extract.url),
                (None, None) => texts::NOTHING_FOUND.to_owned(),
            },
        }
    }

    /// The fixed text for what concerns no ticket.
    pub fn chatter(&self, message: &str) -> Option<&'static str> {
        match self.assessment.intent {
            Intent::Smalltalk => Some(texts::smalltalk(message)),
            Intent::OutOfScope => Some(texts::OUT_OF_SCOPE),
            _ => None,
        }
    }
}
