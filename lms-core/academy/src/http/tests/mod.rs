//! The pages and the API, called as a browser and a support desk call them.

mod hostile;
mod outage;
mod pages;
mod passwords;
mod read_your_writes;
mod sessions;
mod support;
