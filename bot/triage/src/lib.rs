//! Understanding of one message: what it is about, how urgent it is, and whether Porter may act, answers, or fetches a person.
//!
//! The part that reads the message yields an [`Assessment`], a value of closed types. It holds no tools and no text of the
//! message, so nothing that a message says can become more than one of these values.

mod alarm;
mod assess;
mod classifier;
mod clean;
mod example;
mod guards;
mod head;
mod horizon;
mod intent;
mod language;
mod model;
mod obtain;
mod signals;
mod spelling;
mod temperature;
mod versions;
mod wishes;

pub use assess::{Assessment, Candidate, Reason};
pub use classifier::{Classifier, Prediction, Sample, Trained};
pub use clean::reduce;
pub use example::{DataError, Example, calibration_examples, parse_examples, training_examples};
pub use guards::{Guard, Guards};
pub use intent::{Decision, Intent, Sentiment, Urgency};
pub use model::{Labelled, ModelError, TriageModel, data_fingerprint, learnt_fingerprint};
pub use obtain::{ObtainError, encode, obtain, train};
pub use porter_heads::Singular;
pub use signals::Signals;
pub use versions::{Version, VersionError, Versions};
pub use wishes::Wish;
