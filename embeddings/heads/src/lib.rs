//! Heads above sentence vectors: what is learnt from labelled texts, by one kernel machine. Triage learns intents, the knowledge base which section answers what.

mod features;
mod kernel;
mod postings;

pub use features::{Features, Featuriser};
pub use kernel::{Fit, Kernel, KernelRidge, Products, Singular, Targets};
