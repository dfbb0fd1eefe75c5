//! Quizzes: questions and how they are graded, what is drawn for whom, and the life of an attempt. Pure: no database, no clock.

mod answer;
mod attempt;
mod decimal;
mod draw;
mod fault;
mod file;
mod file_form;
mod grade;
mod numeric;
mod points;
mod question;
mod settings;
mod statistics;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub use answer::{Answer, Unreadable};
pub use attempt::{Attempt, Closed, GRACE, Kept, Phase, Save, Saved, SubmittedBy};
pub use decimal::Decimal;
pub use draw::{Seed, arrange, draw};
pub use fault::Fault;
pub(crate) use file::seconds as file_seconds;
pub use file::{FileError, parse};
pub use file_form::write;
pub use grade::{Marks, grade, mark};
pub use points::Points;
pub use question::{Kind, MAX_POINTS, Question, Tolerance};
pub use settings::{AnswersShown, MAX_QUESTIONS, Pool, Quiz, Settings};
pub use statistics::{Item, Statistic, statistics};
