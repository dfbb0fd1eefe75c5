//! The academy: accounts, courses, learning, money and certificates, with the pages that learners see and the API that support uses.

pub mod address;
pub mod demo;
pub mod diagnosis;
pub mod domain;
pub mod http;
pub mod jobs;
mod letters;
mod paper;
pub mod passwords;
pub mod policy;
mod seals;
pub mod store;
pub mod tokens;

#[cfg(test)]
mod testing;
