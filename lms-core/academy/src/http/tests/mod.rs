//! The pages and the API, called as a browser and a support desk call them.

mod hostile;
mod money;
mod pages;
mod passwords;
mod sessions;
mod support;
