//! What an instructor tells fifty thousand learners.
