//! What a student answers to a card: the address in a form, the option of a choice. Code reads it; no model does, and an address is not stored, not
//! logged, and not put into a ticket.

use std::sync::Arc;

use axum::extract::State;
use metrics::counter;
use porter_actions::{ActionError, AddressForm, At, Choice, Outcome};
use porter_kernel::http::{Json, Path, Problem};
use porter_kernel::ids::Token;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Desk;
use super::conversations::{ALL_MESSAGES, wake_inbox};
use super::identity::NOT_REACHABLE;
use super::session::Visitor;
use crate::domain::{Author, Card, ConversationId, Message};
use crate::live::ConversationEvent;
use crate::store::NOT_YOURS;
use crate::turns::act::{UNCLEAR, UNREACHABLE};
use crate::{texts, ticket};

/// What is sent for a card: exactly the field that the card asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    /// For `address_form`: the address of the account.
    address: Option<String>,
    /// For `choice`: one of its options.
    option: Option<Uuid>,
}

/// The part of the path that names the card.
#[derive(Deserialize)]
pub(super) struct Place {
    seq: i64,
}

/// An answer that fits its card.
enum Submit {
    Address { form: AddressForm, key: Uuid },
    Option { choice: Choice, option: Uuid, key: Uuid },
}

impl Submit {
    fn key(&self) -> Uuid {
        match self {
            Self::Address { key, .. } | Self::Option { key, .. } => *key,
        }
    }
}

/// Answers a card. The same answer again returns the same message, and has no second effect.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/cards/{seq}", tag = "chat",
    params(("id" = Uuid, Path), ("seq" = i64, Path, description = "The message that has the card")), request_body = Answered,
    security(("conversation" = [])),
    responses((status = 200, description = "What came of it: a notice with a receipt", body = Message),
        (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, description = "Not what the card asks for", body = Problem),
        (status = 429, body = Problem),
        (status = 503, description = "A part is down; a person gets the case, and the card can be tried again", body = Problem)))]
pub(super) async fn answer(
    State(desk): State<Arc<Desk>>,
    Path(Place { seq }): Path<Place>,
    visitor: Visitor,
    Json(answered): Json<Answered>,
) -> Result<Json<Message>, Problem> {
    let id = visitor.conversation.id;
    desk.cards.take(&id)?;
    let Some(card) = desk.store.message(id, seq).await?.and_then(card_of) else {
        return Err(Problem::not_found("There is no card at this place of the conversation."));
    };
    let kind = card.kind();
    let submit = fit(card, answered, id, seq, &visitor.token)?;
    if let Some(message) = desk.store.notice(id, submit.key()).await? {
        return Ok(Json(message));
    }
    let key = submit.key();
    let done = carry_out(&desk, &visitor, submit).await;
    let word = done.as_ref().map_or_else(|error| error.as_str(), Outcome::as_str);
    counter!("porter_cards_total", "kind" => kind, "outcome" => word).increment(1);
    match done {
        Ok(outcome) => {
            let text = if kind == Card::AddressForm.kind() { texts::FORM_TAKEN } else { said(&outcome) };
            let added = desk.store.add_notice(id, key, text, &Card::from(outcome), desk.clock.now()).await?;
            desk.live.tell(id, ConversationEvent::Changed);
            wake_inbox(&desk, id).await?;
            Ok(Json(added.message))
        }
        Err(error) => Err(failed(&desk, id, error).await?),
    }
}

/// The card of a message that the desk itself has written.
fn card_of(message: Message) -> Option<Card> {
    message.card.filter(|_| matches!(message.author, Author::Bot | Author::System))
}

