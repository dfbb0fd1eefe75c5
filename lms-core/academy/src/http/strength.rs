//! Whether a new password is strong enough, estimated off the async threads: it takes milliseconds.

use super::Academy;
use crate::passwords::{self, Weakness};

impl Academy {
    /// Why the password is too weak, if it is. `about`: what a guesser knows of the person.
    pub(super) async fn weakness(&self, password: &str, about: [&str; 2]) -> Option<Weakness> {
        let at_least = self.parts.policy.password_min_length;
        let [first, second] = about.map(str::to_owned);
        let (password, about) = (password.to_owned(), [first, second, self.parts.policy.academy_name.clone()]);
        let estimate = tokio::task::spawn_blocking(move || {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            passwords::weakness(&password, at_least, &about)
        });
        // Only a panic or the end of the runtime ends it early; then it is not let through either.
        estimate.await.unwrap_or(Some(Weakness::Guessable { why: None }))
    }
}
