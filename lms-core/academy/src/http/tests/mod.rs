//! The pages and the API, called as a browser and a support desk call them.

mod assignments;
mod hostile;
mod pages;
mod passwords;
mod sessions;
mod support;
