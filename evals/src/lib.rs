//! porter-evals
