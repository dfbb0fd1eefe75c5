//! Limits at the doors: signing in, codes, links. They are kept in the database, so they hold for all processes and after a restart; a counter in
//! memory stands in front, so that a flood of requests is no flood of writes.
//!
//! Nobody is locked out by what strangers do. Guesses at one account are counted by where they come from, tightly, and for all strangers together,
//! loosely: that is what a guesser with many networks gets. A device that was signed in to the account before has an allowance of its own, which no
//! stranger can use up; and a link for a new password makes any device such a one.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use porter_kernel::http::Problem;
use uuid::Uuid;

use super::Academy;
use super::caller::Caller;
use super::page::PageProblem;
use crate::domain::AccountId;
use crate::store::Taking;

/// Everything that one network does at the doors.
const NETWORK: (u32, Duration) = (120, Duration::from_millis(500));
/// Guesses at one account from one network, or from one known device.
const NEAR: (u32, Duration) = (10, Duration::from_secs(6));
/// Guesses at one password from all strangers: in any hour at most 60 + 60.
const STRANGERS: (u32, Duration) = (60, Duration::from_mins(1));
/// Guesses at one account's codes from all strangers, who know the password then: in any day at most 20 + 288, each with 3 chances in a million.
const CODES: (u32, Duration) = (20, Duration::from_mins(5));
/// Links to one address.
const LINKS: (u32, Duration) = (10, Duration::from_secs(6));
/// The present password, asked for once more.
const OWN: (u32, Duration) = (10, Duration::from_mins(1));
/// Sign-ups from one network: a class may sit behind one address.
const SIGN_UPS: (u32, Duration) = (60, Duration::from_secs(10));

/// How often old rows are cleared away: once in so many takings.
const TIDY_EVERY: u64 = 256;
/// Rows that are cleared away at once.
const TIDY_ROWS: i64 = 2_000;

/// What is guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    Password,
    /// Of the second factor.
    Code,
}

impl Guess {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "sign-in",
            Self::Code => "code",
        }
    }

    const fn strangers(self) -> (u32, Duration) {
        match self {
            Self::Password => STRANGERS,
            Self::Code => CODES,
        }
    }
}

/// A try that was let in.
#[derive(Debug)]
pub(super) struct LetIn(Vec<Taking>);

impl Academy {
    fn limit(&self, (burst, every): (u32, Duration), words: &[&str]) -> Taking {
        Taking { key: self.parts.key.limit_key(words), burst, every }
    }

    async fn take_all(&self, takings: Vec<Taking>) -> Result<Result<LetIn, Duration>, PageProblem> {
        let now = self.parts.clock.now();
        if self.limits.taken.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.store().forget_full_limits(TIDY_ROWS, now).await?;
        }
        Ok(self.store().take(&takings, now).await?.map(|()| LetIn(takings)))
    }

    /// A try to guess what opens an account. `who` names the account or the address that was typed; `device`: known to that account.
    pub(super) async fn may_guess(
        &self,
        guess: Guess,
        who: &str,
        caller: Caller,
        device: Option<Uuid>,
    ) -> Result<Result<LetIn, Duration>, PageProblem> {
        let what = guess.as_str();
        if self.limits.by_caller.take(&caller.0).is_err() {
            return Ok(Err(Duration::from_secs(1)));
        }
        let network = network(caller);
        let guesses = match device {
            Some(device) => vec![self.limit(NEAR, &[what, who, "device", &device.to_string()])],
            None => vec![
                self.limit(NETWORK, &["network", &network]),
                self.limit(NEAR, &[what, who, "network", &network]),
                self.limit(guess.strangers(), &[what, who, "strangers"]),
            ],
        };
        self.take_all(guesses).await
    }

    /// It was no guess: it was right.
    pub(super) async fn was_right(&self, let_in: &LetIn) -> Result<(), PageProblem> {
        Ok(self.store().give_back(&let_in.0).await?)
    }

    /// A link to an address, asked for by somebody in a browser. `false`: enough were asked for by all together, and the newest of them is in
    /// that mailbox; the answer must not differ.
    pub(super) async fn may_ask_for_link(&self, address: &str, caller: Caller) -> Result<bool, PageProblem> {
        self.limits.by_caller.take(&caller.0)?;
        let network = network(caller);
        let near = vec![self.limit(NETWORK, &["network", &network]), self.limit(LINKS, &["link", address, &network])];
        self.take_all(near).await?.map_err(wait)?;
        Ok(self.take_all(vec![self.limit(LINKS, &["link", address])]).await?.is_ok())
    }

    /// A link to an address, asked for by the support desk.
    pub(super) async fn may_send_link(&self, address: &str) -> Result<(), Problem> {
        let taken = self.store().take(&[self.limit(LINKS, &["support link", address])], self.parts.clock.now()).await?;
        taken.map_err(wait)
    }

    pub(super) async fn may_sign_up(&self, caller: Caller) -> Result<(), PageProblem> {
        self.limits.by_caller.take(&caller.0)?;
        let network = network(caller);
        self.take_all(vec![self.limit(SIGN_UPS, &["sign-up", &network])]).await?.map_err(wait)?;
        Ok(())
    }

    /// A guess at the password by who is signed in, or at that of a sign-up by who has its link. Nobody else can use this up.
    pub(super) async fn may_prove(&self, what: &str, whose: &str) -> Result<(), PageProblem> {
        self.take_all(vec![self.limit(OWN, &["prove", what, whose])]).await?.map_err(wait)?;
        Ok(())
    }

    /// The same for an account.
    pub(super) async fn may_prove_own(&self, account: AccountId) -> Result<(), PageProblem> {
        self.may_prove("account", &account.to_string()).await
    }
}

fn wait(wait: Duration) -> Problem {
    let detail = "That was a lot at once. Please wait a moment and try again; nothing is lost.";
    Problem::too_many_requests(detail, wait.max(Duration::from_secs(1)))
}

/// An IPv4 address; of an IPv6 address the half that a provider gives to one customer.
fn network(Caller(address): Caller) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => (u128::from(address) >> 64).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_half_an_address() {
        let of = |text: &str| network(Caller(text.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
