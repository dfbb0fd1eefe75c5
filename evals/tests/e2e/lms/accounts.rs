//! Signing up, and one's own account.