/// Compares the answer with what the card asks for.
fn fit(card: Card, answered: Answered, conversation: ConversationId, seq: i64, token: &Token) -> Result<Submit, Problem> {
    match (card, answered) {
        (Card::AddressForm, Answered { address: Some(address), option: None }) => {
            let form = AddressForm::parse(&address)
                .ok_or_else(|| Problem::unprocessable("This is not an e-mail address. It looks like name@example.com."))?;
            let key = key(conversation, seq, &secret_name(&form, token));
            Ok(Submit::Address { form, key })
        }
        (Card::Choice { choice }, Answered { address: None, option: Some(option) }) => {
            if !choice.options.iter().any(|offered| offered.id == option) {
                return Err(Problem::unprocessable(NOT_OFFERED));
            }
            let key = key(conversation, seq, option.as_bytes());
            Ok(Submit::Option { choice, option, key })
        }
        _ => Err(Problem::unprocessable("This is not what the card asks for.")),
    }
}

/// The name of a request: the same answer to the same card has the same.
fn key(conversation: ConversationId, seq: i64, answer: &[u8]) -> Uuid {
    Uuid::new_v5(&conversation.0, &[b"card/", seq.to_be_bytes().as_slice(), answer].concat())
}

/// Tells one address from another without saying which it is. The conversation's token goes into the hash; the desk keeps only the token's own
/// hash, so that nobody can try addresses against what is stored.
fn secret_name(form: &AddressForm, token: &Token) -> [u8; 32] {
    let address = form.reveal().to_lowercase();
    Sha256::new().chain_update(token.reveal()).chain_update([0]).chain_update(address).finalize().into()
}

async fn carry_out(desk: &Desk, visitor: &Visitor, submit: Submit) -> Result<Outcome, ActionError> {
    let conversation = visitor.conversation.id.0;
    match submit {
        Submit::Address { form, key } => desk.actions.reset_by_form(&form, At { conversation, key }).await,
        Submit::Option { choice, option, key } => {
            // A choice is only shown to a person who is known, and this conversation opens to that person alone. Without the LMS's word of now
            // nothing is done.
            let Some(principal) = visitor.principal() else { return Err(ActionError::Unavailable) };
            desk.actions.choose(principal, &choice, option, At { conversation, key }).await
        }
    }
}

fn said(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => texts::DONE,
        Outcome::Explained { .. } => texts::LOOKED,
        Outcome::Choose { .. } => texts::CHOOSE,
    }
}

const NOT_OFFERED: &str = "This is not one of the options.";

/// What the student is told. When a part is down, a person gets the case too.
async fn failed(desk: &Desk, id: ConversationId, error: ActionError) -> Result<Problem, Problem> {
    Ok(match error {
        ActionError::SignedOut => Problem::unauthorized(NOT_YOURS),
        ActionError::NotOffered => Problem::unprocessable(NOT_OFFERED),
        ActionError::OverBudget { retry_after } => Problem::too_many_requests(texts::OVER_BUDGET, retry_after),
        ActionError::Conflict => {
            tracing::error!("the key of a card's answer belongs to another request");
            Problem::conflict("This card was answered in another way. Please ask for it again.")
        }
        ActionError::Unavailable => {
            hand_over(desk, id, UNREACHABLE, texts::HANDED_OFF_UNREACHABLE).await?;
            Problem::unavailable(NOT_REACHABLE)
        }
        ActionError::Unclear => {
            hand_over(desk, id, UNCLEAR, texts::HANDED_OFF_UNCLEAR).await?;
            Problem::unavailable(
                "The academy's system did not answer, so it is not sure whether this was done. Trying again does no harm.",
            )
        }
    })
}

/// Puts the case into the queue, unless a person is on the way already. Of what was answered nothing goes with it.
async fn hand_over(desk: &Desk, id: ConversationId, reason: &str, announcement: &str) -> Result<(), Problem> {
    let messages = desk.store.messages_after(id, 0, ALL_MESSAGES).await?;
    let last = messages.iter().rfind(|message| message.author == Author::Student).map(|message| message.text.as_str());
    let new = ticket::without_reading(last, reason, desk.ids.as_ref());
    let handed = desk.store.student_hand_off(id, &new, announcement, desk.clock.now()).await?;
    if handed.message.is_some() {
        counter!("porter_handoffs_total", "by" => "card").increment(1);
    }
    desk.live.ticket_changed(handed.ticket);
    desk.live.tell(id, ConversationEvent::Changed);
    Ok(())
}
