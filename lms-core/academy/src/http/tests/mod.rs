//! The pages and the API, called as a browser and a support desk call them.

mod accounts;
mod admin;
mod announcements;
mod assignments;
mod away;
mod certificates;
mod courses;
mod doors;
mod hostile;
mod money;
mod outage;
mod pages;
mod passwords;
mod read_your_writes;
mod sessions;
mod support;
