//! The pages and the API, called as a browser and a support desk call them.

mod accounts;
mod doors;
mod hostile;
mod pages;
mod passwords;
mod sessions;
mod support;
