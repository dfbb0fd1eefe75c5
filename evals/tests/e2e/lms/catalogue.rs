//! From the catalogue into a course, and through its lessons.
