//! Handing work in and getting it back.
