//! porter-actions
