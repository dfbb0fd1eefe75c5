//! The closed catalogue of what Porter may do by itself, and how it is done: for the person in the session, and nobody else.
//!
//! [`Actions`] is the way in. An action is a file of the catalogue; its effect goes through [`Lms`], and is written down before and after in
//! [`store::Runs`], so that repeating a request repeats its receipt and not its effect.

mod catalogue;
mod error;
mod executor;
mod http_lms;
mod identity;
mod lms;
mod name;
mod order;
mod outcome;
mod principal;
pub mod store;

pub use catalogue::{Budget, Needs, Spec, Tier};
pub use error::ActionError;
pub use executor::{About, Actions, At};
pub use http_lms::{HttpLms, HttpLmsError};
pub use lms::{AddressForm, CertificateOnFile, CertificateSent, Lms, LmsError, ResetSent, Topic};
pub use name::ActionName;
pub use order::OrderNumber;
pub use outcome::{Choice, ChoiceOption, Fact, Finding, Mood, Outcome, Receipt, Remedy};
pub use principal::{IdentityToken, Principal};
pub use store::{RunRow, RunState};

#[cfg(test)]
mod tests;
