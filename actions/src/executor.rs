//! Carries out actions: the budget, the record, the effect, the receipt, in this order.

use std::sync::Arc;

use metrics::counter;
use porter_kernel::clock::Clock;
use porter_kernel::db::DbError;
use uuid::Uuid;

use crate::catalogue::{Context, Target, Work};
use crate::identity::Known;
use crate::store::{Begun, Finished, NewRun, RunRow, Runs};
use crate::{ActionError, ActionName, AddressForm, Choice, IdentityToken, Lms, LmsError, OrderNumber, Outcome, Principal};

/// What a message narrows an action down to. A number that is not the principal's finds nothing.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub order: Option<OrderNumber>,
}

/// Where a request comes from, and by what name it can be repeated.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub conversation: Uuid,
    /// The idempotency key: one request, one key. Used for another request it is refused.
    pub key: Uuid,
}

/// Does what the catalogue offers, for the person in the session.
///
/// Every request is written down before its effect and after it. The same key again gives the stored outcome; when there is none, since the process
/// died or another call is at it, the LMS is asked again with the same key, and it repeats its answer instead of the effect. The outcome that is
/// stored first is everybody's.
#[derive(Debug)]
pub struct Actions {
    lms: Arc<dyn Lms>,
    runs: Arc<dyn Runs>,
    clock: Arc<dyn Clock>,
    known: Known,
}

impl Actions {
    #[must_use]
    pub fn new(lms: Arc<dyn Lms>, runs: Arc<dyn Runs>, clock: Arc<dyn Clock>) -> Self {
        Self { lms, runs, clock, known: Known::default() }
    }

