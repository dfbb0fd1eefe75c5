//! From probabilities, guards and dates to one assessment. The model proposes here; everything that forbids or raises is code.

use porter_actions::{ActionName, Tier};
use serde::Serialize;

use crate::alarm::alarms;
use crate::clean::reduce;
use crate::guards::{Guard, Guards, disputes, negates, scan, wants_a_person};
use crate::horizon::{Horizon, horizon};
use crate::intent::{Decision, Intent, Sentiment, Urgency};
use crate::language::is_foreign;
use crate::model::TriageModel;
use crate::spelling::mend;

/// Below this confidence in the intent a person decides.
const LEAST_CONFIDENCE: f32 = 0.35;
/// Sending something needs this much probability for "this intent, and to be acted upon".
const LEAST_TO_SEND: f32 = 0.85;
/// Looking something up changes nothing, and who is signed in sees no more than their own.
const LEAST_TO_LOOK: f32 = 0.70;
/// Nothing that is to be acted upon is of low urgency among the training messages: what reads like that is a question about how things are done, unless it is as sure as this.
const LEAST_WHEN_IDLE: f32 = 0.95;
/// From here on a possible matter of safety goes to a person at once, whatever is likelier.
const LEAST_ALARM: f32 = 0.25;
/// From here on small talk and nonsense are plain in any language.
const PLAIN: f32 = 0.6;
/// From here on a guard's head alone forbids acting.
const SUSPICION: f32 = 0.30;
/// With the guard's words in the message this much is enough. On the calibration set heads give at least 0.05 to every message that
/// trips a guard, and less than 0.001 to those that only mention a wife or say "just curious".
const CONFIRMATION: f32 = 0.005;
/// From here on a guard's head alone decides what happens instead.
const CONVICTION: f32 = 0.50;

/// Why the decision is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The intent and its case say so.
    Usual,
    /// No intent is likely enough.
    Uncertain,
    /// The message is in a language that the encoder does not know.
    Language,
    /// Whatever it is about, it may be a matter of safety.
    Alarm,
    /// A guard forbids the action.
    Guarded(Guard),
}

/// An intent with its probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Candidate {
    pub intent: Intent,
    pub probability: f32,
}

/// What a message means for Porter: closed types only, no text of the message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    pub intent: Intent,
    /// Calibrated probability that `intent` is right, 0 to 1.
    pub confidence: f32,
    pub urgency: Urgency,
    pub decision: Decision,
    /// Set exactly when `decision` is to act.
    pub action: Option<ActionName>,
    pub reason: Reason,
    pub guards: Guards,
    /// For people who read the queue; nothing is decided by it.
    pub sentiment: Sentiment,
    /// The five likeliest intents, the likeliest first.
    pub candidates: Vec<Candidate>,
}

impl Assessment {
    /// The probability of an intent, as far as it is among the likeliest.
    pub(crate) fn share_of(&self, intent: Intent) -> f32 {
        self.candidates.iter().find(|own| own.intent == intent).map_or(0.0, |own| own.probability)
    }
}

impl TriageModel {
    /// Assesses a message whose [`TriageModel::encoder_text`] has the vector `vector`.
    pub fn assess(&self, message: &str, vector: &[f32]) -> Assessment {
        let text = reduce(message);
        let read = mend(&text);
        let scores = self.scores(&read, vector);
        let classes = self.classes.probabilities(&scores);
        let candidates = rank(&classes.iter().map(|(class, probability)| (class.intent, *probability)).collect::<Vec<_>>());
        let (intent, confidence) = candidates.first().map_or((Intent::OutOfScope, 0.0), |best| (best.intent, best.probability));
        let share = |decision: Decision| {
            classes.iter().filter(|(class, _)| class.intent == intent && class.decision == decision).map(|(_, p)| *p).sum::<f32>()
        };

        // Rules look at what was written and at what was meant: a slip is no way around them.
        let words = scan(&text).with(scan(&read));
        let suspicion: Vec<(Guard, f32)> =
            self.guards.iter().map(|(guard, head)| (*guard, head.probability(true, &scores))).collect();
        let convinced = |guard: Guard| suspicion.iter().any(|(own, p)| *own == guard && *p >= CONVICTION);
        let mut guards = Guards::default();
        for (guard, probability) in &suspicion {
            if *probability >= SUSPICION || (words.has(*guard) && *probability >= CONFIRMATION) {
                guards.add(*guard);
            }
        }
        if negates(intent, &text) || negates(intent, &read) {
            guards.add(Guard::Negation);
        }

        let likeliest = Decision::ALL.iter().copied().max_by(|a, b| share(*a).total_cmp(&share(*b))).unwrap_or(Decision::Escalate);
        // Who does not accept what was found or decided is not helped by being told it again.
        let likeliest =
            if likeliest == Decision::Act && (disputes(&text) || disputes(&read)) { Decision::Escalate } else { likeliest };
        let alarming =
            alarms(&text) || alarms(&read) || classes.iter().any(|(class, p)| class.intent == Intent::Safety && *p >= LEAST_ALARM);
        let (decision, reason) = if alarming && intent != Intent::Safety {
            (Decision::Escalate, Reason::Alarm)
        } else if is_foreign(&text, self.known_share(&text)) && !(intent.is_chatter() && confidence >= PLAIN) {
            (Decision::Escalate, Reason::Language)
        } else if confidence < LEAST_CONFIDENCE && !is_plain_chatter(&candidates) {
            (Decision::Escalate, Reason::Uncertain)
        } else {
            let instead = if share(Decision::Answer) > share(Decision::Escalate) { Decision::Answer } else { Decision::Escalate };
            let idle = self.urgency.probability(Urgency::Low, &scores) >= 0.5;
            let (decision, reason) =
                decide(intent, likeliest, Shares { act: share(Decision::Act), instead, idle }, &guards, &convinced);
            // Whoever asks for a person gets one, whatever could be done or said instead.
            if decision != Decision::Escalate && !intent.is_chatter() && (wants_a_person(&text) || wants_a_person(&read)) {
                (Decision::Escalate, Reason::Usual)
            } else {
                (decision, reason)
            }
        };
        let urgency = self.urgency_of(intent, decision, reason, &text, &scores);
        Assessment {
            intent,
            confidence,
            urgency,
            decision,
            action: if decision == Decision::Act { intent.action() } else { None },
            reason,
            guards,
            sentiment: likeliest_of(self.sentiment.probabilities(&scores)).unwrap_or(Sentiment::Neutral),
            candidates,
        }
    }

