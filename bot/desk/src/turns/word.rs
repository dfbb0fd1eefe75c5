//! Wording an answer by a model, where there is one.

use porter_knowledge_base::{Extract, Found};
use serde_json::Value;

use super::Turns;
use super::plan::Answer;
use crate::domain::Turn;
use crate::live::ConversationEvent;
use crate::respond::Understood;

impl Turns {
    /// The answer in a model's words, if it is an extract and the model finds words that its article supports; else the answer as it is. Where it
    /// comes from stays what the retriever said.
    pub(super) async fn worded(&self, turn: &Turn, answer: Answer, understood: &Understood, message: &str) -> Answer {
        let (Some(reword), Some(extract)) = (&self.reword, &understood.extract) else { return answer };
        let (pieces, mut reply) = match answer {
            Answer::Reply { pieces, reply } if pieces == extract.pieces => (pieces, reply),
            other => return other,
        };
        let passages: Vec<Found> = understood.passages.iter().filter(|found| found.slug == extract.slug).cloned().collect();
        let draft = |pieces: &[String]| {
            let text = Extract { pieces: pieces.to_vec(), ..extract.clone() }.text();
            self.live.tell(turn.conversation, ConversationEvent::Draft(text));
        };
        let Some(worded) = reword.reword(message, &passages, extract, &draft).await else { return Answer::Reply { pieces, reply } };
        reply.text = Extract { pieces: worded, ..extract.clone() }.text();
        if let Some(trace) = reply.trace.as_mut().and_then(Value::as_object_mut) {
            trace.insert("worded_by".to_owned(), "model".into());
        }
        // It was shown as it grew.
        Answer::Reply { pieces: vec![reply.text.clone()], reply }
    }
}
