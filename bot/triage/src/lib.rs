//! porter-triage