    fn urgency_of(&self, intent: Intent, decision: Decision, reason: Reason, text: &str, scores: &[f32]) -> Urgency {
        if intent == Intent::Safety || reason == Reason::Alarm {
            return Urgency::Critical;
        }
        if intent.is_chatter() || (decision == Decision::Answer && reason == Reason::Guarded(Guard::Hypothetical)) {
            return Urgency::Low;
        }
        let learnt = self.urgency.probabilities(scores).into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let stated = match learnt {
            Some((urgency, probability)) if probability >= 0.5 => urgency,
            _ => intent.usual_urgency(),
        };
        let near = match horizon(text) {
            Some(Horizon::Hours) if blocks_an_exam(intent) => Urgency::Critical,
            Some(_) if blocks_an_exam(intent) => Urgency::High,
            _ => Urgency::Low,
        };
        // A person is kept waiting whatever it is about.
        let least = if decision == Decision::Escalate { Urgency::Normal } else { Urgency::Low };
        stated.max(near).max(least)
    }
}

fn likeliest_of<C>(classes: Vec<(C, f32)>) -> Option<C> {
    classes.into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(class, _)| class)
}

/// Sums the classes of an intent and sorts; the five likeliest.
fn rank(classes: &[(Intent, f32)]) -> Vec<Candidate> {
    let mut sums: Vec<Candidate> = Intent::ALL
        .iter()
        .map(|intent| Candidate {
            intent: *intent,
            probability: classes.iter().filter(|(own, _)| own == intent).map(|(_, p)| *p).sum::<f32>().min(1.0),
        })
        .collect();
    sums.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    sums.truncate(5);
    sums
}

/// Small talk and nonsense look alike to a head, and neither needs a person.
fn is_plain_chatter(candidates: &[Candidate]) -> bool {
    let chatter: f32 = candidates.iter().filter(|own| own.intent.is_chatter()).map(|own| own.probability).sum();
    candidates.first().is_some_and(|best| best.intent.is_chatter()) && chatter >= 0.5
}

/// How likely it is that something is to be done.
struct Shares {
    act: f32,
    /// What is likelier when nothing is.
    instead: Decision,
    /// It reads like a question that can wait.
    idle: bool,
}

fn decide(
    intent: Intent,
    likeliest: Decision,
    shares: Shares,
    guards: &Guards,
    convinced: &dyn Fn(Guard) -> bool,
) -> (Decision, Reason) {
    if intent.is_chatter() {
        return (Decision::Answer, Reason::Usual);
    }
    for guard in [Guard::Injection, Guard::OtherAddress, Guard::ThirdPerson] {
        let forbids = guards.has(guard) && likeliest == Decision::Act;
        // Whatever it is about, a machine sends nothing to a stranger and settles nothing for one.
        if forbids || (convinced(guard) && guards.has(guard) && (intent.action().is_some() || guard == Guard::OtherAddress)) {
            // What somebody else can do is said in an article; what is to be done for them is a person's.
            let decision = if guard == Guard::ThirdPerson { shares.instead } else { Decision::Escalate };
            return (decision, Reason::Guarded(guard));
        }
    }
    if guards.has(Guard::Hypothetical)
        && (likeliest == Decision::Act || (convinced(Guard::Hypothetical) && intent != Intent::Safety))
    {
        return (Decision::Answer, Reason::Guarded(Guard::Hypothetical));
    }
    if likeliest != Decision::Act {
        return (likeliest, Reason::Usual);
    }
    if guards.has(Guard::Negation) {
        return (shares.instead, Reason::Guarded(Guard::Negation));
    }
    let least = match intent.action().map(|action| action.spec().tier) {
        _ if shares.idle => LEAST_WHEN_IDLE,
        Some(Tier::Look) => LEAST_TO_LOOK,
        _ => LEAST_TO_SEND,
    };
    if shares.act < least {
        return (if shares.idle { shares.instead } else { Decision::Escalate }, Reason::Uncertain);
    }
    (Decision::Act, Reason::Usual)
}

/// Problems that can keep a person from an exam or a deadline.
fn blocks_an_exam(intent: Intent) -> bool {
    use Intent as I;
    matches!(
        intent,
        I::PasswordReset
            | I::LoginTrouble
            | I::EmailChange
            | I::NameChange
            | I::PaymentFailed
            | I::AccessAfterPayment
            | I::VideoPlayback
            | I::QuizProblem
            | I::DeadlineExtension
            | I::ProgressMissing
            | I::TechnicalIssue
            | I::Accessibility
            | I::ContentError
            | I::HumanRequest
            | I::CertificateMissing
            | I::CertificateResend
            | I::EnrolmentChange
    )
}
