//! Whose token it is, as the LMS said a moment ago.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use sha2::{Digest, Sha256};

use crate::{IdentityToken, Principal};

/// How long an answer is good. Meanwhile a person who has signed out may still read the conversation in another tab; effects are checked by the
/// LMS each time, so none is possible.
const FRESH: Duration = Duration::from_secs(30);
/// How many are kept: at the limit the oldest goes.
const MOST: usize = 10_000;

type Hash = [u8; 32];

/// Good answers by the token's SHA-256, so that no list of tokens lies in memory. Bad answers are not kept: asking again is cheap, and right.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_hash: HashMap<Hash, (Principal, Timestamp)>,
    /// The oldest first. Every answer is good for the same time, so this is the order in which they go.
    order: VecDeque<(Hash, Timestamp)>,
}

impl Known {
    /// The answer, while it is fresh and the token has not run out.
    pub(crate) fn get(&self, token: &IdentityToken, now: Timestamp) -> Option<Principal> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, since) = entries.by_hash.get(&hash(token))?;
        (now < *since + FRESH && now < principal.expires_at()).then(|| principal.clone())
    }

    /// Keeps an answer of the LMS.
    pub(crate) fn put(&self, principal: &Principal, now: Timestamp) {
        let hash = hash(principal.token());
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((oldest, since)) = entries.order.front().copied() {
            if now < since + FRESH && entries.order.len() < MOST {
                break;
            }
            entries.order.pop_front();
            // It may have been asked for again since: then there is a later place in the order for it.
            if entries.by_hash.get(&oldest).is_some_and(|(_, kept)| *kept == since) {
                entries.by_hash.remove(&oldest);
            }
        }
        entries.by_hash.insert(hash, (principal.clone(), now));
        entries.order.push_back((hash, now));
    }

    /// The LMS has refused it.
    pub(crate) fn forget(&self, token: &IdentityToken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_hash.remove(&hash(token));
    }
}

fn hash(token: &IdentityToken) -> Hash {
    Sha256::digest(token.reveal().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use uuid::Uuid;

    use super::*;

    fn principal(token: &str, expires_at: Timestamp) -> Principal {
        Principal::vouched(Uuid::from_u128(7), "Anna".to_owned(), expires_at, IdentityToken::parse(token).unwrap())
    }

    #[test]
    fn an_answer_is_good_for_thirty_seconds_and_never_longer_than_the_token() {
        let (known, clock) = (Known::default(), ManualClock::default());
        let anna = principal("anna", clock.now() + Duration::from_secs(900));
        let brief = principal("brief", clock.now() + Duration::from_secs(10));
        known.put(&anna, clock.now());
        known.put(&brief, clock.now());
        clock.advance(Duration::from_secs(10));
        assert_eq!(known.get(anna.token(), clock.now()), Some(anna.clone()));
        assert_eq!(known.get(brief.token(), clock.now()), None);
        clock.advance(Duration::from_secs(20));
        assert_eq!(known.get(anna.token(), clock.now()), None);
    }

    #[test]
    fn another_token_is_another_person_and_a_refused_one_is_forgotten() {
        let (known, clock) = (Known::default(), ManualClock::default());
        let anna = principal("anna", clock.now() + Duration::from_secs(900));
        known.put(&anna, clock.now());
        assert_eq!(known.get(&IdentityToken::parse("annb").unwrap(), clock.now()), None);
        known.forget(anna.token());
        assert_eq!(known.get(anna.token(), clock.now()), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let (known, clock) = (Known::default(), ManualClock::default());
        let expires_at = clock.now() + Duration::from_secs(900);
        for number in 0..MOST + 50 {
            known.put(&principal(&format!("t{number}"), expires_at), clock.now());
            known.put(&principal("again", expires_at), clock.now());
        }
        let entries = known.0.lock().unwrap();
        assert!(entries.by_hash.len() <= MOST && entries.order.len() <= MOST);
        drop(entries);
        let get = |text: &str| known.get(&IdentityToken::parse(text).unwrap(), clock.now());
        assert!(get("t0").is_none() && get(&format!("t{}", MOST + 49)).is_some() && get("again").is_some());
    }
}
