//! What the stories stand on: the built program, a browser, and the people who use both.

mod agent;
mod browser;
mod chat;
mod home;
mod http;
mod inbox;
mod porter;
mod program;
mod student;
mod wait;
mod words;

pub(crate) use agent::Agent;
pub(crate) use browser::{Browser, Look};
pub(crate) use chat::{Chat, Shown};
pub(crate) use home::{Home, copy};
pub(crate) use http::{Answer, client, get};
pub(crate) use inbox::Inbox;
pub(crate) use porter::{Launch, Porter};
pub(crate) use program::{Done, cache, command, run};
pub(crate) use student::Student;
pub(crate) use wait::until;
pub(crate) use words::{assert_extract, list, plain, text_of};
