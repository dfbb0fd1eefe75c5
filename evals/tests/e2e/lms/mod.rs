//! The academy itself, as its learners, instructors and administrators meet it.

mod accounts;
mod announcements;
mod assignments;
mod catalogue;
mod certificates;
mod money;
mod operations;
mod quizzes;
