//! Grades answers: does the knowledge base find the right article, say what it says about the question and no more, and keep silent where it
//! says nothing?

mod cases;
mod grade;
mod judge;
mod times;

pub use cases::{AnswerCase, CaseError, own_answer_cases, parse_answer_cases};
pub use grade::{FoundArticle, Given, grade_answers};
pub use judge::{ArticleText, Section, Shelf};
