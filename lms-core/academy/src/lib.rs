//! The academy: accounts, courses, learning, money and certificates, with the pages that learners see and the API that support uses.

pub mod address;
pub mod credential;
pub mod crowd;
pub mod demo;
pub mod diagnosis;
pub mod domain;
pub mod http;
pub mod jobs;
mod letters;
mod markup;
mod paper;
pub mod passwords;
pub mod policy;
mod seals;
mod session;
pub mod store;
pub mod tokens;

#[cfg(test)]
mod drill;
#[cfg(test)]
mod testing;
