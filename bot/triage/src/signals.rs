//! Everything that the heads say of a message, for reports: an assessment holds only what comes of it.

use serde::Serialize;

use crate::assess::Candidate;
use crate::guards::Guard;
use crate::intent::{Intent, Urgency};
use crate::model::TriageModel;

/// Calibrated probabilities, the likeliest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signals {
    pub intents: Vec<Candidate>,
    pub urgency: Vec<(Urgency, f32)>,
    /// How much each guard's head suspects, whatever the guard's words say.
    pub guards: Vec<(Guard, f32)>,
}

impl Signals {
    /// What the head of that guard says; 0 when there is none.
    pub fn suspicion(&self, guard: Guard) -> f32 {
        self.guards.iter().find(|(own, _)| *own == guard).map_or(0.0, |(_, probability)| *probability)
    }
}

impl TriageModel {
    /// What every head says of a message whose [`TriageModel::encoder_text`] has the vector `vector`.
    pub fn signals(&self, message: &str, vector: &[f32]) -> Signals {
        let scores = self.scores(&Self::encoder_text(message), vector);
        let classes = self.classes.probabilities(&scores);
        let probability =
            |intent| classes.iter().filter(|(class, _)| class.intent == intent).map(|(_, p)| *p).sum::<f32>().min(1.0);
        let mut intents: Vec<Candidate> =
            Intent::ALL.iter().map(|intent| Candidate { intent: *intent, probability: probability(*intent) }).collect();
        intents.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let mut urgency = self.urgency.probabilities(&scores);
        urgency.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let mut guards: Vec<(Guard, f32)> =
            self.guards.iter().map(|(guard, head)| (*guard, head.probability(true, &scores))).collect();
        guards.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Signals { intents, urgency, guards }
    }
}