    /// Whose token this is, as the LMS says, or said less than 30 seconds ago.
    ///
    /// Errors: [`ActionError::SignedOut`], [`ActionError::Unavailable`], and [`ActionError::OverBudget`] when the LMS asks to wait.
    pub async fn identify(&self, token: &IdentityToken) -> Result<Principal, ActionError> {
        if let Some(principal) = self.known.get(token, self.clock.now()) {
            return Ok(principal);
        }
        match self.lms.identify(token).await {
            Ok(principal) => {
                self.known.put(&principal, self.clock.now());
                Ok(principal)
            }
            // A token that the LMS does not know is nobody's.
            Err(LmsError::SignedOut | LmsError::NotFound) => Err(ActionError::SignedOut),
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out an action for the person in the session.
    ///
    /// There is no argument for a user or an address, so nothing that a message says can become one:
    ///
    /// ```no_run
    /// # use porter_actions::{About, ActionName, Actions, At, Principal};
    /// async fn reset(actions: &Actions, anna: &Principal, at: At) {
    ///     let _ = actions.run(anna, ActionName::PasswordReset, About { order: None }, at).await;
    /// }
    /// ```
    ///
    /// An address does not compile:
    ///
    /// ```compile_fail
    /// # use porter_actions::{About, ActionName, Actions, At, Principal};
    /// async fn reset(actions: &Actions, anna: &Principal, at: At) {
    ///     let _ = actions.run(anna, ActionName::PasswordReset, About { order: None }, at, "eve@example.com").await;
    /// }
    /// ```
    ///
    /// Nor does a user in what the action is about:
    ///
    /// ```compile_fail
    /// # use porter_actions::{About, ActionName, Actions, At, Principal};
    /// async fn reset(actions: &Actions, anna: &Principal, at: At) {
    ///     let _ = actions.run(anna, ActionName::PasswordReset, About { order: None, learner: uuid::Uuid::nil() }, at).await;
    /// }
    /// ```
    ///
    /// Nor a user's id in the principal's place:
    ///
    /// ```compile_fail
    /// # use porter_actions::{About, ActionName, Actions, At, Principal};
    /// async fn reset(actions: &Actions, anna: &Principal, at: At) {
    ///     let _ = actions.run(&anna.learner(), ActionName::PasswordReset, About { order: None }, at).await;
    /// }
    /// ```
    ///
    /// Errors: each of [`ActionError`].
    pub async fn run(&self, principal: &Principal, action: ActionName, about: About, at: At) -> Result<Outcome, ActionError> {
        let order = about.order.as_ref();
        let new = NewRun::of(principal, action, order.map(|order| order.as_str().to_owned()), at);
        self.carry_out(&new, Work::Run { principal, action, order }).await
    }

    /// Goes on with an action whose choice card was answered. `choice` is the card that was shown, from the desk's records.
    ///
    /// Errors: [`ActionError::NotOffered`] when the option is not in the choice or not the principal's, and each other of [`ActionError`].
    pub async fn choose(&self, principal: &Principal, choice: &Choice, option: Uuid, at: At) -> Result<Outcome, ActionError> {
        if !choice.options.iter().any(|offered| offered.id == option) {
            return Err(ended(choice.action, ActionError::NotOffered));
        }
        let new = NewRun::of(principal, choice.action, Some(option.to_string()), at);
        self.carry_out(&new, Work::Choose { principal, choice, option }).await
    }

    /// Asks for a link to the account whose address a person typed into the form card. The outcome is the same for every address; the address is
    /// handed to the LMS and kept nowhere.
    ///
    /// Errors: each of [`ActionError`] but [`ActionError::SignedOut`] and [`ActionError::NotOffered`].
    pub async fn reset_by_form(&self, form: &AddressForm, at: At) -> Result<Outcome, ActionError> {
        self.carry_out(&NewRun::by_form(ActionName::PasswordReset, at), Work::Form { form }).await
    }

    /// What was asked for in a conversation and what it came to, the oldest first.
    pub async fn receipts(&self, conversation: Uuid) -> Result<Vec<RunRow>, DbError> {
        self.runs.of_conversation(conversation).await
    }

    async fn carry_out(&self, new: &NewRun, work: Work<'_>) -> Result<Outcome, ActionError> {
        match self.through(new, work).await {
            Ok(outcome) => {
                let word = outcome.as_str();
                tracing::info!(action = %new.action, run = %new.key, outcome = word, "action");
                counter!("porter_actions_total", "action" => new.action.as_str(), "outcome" => word).increment(1);
                Ok(outcome)
            }
            Err(error) => {
                if let (ActionError::SignedOut, Work::Run { principal, .. } | Work::Choose { principal, .. }) = (error, work) {
                    self.known.forget(principal.token());
                }
                tracing::info!(action = %new.action, run = %new.key, outcome = error.as_str(), "action");
                Err(ended(new.action, error))
            }
        }
    }

    async fn through(&self, new: &NewRun, work: Work<'_>) -> Result<Outcome, ActionError> {
        let now = self.clock.now();
        let mut target = match self.runs.begin(new, new.action.spec().budget, now).await? {
            Begun::Go { target } => target.map(Target),
            Begun::Done(outcome) => return Ok(outcome),
            Begun::OverBudget { again_at } => return Err(ActionError::OverBudget { retry_after: again_at.since(now) }),
            Begun::KeyTaken => return Err(ActionError::Conflict),
        };
        loop {
            let context = Context { lms: &*self.lms, clock: &*self.clock, runs: &*self.runs, key: new.key, target };
            match work.run(&context).await {
                Ok(outcome) => match self.runs.finish(new.key, &outcome, self.clock.now()).await {
                    Ok(Finished::Stored(stored)) => return Ok(stored),
                    // Another call under this key has chosen what to do, while this one found nothing to do: do the same as that one.
                    Ok(Finished::Aimed(aim)) if target.is_none() => target = Some(Target(aim)),
                    Ok(Finished::Aimed(_)) => return Err(ActionError::Unavailable),
                    Err(error) => return unrecorded(outcome, &error),
                },
                Err(error) => {
                    // Another call under this key may have succeeded meanwhile: then that is what happened.
                    return match self.runs.fail(new.key, error, self.clock.now()).await {
                        Ok(Some(stored)) => Ok(stored),
                        Ok(None) => Err(error),
                        Err(cause) => {
                            tracing::error!(error = %cause, "the end of an action could not be written down");
                            Err(error)
                        }
                    };
                }
            }
        }
    }
}

/// An outcome that the database would not take. An effect has happened, and saying that it has not would be a lie; a repetition of the request
/// finds the run begun, hears the same from the LMS and stores it. Without an effect nothing is lost by asking again.
fn unrecorded(outcome: Outcome, cause: &DbError) -> Result<Outcome, ActionError> {
    tracing::error!(error = %cause, "the outcome of an action could not be written down");
    match outcome {
        Outcome::Done { .. } => Ok(outcome),
        Outcome::Explained { .. } | Outcome::Choose { .. } => Err(ActionError::Unavailable),
    }
}

fn ended(action: ActionName, error: ActionError) -> ActionError {
    counter!("porter_actions_total", "action" => action.as_str(), "outcome" => error.as_str()).increment(1);
    error
}
